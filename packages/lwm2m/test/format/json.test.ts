import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { utf8Decode, utf8Encode } from '@dunlin/base';
import {
  AccessControl,
  type Content,
  decodeTimestampedContent,
  Device,
  encodeContent,
  encodeTimestampedContent,
  FirmwareUpdate,
  type FormatFailure,
  Location,
  type ObjectDefinition,
  Server,
  type TimestampedContent,
  unixTimeOf,
} from '@dunlin/lwm2m';
import {
  definitionOf,
  instanceOf,
  multiple,
  multipleOf,
  objectOf,
  single,
  singleOf,
} from '../support/contents.ts';
import {
  at,
  fromJson,
  jsonFormat,
  present,
  problemOf,
  succeeded,
  tlvFormat,
  toJson,
} from '../support/payloads.ts';
import { referenceContent, referenceDefinition, referenceDevice } from '../support/reference-device.ts';

const deviceJson =
  '{"bn":"/3/0/","e":[{"n":"0","sv":"Open Mobile Alliance"},{"n":"1","sv":"Lightweight M2M Client"},' +
  '{"n":"2","sv":"345000123"},{"n":"3","sv":"1.0"},{"n":"6/0","v":1},{"n":"6/1","v":5},{"n":"7/0","v":3800},' +
  '{"n":"7/1","v":5000},{"n":"8/0","v":125},{"n":"8/1","v":900},{"n":"9","v":100},{"n":"10","v":15},' +
  '{"n":"11/0","v":0},{"n":"13","v":1367491215},{"n":"14","sv":"+02:00"},{"n":"16","sv":"U"}]}';
const deviceInstance = referenceContent({ kind: 'object-instance', objectId: 3, objectInstanceId: 0 });

const links = definitionOf(65, { 0: 'objlnk[]', 1: 'string', 2: 'integer' });
const gauges = definitionOf(72, { 0: 'string', 1: 'float[]', 2: 'integer' });

function assertJson(path: string, text: string, content: Content, definition?: ObjectDefinition): void {
  assert.equal(toJson(path, content), text);
  assert.deepEqual(fromJson(path, text, definition), content);
}

function timestamped(
  path: string,
  text: string,
  definition?: ObjectDefinition,
): readonly TimestampedContent[] | FormatFailure {
  return decodeTimestampedContent(jsonFormat, at(path), utf8Encode(text), definition);
}

function gauge(value: number): Content {
  return objectOf({ 1: { 2: single('float', value) } });
}

function altitude(value: number): Content {
  return singleOf('float', value);
}

function history(...contents: TimestampedContent[]): Uint8Array | FormatFailure {
  return encodeTimestampedContent(jsonFormat, at('/6/0/2'), contents);
}

function historyJson(contents: readonly TimestampedContent[]): string {
  return present(utf8Decode(succeeded(history(...contents))));
}

describe('OMA JSON: examples (R-1136)', () => {
  test('has the Read of /3/0 of the reference device, 390 bytes', () => {
    assert.equal(deviceJson.length, 390);
    assertJson('/3/0', deviceJson, deviceInstance, Device.definition);
  });

  test('has the history of a Resource Instance, newest first, whatever the order of the keys (R-1134)', () => {
    const text =
      '{"bn":"/72/","e":[{"n":"1/2","v":22.4,"t":-5},{"n":"1/2","v":22.9,"t":-30},{"n":"1/2","v":24.1,"t":-50}],"bt":25462634}';
    assert.deepEqual(timestamped('/72', text), [
      { time: 25462629, content: gauge(22.4) },
      { time: 25462604, content: gauge(22.9) },
      { time: 25462584, content: gauge(24.1) },
    ]);
    const instances =
      '{"bn":"/72/0/","e":[{"n":"1/2","v":22.4,"t":-5},{"n":"1/2","v":24.1,"t":-50}],"bt":25462634}';
    assert.deepEqual(timestamped('/72/0/1', instances, gauges), [
      { time: 25462629, content: multipleOf('float', { 2: 22.4 }) },
      { time: 25462584, content: multipleOf('float', { 2: 24.1 }) },
    ]);
  });

  test('has links, and passes over the instances that they reach (R-1133)', () => {
    const text =
      '{"bn":"/","e":[{"n":"65/0/0/0","ov":"66:0"},{"n":"65/0/0/1","ov":"66:1"},{"n":"65/0/1","sv":"8613800755500"},' +
      '{"n":"65/0/2","v":1},{"n":"66/0/0","sv":"myService1"},{"n":"66/0/2","ov":"67:0"},{"n":"66/1/0","sv":"myService2"},' +
      '{"n":"66/1/2","ov":"FFFF:FFFF"},{"n":"67/0/0","sv":"far"}]}';
    const resources = {
      0: multiple('objlnk', {
        0: { objectId: 66, objectInstanceId: 0 },
        1: { objectId: 66, objectInstanceId: 1 },
      }),
      1: single('string', '8613800755500'),
      2: single('integer', 1),
    };
    assert.deepEqual(fromJson('/65/0', text, links), instanceOf(resources));
    assert.deepEqual(fromJson('/65', text, links), objectOf({ 0: resources }));
    assert.deepEqual(fromJson('/65', text), objectOf({ 0: resources }));
  });

  test('has the set of values of ETS 220', () => {
    const text =
      '{"bn":"/1/0/","e":[{"n":"2","v":101},{"n":"3","v":1010},{"n":"5","v":2000},{"n":"6","bv":true},{"n":"7","sv":"U"}]}';
    const content = instanceOf({
      2: single('integer', 101),
      3: single('integer', 1010),
      5: single('integer', 2000),
      6: single('boolean', true),
      7: single('string', 'U'),
    });
    assertJson('/1/0', text, content, Server.definition);
  });

  test('refuses the array and the leading zero that ETS 220 prints', () => {
    assert.equal(
      problemOf(fromJson('/1/0', '[{"bn":"/1/0/","n":"2","v":101}]', Server.definition)),
      'malformed',
    );
    assert.equal(
      problemOf(fromJson('/1/0', '{"bn":"/1/0/","e":[{"n":"2","v":0101}]}', Server.definition)),
      'malformed',
    );
  });

  test('carries every instance of the reference device (1.0 Appendix F)', () => {
    for (const objectId of referenceDevice.keys()) {
      const path = { kind: 'object', objectId } as const;
      const payload = succeeded(encodeContent(jsonFormat, path, referenceContent(path)));
      assert.deepEqual(
        succeeded(decodeTimestampedContent(jsonFormat, path, payload, referenceDefinition(objectId))),
        [{ content: referenceContent(path) }],
      );
    }
  });
});

describe('OMA JSON: names', () => {
  test('adds base name and name without a slash of its own (R-1130)', () => {
    const content = multipleOf('integer', { 1: 5 });
    for (const [bn, n] of [
      ['/3/0/', '6/1'],
      ['/3/0/6/', '1'],
      ['/3', '/0/6/1'],
      ['/', '3/0/6/1'],
      ['/3/0/6/1', ''],
      ['', '/3/0/6/1'],
    ]) {
      assert.deepEqual(
        fromJson('/3/0/6', JSON.stringify({ bn, e: [{ n, v: 5 }] }), Device.definition),
        content,
        `${bn} ${n}`,
      );
    }
  });

  test('takes the base name as the path when there is no name, and the name when there is no base (R-1130)', () => {
    const content = singleOf('string', 'ACME');
    assertJson('/3/0/0', '{"bn":"/3/0/0","e":[{"sv":"ACME"}]}', content, Device.definition);
    assert.deepEqual(fromJson('/3/0/0', '{"e":[{"n":"/3/0/0","sv":"ACME"}]}', Device.definition), content);
    assert.deepEqual(fromJson('/3/0/0', '{"bn":"/3/0/0/","e":[{"sv":"ACME"}]}', Device.definition), content);
    assert.deepEqual(fromJson('/3/0/0', '{"e":[{"sv":"ACME"}]}', Device.definition), content);
  });

  test('takes a name without base and slash as relative to the path of the request (R-1132)', () => {
    assert.deepEqual(
      fromJson('/3/0', '{"e":[{"n":"9","v":5}]}', Device.definition),
      instanceOf({ 9: single('integer', 5) }),
    );
    assert.deepEqual(
      fromJson('/3', '{"e":[{"n":"0/9","v":5}]}', Device.definition),
      objectOf({ 0: { 9: single('integer', 5) } }),
    );
    assert.deepEqual(
      fromJson('/3/0/6', '{"e":[{"n":"1","v":5}]}', Device.definition),
      multipleOf('integer', { 1: 5 }),
    );
  });

  test('puts in the slash that a base name of a path lacks (R-1132)', () => {
    assert.deepEqual(
      fromJson('/3/0', '{"bn":"/3/0","e":[{"n":"9","v":5}]}', Device.definition),
      instanceOf({ 9: single('integer', 5) }),
    );
    assert.deepEqual(
      fromJson('/3', '{"bn":"/3","e":[{"n":"0/9","v":5}]}', Device.definition),
      objectOf({ 0: { 9: single('integer', 5) } }),
    );
    assert.deepEqual(
      fromJson('/3/0/6', '{"bn":"/3/0/6","e":[{"n":"1","v":5}]}', Device.definition),
      multipleOf('integer', { 1: 5 }),
    );
  });

  test('takes each entry as a Resource or a Resource Instance (R-1131)', () => {
    for (const n of ['', '0', '0/9/1/1', '0/09', '0/x', '0//9', '0/70000', ' 0/9']) {
      const outcome = fromJson(
        '/3',
        JSON.stringify({
          bn: '/3/',
          e: [
            { n: '0/16', sv: 'U' },
            { n, v: 5 },
          ],
        }),
        Device.definition,
      );
      assert.equal(problemOf(outcome), 'malformed', n);
    }
    assert.equal(problemOf(fromJson('/3/0', '{"bn":"/3/0","e":[{"v":5}]}', Device.definition)), 'malformed');
  });

  test('refuses entries elsewhere than below the path, unless links reach them (R-447, R-1133)', () => {
    for (const [path, n] of [
      ['/3/0', '/3/1/9'],
      ['/3/0/9', '/3/0/10'],
      ['/3', '/4/0/0'],
      ['/3/0/6/0', '/3/0/6/1'],
    ] as const) {
      assert.equal(
        problemOf(fromJson(path, JSON.stringify({ e: [{ n, v: 5 }] }), undefined)),
        'malformed',
        path,
      );
    }
    const unlinked = '{"bn":"/","e":[{"n":"65/0/0/0","ov":"66:0"},{"n":"66/1/0","sv":"other"}]}';
    assert.equal(problemOf(fromJson('/65/0', unlinked, links)), 'malformed');
  });

  test('reads the instance to be created with its id, or without (R-471)', () => {
    const text = '{"bn":"/2/","e":[{"n":"0","v":5},{"n":"2/101","v":16}]}';
    const open = instanceOf({ 0: single('integer', 5), 2: multiple('integer', { 101: 16 }) });
    assertJson('/2', text, open, AccessControl.definition);
    const named = '{"bn":"/2/","e":[{"n":"4/0","v":5},{"n":"4/2/101","v":16}]}';
    const content = objectOf({ 4: { 0: single('integer', 5), 2: multiple('integer', { 101: 16 }) } });
    assertJson('/2', named, content, AccessControl.definition);
    assert.equal(
      problemOf(fromJson('/2', '{"bn":"/2/","e":[{"n":"0","v":5},{"n":"4/2/101","v":16}]}')),
      'malformed',
    );
  });

  test('does not write Multiple Resources alone for an instance without id: they would read as instances', () => {
    const content = instanceOf({ 2: multiple('integer', { 101: 16 }) });
    assert.equal(problemOf(encodeContent(jsonFormat, at('/2'), content)), 'not-expressible');
  });
});

describe('OMA JSON: values', () => {
  const all = definitionOf(1000, {
    1: 'integer',
    2: 'unsigned-integer',
    3: 'float',
    4: 'time',
    5: 'string',
    6: 'opaque',
    7: 'boolean',
    8: 'objlnk',
    9: 'corelnk',
    10: 'none',
  });

  test('carries each type under its key, 64 bits exactly (R-1135)', () => {
    const text =
      '{"bn":"/1000/0/","e":[{"n":"1","v":-9223372036854775808},{"n":"2","v":18446744073709551615},{"n":"3","v":0.0000001},' +
      '{"n":"4","v":9007199254740993},{"n":"5","sv":"\\"\\\\\\n🦆"},{"n":"6","sv":"AQIDBAU="},{"n":"7","bv":false},' +
      '{"n":"8","ov":"65535:65535"},{"n":"9","sv":"</3/0>"}]}';
    const content = instanceOf({
      1: single('integer', -(2n ** 63n)),
      2: single('unsigned-integer', 2n ** 64n - 1n),
      3: single('float', 1e-7),
      4: single('time', 2n ** 53n + 1n),
      5: single('string', '"\\\n🦆'),
      6: single('opaque', Uint8Array.of(1, 2, 3, 4, 5)),
      7: single('boolean', false),
      8: single('objlnk', { objectId: 65535, objectInstanceId: 65535 }),
      9: single('corelnk', '</3/0>'),
    });
    assertJson('/1000/0', text, content, all);
  });

  test('reads numbers in other forms: integers with fraction 0 or exponent, floats that are whole', () => {
    const text =
      '{"bn":"/1000/0/","e":[{"n":"1","v":9007199254740993.0},{"n":"4","v":1.5e3},{"n":"3","v":9007199254740992}]}';
    const content = instanceOf({
      1: single('integer', 2n ** 53n + 1n),
      3: single('float', 2 ** 53),
      4: single('time', 1500),
    });
    assert.deepEqual(fromJson('/1000/0', text, all), content);
  });

  test('reads a link under sv, where Leshan puts it, when the definition says that it is one', () => {
    const text = '{"bn":"/1000/0/","e":[{"n":"8","sv":"66:0"}]}';
    const link = single('objlnk', { objectId: 66, objectInstanceId: 0 });
    assert.deepEqual(fromJson('/1000/0', text, all), instanceOf({ 8: link }));
    assert.deepEqual(fromJson('/1000/0', text), instanceOf({ 8: single('string', '66:0') }));
  });

  test('refuses values that are not of the type that the definition says', () => {
    const wrong = [
      ['1', '"v":1.5'],
      ['1', '"v":"1"'],
      ['1', '"v":9223372036854775808'],
      ['1', '"sv":"1"'],
      ['2', '"v":-1'],
      ['3', '"v":null'],
      ['3', '"v":1e999'],
      ['4', '"v":1e30'],
      ['5', '"v":1'],
      ['5', '"sv":1'],
      ['5', '"sv":"\\ud800"'],
      ['6', '"sv":"AQIDBAU"'],
      ['7', '"bv":1'],
      ['7', '"v":1'],
      ['7', '"bv":"true"'],
      ['8', '"ov":"66"'],
      ['8', '"sv":"66"'],
      ['5', '"ov":"66:0"'],
      ['1', '"v":1,"sv":"1"'],
      ['1', '"t":0'],
      ['1', '"v":1,"t":"0"'],
      ['1', '"v":1,"v":1'],
    ];
    for (const [name, members] of wrong) {
      const text = `{"bn":"/1000/0/","e":[{"n":"${name}",${members}}]}`;
      assert.equal(problemOf(fromJson('/1000/0', text, all)), 'malformed', text);
    }
  });

  test('reads Resources without definition, and executable ones, as their keys say', () => {
    const text =
      '{"bn":"/1000/0/","e":[{"n":"10","v":1},{"n":"11","v":1.5},{"n":"12","sv":"AQ=="},{"n":"13","bv":true},{"n":"14","ov":"3:0"},' +
      '{"n":"15/0","v":1},{"n":"15/1","v":1.5},{"n":"16","v":18446744073709551615},{"n":"17","v":1e30},{"n":"18/0","v":2},{"n":"18/1","v":3}]}';
    const content = instanceOf({
      10: single('integer', 1),
      11: single('float', 1.5),
      12: single('string', 'AQ=='),
      13: single('boolean', true),
      14: single('objlnk', { objectId: 3, objectInstanceId: 0 }),
      15: multiple('float', { 0: 1, 1: 1.5 }),
      16: single('unsigned-integer', 2n ** 64n - 1n),
      17: single('float', 1e30),
      18: multiple('integer', { 0: 2, 1: 3 }),
    });
    assert.deepEqual(fromJson('/1000/0', text, all), content);
    const mixed = '{"bn":"/1000/0/","e":[{"n":"15/0","v":1},{"n":"15/1","sv":"1"}]}';
    assert.equal(problemOf(fromJson('/1000/0', mixed, all)), 'malformed');
  });

  test('refuses a Multiple Resource where the definition has a Single one, and the other way round (R-447)', () => {
    assert.equal(
      problemOf(fromJson('/3/0', '{"bn":"/3/0/","e":[{"n":"9/0","v":1}]}', Device.definition)),
      'malformed',
    );
    assert.equal(
      problemOf(fromJson('/3/0', '{"bn":"/3/0/","e":[{"n":"6","v":1}]}', Device.definition)),
      'malformed',
    );
    assert.equal(
      problemOf(fromJson('/9/0', '{"bn":"/9/0/","e":[{"n":"6","v":1},{"n":"6/0","v":1}]}')),
      'malformed',
    );
  });

  test('refuses a path that comes twice, and the id 65535 for an Object Instance (R-110)', () => {
    assert.equal(
      problemOf(fromJson('/3/0', '{"bn":"/3/0/","e":[{"n":"9","v":1},{"n":"9","v":1}]}', Device.definition)),
      'malformed',
    );
    assert.equal(
      problemOf(fromJson('/3', '{"bn":"/3/","e":[{"n":"65535/9","v":1}]}', Device.definition)),
      'malformed',
    );
    assert.equal(problemOf(encodeContent(jsonFormat, at('/3'), objectOf({ 65535: {} }))), 'not-expressible');
  });

  test('does not write values that JSON has no form for, or that do not fit their type', () => {
    assert.equal(
      problemOf(encodeContent(jsonFormat, at('/6/0/2'), singleOf('float', Number.NaN))),
      'not-expressible',
    );
    assert.equal(
      problemOf(encodeContent(jsonFormat, at('/6/0/2'), singleOf('float', Infinity))),
      'not-expressible',
    );
    assert.equal(
      problemOf(encodeContent(jsonFormat, at('/6/0'), instanceOf({ 2: single('float', '1') }))),
      'not-expressible',
    );
    assert.equal(problemOf(encodeContent(jsonFormat, at('/6/0'), objectOf({}))), 'not-expressible');
  });
});

describe('OMA JSON: empty and malformed payloads', () => {
  test('tolerates an empty array as an Object, Object Instance or Multiple Resource without content', () => {
    assertJson('/5', '{"bn":"/5/","e":[]}', objectOf({}), FirmwareUpdate.definition);
    assertJson('/3/0', '{"bn":"/3/0/","e":[]}', instanceOf({}), Device.definition);
    assertJson('/3/0/6', '{"bn":"/3/0/6/","e":[]}', multipleOf('integer', {}), Device.definition);
    assert.deepEqual(fromJson('/3/0/99', '{"e":[]}', Device.definition), multipleOf('string', {}));
    assert.equal(problemOf(fromJson('/3/0/9', '{"e":[]}', Device.definition)), 'malformed');
    assert.equal(problemOf(fromJson('/3/0/6/0', '{"e":[]}', Device.definition)), 'malformed');
  });

  test('leaves out what has no value: an instance without Resources, a Multiple Resource without instances', () => {
    assert.equal(toJson('/3', objectOf({ 0: {} })), '{"bn":"/3/","e":[]}');
    const content = instanceOf({ 6: multiple('integer', {}), 9: single('integer', 1) });
    assert.equal(toJson('/3/0', content), '{"bn":"/3/0/","e":[{"n":"9","v":1}]}');
  });

  test('passes over keys that the format does not have', () => {
    const text = '{"ver":2,"bn":"/3/0/","bu":"A","e":[{"u":"%","n":"9","v":5}]}';
    assert.deepEqual(fromJson('/3/0', text, Device.definition), instanceOf({ 9: single('integer', 5) }));
  });

  test('refuses what is not an object with an array e of objects', () => {
    for (const text of [
      '',
      'null',
      '5',
      '[]',
      '{}',
      '{"e":{}}',
      '{"e":[5]}',
      '{"e":[null]}',
      '{"e":[[]]}',
      '{"bn":5,"e":[]}',
      '{"bt":"0","e":[]}',
      '{"e":[{"n":9,"v":1}]}',
      '{"e":[],"e":[]}',
      '{"e":[]} x',
      '{"e":[',
    ]) {
      assert.equal(problemOf(fromJson('/3/0', text, Device.definition)), 'malformed', text);
    }
    const outcome = decodeTimestampedContent(jsonFormat, at('/3/0'), Uint8Array.of(0xff), Device.definition);
    assert.equal(problemOf(outcome), 'malformed');
  });

  test('never takes a document that looks like one of our failures for one', () => {
    const outcome = fromJson(
      '/3/0',
      '{"kind":"failure","problem":"unsupported-format","reason":"x","e":[]}',
      Device.definition,
    );
    assert.deepEqual(outcome, instanceOf({}));
  });
});

describe('OMA JSON: times (R-1134)', () => {
  test('adds base time and time; Unix time when positive, relative to now when negative, now when missing', () => {
    const text = '{"bn":"/6/0/2","bt":1700000000,"e":[{"v":1},{"v":2,"t":-0.25},{"v":3,"t":7.5}]}';
    assert.deepEqual(timestamped('/6/0/2', text, Location.definition), [
      { time: 1700000007.5, content: altitude(3) },
      { time: 1700000000, content: altitude(1) },
      { time: 1699999999.75, content: altitude(2) },
    ]);
    const relative = '{"bn":"/6/0/2","bt":-10,"e":[{"v":1,"t":-5},{"v":2,"t":10}]}';
    assert.deepEqual(timestamped('/6/0/2', relative, Location.definition), [
      { content: altitude(2) },
      { time: -15, content: altitude(1) },
    ]);
    const own = '{"bn":"/6/0/2","e":[{"v":1,"t":1700000000.125}]}';
    assert.deepEqual(timestamped('/6/0/2', own, Location.definition), [
      { time: 1700000000.125, content: altitude(1) },
    ]);
    assert.equal(
      problemOf(timestamped('/6/0/2', '{"bn":"/6/0/2","bt":5,"e":[{"v":1,"t":-6}]}')),
      'malformed',
    );
  });

  test('gathers the values of one time into one content', () => {
    const text =
      '{"bn":"/6/0/","bt":100,"e":[{"n":"0","v":1,"t":-1},{"n":"0","v":2},{"n":"1","v":3},{"n":"1","v":4,"t":-1}]}';
    assert.deepEqual(timestamped('/6/0', text, Location.definition), [
      { time: 100, content: instanceOf({ 0: single('float', 2), 1: single('float', 3) }) },
      { time: 99, content: instanceOf({ 0: single('float', 1), 1: single('float', 4) }) },
    ]);
  });

  test('is content for a Read when there is one time, and not when there are more', () => {
    assert.deepEqual(
      fromJson('/6/0/2', '{"bn":"/6/0/2","bt":100,"e":[{"v":1}]}', Location.definition),
      altitude(1),
    );
    const two = '{"bn":"/6/0/2","bt":100,"e":[{"v":1},{"v":2,"t":-1}]}';
    assert.equal(problemOf(fromJson('/6/0/2', two, Location.definition)), 'malformed');
  });

  test('writes a history with the newest time as its base', () => {
    const unix = [
      { time: 1700000000.3, content: altitude(1) },
      { time: 1700000000.1, content: altitude(2) },
    ];
    assert.equal(historyJson(unix), '{"bn":"/6/0/2","bt":1700000000.3,"e":[{"v":1},{"v":2,"t":-0.2}]}');
    assert.deepEqual(timestamped('/6/0/2', historyJson(unix), Location.definition), unix);
    const relative = [{ content: altitude(1) }, { time: -2.5, content: altitude(2) }];
    assert.equal(historyJson(relative), '{"bn":"/6/0/2","e":[{"v":1},{"v":2,"t":-2.5}]}');
  });

  test('does not write a history that could not be read again', () => {
    const one = altitude(1);
    assert.equal(problemOf(history()), 'not-expressible');
    assert.equal(problemOf(history({ content: one }, { time: 1700000000, content: one })), 'not-expressible');
    assert.equal(problemOf(history({ time: 5, content: one }, { time: 5, content: one })), 'not-expressible');
    assert.equal(problemOf(history({ time: Number.NaN, content: one })), 'not-expressible');
    const many = multipleOf('float', { 0: 1 });
    assert.equal(
      problemOf(history({ time: 5, content: one }, { time: 4, content: many })),
      'not-expressible',
    );
  });

  test('has one content in the other formats, which know no time', () => {
    const content = altitude(1);
    const path = at('/6/0/2');
    const payload = succeeded(encodeTimestampedContent(tlvFormat, path, [{ time: 5, content }]));
    assert.deepEqual(decodeTimestampedContent(tlvFormat, path, payload, Location.definition), [{ content }]);
    assert.equal(
      problemOf(encodeTimestampedContent(tlvFormat, path, [{ time: 5, content }, { content }])),
      'not-expressible',
    );
    assert.equal(problemOf(encodeTimestampedContent(tlvFormat, path, [])), 'not-expressible');
  });

  test('becomes Unix time with the help of the time now', () => {
    assert.equal(unixTimeOf({ time: 1700000000.5, content: altitude(1) }, 1800000000), 1700000000.5);
    assert.equal(unixTimeOf({ time: -5, content: altitude(1) }, 1800000000), 1799999995);
    assert.equal(unixTimeOf({ content: altitude(1) }, 1800000000), 1800000000);
  });
});
