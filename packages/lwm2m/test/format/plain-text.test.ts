import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { noBytes, utf8Decode, utf8Encode } from '@dunlin/base';
import {
  type Content,
  decodeContent,
  type DataType,
  Device,
  encodeContent,
  FirmwareUpdate,
  formatDecimal,
  formatValueText,
  parseDecimal,
  parseValueText,
  Server,
  type Value,
} from '@dunlin/lwm2m';
import { instanceOf, multipleOf, objectOf, singleOf } from '../support/contents.ts';
import { at, opaqueFormat, problemOf, succeeded, textFormat } from '../support/payloads.ts';

/** Text and value that stand for each other. */
const canonical: readonly (readonly [DataType, string, Value])[] = [
  ['string', '', ''],
  ['string', ' Züri 🦆 ', ' Züri 🦆 '],
  ['corelnk', '</3/0>', '</3/0>'],
  ['integer', '-750', -750],
  ['integer', '0', 0],
  ['integer', '9007199254740991', 9007199254740991],
  ['integer', '9007199254740992', 9007199254740992n],
  ['integer', '9223372036854775807', 9223372036854775807n],
  ['integer', '-9223372036854775808', -9223372036854775808n],
  ['unsigned-integer', '18446744073709551615', 18446744073709551615n],
  ['time', '1476186613', 1476186613],
  ['time', '-1', -1],
  ['float', '22.5', 22.5],
  ['float', '-0.5', -0.5],
  ['float', '0.00000000006667', 6.667e-11],
  ['float', '-0', -0],
  ['float', '20', 20],
  ['boolean', '0', false],
  ['boolean', '1', true],
  ['opaque', '', noBytes],
  ['opaque', 'AQIDBAU=', Uint8Array.of(1, 2, 3, 4, 5)],
  ['objlnk', '66:0', { objectId: 66, objectInstanceId: 0 }],
  ['objlnk', '65535:65535', { objectId: 65535, objectInstanceId: 65535 }],
];

/** Texts that are understood and never written. */
const tolerated: readonly (readonly [DataType, string, Value])[] = [
  ['integer', '0101', 101],
  ['integer', '-007', -7],
  ['integer', '0000', 0],
  ['integer', '-0', 0],
  ['integer', `${'0'.repeat(40)}9223372036854775807`, 9223372036854775807n],
  ['float', '6.667e-11', 6.667e-11],
  ['float', '1E3', 1000],
  ['float', '2.50', 2.5],
  ['float', '007.5', 7.5],
  ['float', '.5', 0.5],
  ['float', '5.', 5],
  ['objlnk', 'FFFF:FFFF', { objectId: 65535, objectInstanceId: 65535 }],
  ['objlnk', 'ffff:ffff', { objectId: 65535, objectInstanceId: 65535 }],
];

const refused: Readonly<Partial<Record<DataType, readonly string[]>>> = {
  integer: [
    '',
    ' ',
    ' 1',
    '1 ',
    '1\n',
    '+1',
    '--1',
    '-',
    '1.0',
    '1e3',
    '0x10',
    '1_000',
    '١',
    '9223372036854775808',
    '-9223372036854775809',
    '9'.repeat(100),
  ],
  'unsigned-integer': ['', '-1', '18446744073709551616'],
  time: ['', '2016-10-11T11:50:13Z', '1476186613.5'],
  float: [
    '',
    ' ',
    '1 ',
    '+1',
    '.',
    '-',
    '-.',
    '1e',
    'e5',
    '1e999',
    '-1e999',
    'NaN',
    'Infinity',
    '-Infinity',
    '0x1',
    '1,5',
  ],
  boolean: ['', 'true', 'false', '2', '01', ' 1'],
  opaque: ['AQIDBAU', 'AQIDBAV=', 'A', 'AQ ID', 'AQ-_', 'AQID\n'],
  objlnk: ['', '66', '66:', ':0', '66:0:1', '65536:0', '0:65536', '-1:0', '66 : 0', 'FFFF:0', '0x42:0'],
  none: ['', '0'],
};

function decode(path: string, text: string): unknown {
  return decodeContent(textFormat, at(path), utf8Encode(text), Server.definition);
}

function encode(path: string, content: Content): unknown {
  const payload = encodeContent(textFormat, at(path), content);
  return payload instanceof Uint8Array ? utf8Decode(payload) : payload;
}

describe('Plain text of values (1.0 §6.4.1, Appendix C)', () => {
  test('stands for values of every type, both ways (R-130, R-131)', () => {
    for (const [type, text, value] of canonical) {
      assert.deepEqual(parseValueText(type, text), value, `${type} ${text}`);
      assert.equal(formatValueText(type, value), text, `${type} ${text}`);
    }
  });

  test('accepts leading zeros, exponents and the null link of hexadecimal digits (R-132, R-134)', () => {
    for (const [type, text, value] of tolerated)
      assert.deepEqual(parseValueText(type, text), value, `${type} ${text}`);
  });

  test('refuses blanks, empty numbers and everything else that is not of the type (R-132, R-1140)', () => {
    for (const [type, texts] of Object.entries(refused)) {
      for (const text of texts) {
        assert.equal(
          problemOf(parseValueText(type as DataType, text)),
          'malformed',
          `${type} ${JSON.stringify(text)}`,
        );
      }
    }
  });

  test('writes floats without exponent, with the digits that give the same float again (R-132)', () => {
    const texts = new Map([
      [1e21, '1000000000000000000000'],
      [1.5e-7, '0.00000015'],
      [-1.25e22, '-12500000000000000000000'],
      [123456789.123, '123456789.123'],
      [Number.MIN_VALUE, `0.${'0'.repeat(323)}5`],
      [Number.MAX_VALUE, `17976931348623157${'0'.repeat(292)}`],
    ]);
    for (const [value, text] of texts) {
      assert.equal(formatDecimal(value), text);
      assert.equal(parseDecimal(text), value);
    }
    for (const value of [Number.NaN, Infinity, -Infinity]) assert.equal(formatDecimal(value), undefined);
  });

  test('needs time in proportion to the length of the text only', () => {
    const zeros = '0'.repeat(300_000);
    assert.equal(problemOf(parseValueText('integer', `${zeros}x`)), 'malformed');
    assert.equal(problemOf(parseValueText('float', `${zeros}x`)), 'malformed');
    assert.equal(parseValueText('integer', zeros), 0);
  });
});

describe('Content-Format 0: text/plain', () => {
  test('carries a Resource with one value (R-423)', () => {
    assert.deepEqual(decode('/1/0/1', '86400'), singleOf('integer', 86400));
    assert.equal(encode('/1/0/1', singleOf('integer', 86400)), '86400');
    assert.deepEqual(decode('/1/0/6', '1'), singleOf('boolean', true));
    assert.equal(encode('/1/0/7', singleOf('string', 'UQ')), 'UQ');
  });

  test('carries the values of ETS 205 (0101, 1010, 2000)', () => {
    assert.deepEqual(decode('/1/0/2', '0101'), singleOf('integer', 101));
    assert.deepEqual(decode('/1/0/3', '1010'), singleOf('integer', 1010));
    assert.deepEqual(decode('/1/0/5', '2000'), singleOf('integer', 2000));
  });

  test('reads a Resource without definition, and an executable one, as a string', () => {
    assert.deepEqual(decode('/1/0/99', '5'), singleOf('string', '5'));
    assert.deepEqual(decode('/1/0/8', '5'), singleOf('string', '5'));
    assert.deepEqual(decode('/4711/0/1', '5'), singleOf('string', '5'));
  });

  test('cannot carry an Object, an Object Instance or a Multiple Resource (R-423)', () => {
    for (const [path, content] of [
      ['/1', objectOf({})],
      ['/1/0', instanceOf({})],
      ['/3/0/6', multipleOf('integer', { 0: 1 })],
    ] as const) {
      assert.equal(problemOf(encode(path, content)), 'not-expressible', path);
      const payload = utf8Encode('1');
      assert.equal(
        problemOf(decodeContent(textFormat, at(path), payload, Device.definition)),
        'not-expressible',
        path,
      );
    }
    assert.equal(problemOf(decode('/', '1')), 'not-expressible');
  });

  test('carries a Resource Instance', () => {
    const content: Content = { kind: 'resource-instance', type: 'integer', value: 5 };
    assert.equal(encode('/3/0/6/1', content), '5');
    assert.deepEqual(decodeContent(textFormat, at('/3/0/6/1'), utf8Encode('5'), Device.definition), content);
  });

  test('is UTF-8 without terminator, and refused otherwise (R-1140)', () => {
    const path = at('/1/0/7');
    assert.equal(
      problemOf(decodeContent(textFormat, path, Uint8Array.of(0xc3, 0x28), Server.definition)),
      'malformed',
    );
    assert.deepEqual(
      succeeded(encodeContent(textFormat, path, singleOf('string', 'ü'))),
      Uint8Array.of(0xc3, 0xbc),
    );
  });

  test('has no text for floats that are not finite, nor for values that do not fit', () => {
    assert.equal(problemOf(encode('/6/0/2', singleOf('float', Number.NaN))), 'not-expressible');
    assert.equal(problemOf(encode('/6/0/2', singleOf('float', Infinity))), 'not-expressible');
    assert.equal(problemOf(encode('/6/0/2', singleOf('float', '1'))), 'not-expressible');
  });

  test('carries an opaque as Base64, where format 42 has the bytes (R-133)', () => {
    const path = at('/5/0/0');
    const content = singleOf('opaque', Uint8Array.of(1, 2, 3, 4, 5));
    assert.equal(encode('/5/0/0', content), 'AQIDBAU=');
    assert.deepEqual(
      decodeContent(textFormat, path, utf8Encode('AQIDBAU='), FirmwareUpdate.definition),
      content,
    );
    assert.deepEqual(succeeded(encodeContent(opaqueFormat, path, content)), Uint8Array.of(1, 2, 3, 4, 5));
    assert.deepEqual(
      decodeContent(opaqueFormat, path, Uint8Array.of(1, 2, 3, 4, 5), FirmwareUpdate.definition),
      content,
    );
  });
});

describe('Content-Format 42: application/octet-stream', () => {
  test('carries the bytes of an opaque Resource, also none and one of 00 (R-1053)', () => {
    for (const bytes of [noBytes, Uint8Array.of(0), new Uint8Array(5000).fill(7)]) {
      const content = singleOf('opaque', bytes);
      assert.deepEqual(succeeded(encodeContent(opaqueFormat, at('/5/0/0'), content)), bytes);
      assert.deepEqual(decodeContent(opaqueFormat, at('/5/0/0'), bytes, FirmwareUpdate.definition), content);
    }
  });

  test('carries nothing but opaques (R-1141)', () => {
    assert.equal(
      problemOf(encodeContent(opaqueFormat, at('/3/0/0'), singleOf('string', 'a'))),
      'not-expressible',
    );
    assert.equal(
      problemOf(decodeContent(opaqueFormat, at('/3/0/0'), Uint8Array.of(1), Device.definition)),
      'not-expressible',
    );
  });

  test('cannot carry an Object, an Object Instance or a Multiple Resource (R-423)', () => {
    for (const [path, content] of [
      ['/5', objectOf({})],
      ['/5/0', instanceOf({})],
      ['/3/0/6', multipleOf('opaque', {})],
    ] as const) {
      assert.equal(problemOf(encodeContent(opaqueFormat, at(path), content)), 'not-expressible', path);
      assert.equal(
        problemOf(decodeContent(opaqueFormat, at(path), noBytes, Device.definition)),
        'not-expressible',
        path,
      );
    }
  });

  test('reads a Resource without definition as opaque', () => {
    assert.deepEqual(
      decodeContent(opaqueFormat, at('/4711/0/1'), Uint8Array.of(1), undefined),
      singleOf('opaque', Uint8Array.of(1)),
    );
  });

  test('gives bytes that outlive the payload', () => {
    const payload = Uint8Array.of(1, 2);
    const content = decodeContent(opaqueFormat, at('/5/0/0'), payload, FirmwareUpdate.definition);
    payload.fill(0);
    assert.deepEqual(content, singleOf('opaque', Uint8Array.of(1, 2)));
  });
});
