import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { hexEncode, noBytes } from '@dunlin/base';
import {
  AccessControl,
  type Content,
  decodeContent,
  Device,
  encodeContent,
  FirmwareUpdate,
  formatLimitsDefaults,
  Location,
  type ObjectDefinition,
  Security,
  Server,
  type Value,
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
  assertTlv,
  at,
  bytesOf,
  fromTlv,
  problemOf,
  succeeded,
  textFormat,
  tlvFormat,
} from '../support/payloads.ts';
import { referenceContent, referenceDefinition, referenceDevice } from '../support/reference-device.ts';

const links = definitionOf(65, { 0: 'objlnk[]', 1: 'string', 2: 'integer' });
const services = definitionOf(66, { 0: 'string', 1: 'string', 2: 'objlnk' });
const sensor = definitionOf(3303, { 256: 'integer', 5700: 'float' });
const portfolio = definitionOf(16, { 0: 'string[]' });

interface Example {
  readonly name: string;
  readonly path: string;
  readonly payload: string;
  readonly content: Content;
  readonly definition: ObjectDefinition;
}

/** Examples of a single value: path, payload and value; the type is that of the definition. */
function singles(
  definition: ObjectDefinition,
  examples: readonly (readonly [name: string, path: string, payload: string, value: Value])[],
): readonly Example[] {
  return examples.map(([name, path, payload, value]) => {
    const resource = definition.resources.get(Number(path.split('/')[3]));
    assert.ok(resource);
    return { name, path, payload, content: singleOf(resource.type, value), definition };
  });
}

const examples: readonly Example[] = [
  ...singles(Server.definition, [
    ['1: Integer 0', '/1/0/1', 'C1 01 00', 0],
    ['2: Integer 127', '/1/0/1', 'C1 01 7F', 127],
    ['3: Integer 128', '/1/0/1', 'C2 01 00 80', 128],
    ['4: Integer -1', '/1/0/1', 'C1 01 FF', -1],
    ['5: Integer -128', '/1/0/1', 'C1 01 80', -128],
    ['6: Integer -129', '/1/0/1', 'C2 01 FF 7F', -129],
    ['7: Integer -750', '/1/0/1', 'C2 01 FD 12', -750],
    ['8: Integer 32767', '/1/0/1', 'C2 01 7F FF', 32767],
    ['8: Integer 32768', '/1/0/1', 'C4 01 00 00 80 00', 32768],
    ['9: Lifetime 86400', '/1/0/1', 'C4 01 00 01 51 80', 86400],
    ['10: 2^31-1', '/1/0/1', 'C4 01 7F FF FF FF', 2 ** 31 - 1],
    ['10: 2^31', '/1/0/1', 'C8 01 08 00 00 00 00 80 00 00 00', 2 ** 31],
    ['11: -2^63', '/1/0/1', 'C8 01 08 80 00 00 00 00 00 00 00', -(2n ** 63n)],
  ]),
  ...singles(Device.definition, [['12: Time 1367491215', '/3/0/13', 'C4 0D 51 82 42 8F', 1367491215]]),
  ...singles(sensor, [['13: Float 22.5, id of 16 bits', '/3303/0/5700', 'E4 16 44 41 B4 00 00', 22.5]]),
  ...singles(Location.definition, [
    ['14: Double 43.61092', '/6/0/0', 'C8 00 08 40 45 CE 32 A0 66 3C 75', 43.61092],
    ['15: Double -43.5723', '/6/0/0', 'C8 00 08 C0 45 C9 41 20 5B C0 1A', -43.5723],
  ]),
  ...singles(Server.definition, [
    ['16: Boolean true', '/1/0/6', 'C1 06 01', true],
    ['16: Boolean false', '/1/0/6', 'C1 06 00', false],
  ]),
  ...singles(FirmwareUpdate.definition, [['17: empty string', '/5/0/1', 'C0 01', '']]),
  ...singles(Server.definition, [['18: string "U"', '/1/0/7', 'C1 07 55', 'U']]),
  ...singles(Device.definition, [
    ['19: string of 7 bytes', '/3/0/0', 'C7 00 41 42 43 44 45 46 47', 'ABCDEFG'],
    ['19: string of 8 bytes', '/3/0/0', 'C8 00 08 41 42 43 44 45 46 47 48', 'ABCDEFGH'],
  ]),
  ...singles(FirmwareUpdate.definition, [
    ['20: opaque of 255 bytes', '/5/0/0', `C8 00 FF ${'5A'.repeat(255)}`, new Uint8Array(255).fill(0x5a)],
    ['20: opaque of 256 bytes', '/5/0/0', `D0 00 01 00 ${'5A'.repeat(256)}`, new Uint8Array(256).fill(0x5a)],
    [
      '21: opaque of 65535 bytes',
      '/5/0/0',
      `D0 00 FF FF ${'5A'.repeat(65535)}`,
      new Uint8Array(65535).fill(0x5a),
    ],
    [
      '21: opaque of 65536 bytes',
      '/5/0/0',
      `D8 00 01 00 00 ${'5A'.repeat(65536)}`,
      new Uint8Array(65536).fill(0x5a),
    ],
  ]),
  ...singles(services, [
    ['22: Objlnk 66:0', '/66/0/2', 'C4 02 00 42 00 00', { objectId: 66, objectInstanceId: 0 }],
    ['22: Objlnk that is null', '/66/0/2', 'C4 02 FF FF FF FF', { objectId: 65535, objectInstanceId: 65535 }],
  ]),
  {
    name: '23: Multiple Resource without instances',
    path: '/3/0/6',
    payload: '80 06',
    content: multipleOf('integer', {}),
    definition: Device.definition,
  },
  {
    name: '24: /3/0/11 with {0: 0}',
    path: '/3/0/11',
    payload: '83 0B 41 00 00',
    content: multipleOf('integer', { 0: 0 }),
    definition: Device.definition,
  },
  {
    name: '25: /3/0/6 with {0: 1, 1: 5}',
    path: '/3/0/6',
    payload: '86 06 41 00 01 41 01 05',
    content: multipleOf('integer', { 0: 1, 1: 5 }),
    definition: Device.definition,
  },
  {
    name: '26: Resource Instance 310',
    path: '/2/0/2/310',
    payload: '61 01 36 01',
    content: { kind: 'resource-instance', type: 'integer', value: 1 },
    definition: AccessControl.definition,
  },
  ...singles(sensor, [['27: Resource 256', '/3303/0/256', 'E1 01 00 01', 1]]),
  {
    name: '28: Object Instance 0, empty',
    path: '/1',
    payload: '00 00',
    content: objectOf({ 0: {} }),
    definition: Server.definition,
  },
  {
    name: '29: Object Instance 300',
    path: '/1',
    payload: '23 01 2C C1 00 01',
    content: objectOf({ 300: { 0: single('integer', 1) } }),
    definition: Server.definition,
  },
  {
    name: '30: Access Control instance 4',
    path: '/2',
    payload: '08 04 14 C1 00 05 C4 01 00 00 FF FF 83 02 41 65 10 C4 03 00 00 FF FF',
    content: objectOf({
      4: {
        0: single('integer', 5),
        1: single('integer', 65535),
        2: multiple('integer', { 101: 16 }),
        3: single('integer', 65535),
      },
    }),
    definition: AccessControl.definition,
  },
  {
    name: '31: Security instance 0 without security',
    path: '/0',
    payload: '08 00 1A C8 00 08 63 6F 61 70 3A 2F 2F 73 C1 01 00 C1 02 03 C0 03 C0 04 C0 05 C1 0A 01',
    content: objectOf({
      0: {
        0: single('string', 'coap://s'),
        1: single('boolean', false),
        2: single('integer', 3),
        3: single('opaque', noBytes),
        4: single('opaque', noBytes),
        5: single('opaque', noBytes),
        10: single('integer', 1),
      },
    }),
    definition: Security.definition,
  },
  {
    name: '32: the set of values of ETS 215',
    path: '/1/0',
    payload: 'C1 02 65 C2 03 03 F2 C2 05 07 D0 C1 06 01 C1 07 55',
    content: instanceOf({
      2: single('integer', 101),
      3: single('integer', 1010),
      5: single('integer', 2000),
      6: single('boolean', true),
      7: single('string', 'U'),
    }),
    definition: Server.definition,
  },
  {
    name: '33: the set of values of ETS 651',
    path: '/3/0',
    payload: 'C4 0D 51 82 42 8F C6 0E 2B 30 32 3A 30 30 C8 0F 0C 45 75 72 6F 70 65 2F 50 61 72 69 73',
    content: instanceOf({
      13: single('time', 1367491215),
      14: single('string', '+02:00'),
      15: single('string', 'Europe/Paris'),
    }),
    definition: Device.definition,
  },
];

const deviceHex = `
  C8 00 14 "Open Mobile Alliance" C8 01 16 "Lightweight M2M Client" C8 02 09 "345000123" C3 03 "1.0"
  86 06 41 00 01 41 01 05  88 07 08 42 00 0E D8 42 01 13 88  87 08 41 00 7D 42 01 03 84
  C1 09 64  C1 0A 0F  83 0B 41 00 00  C4 0D 51 82 42 8F  C6 0E 2B 30 32 3A 30 30  C1 10 55`;

describe('TLV: worked examples (1.0 §6.4.3)', () => {
  for (const { name, path, payload, content, definition } of examples) {
    test(`has example ${name}`, () => assertTlv(path, payload, content, definition));
  }

  test('has example A: Read /3/0 of the reference device, 121 bytes', () => {
    assert.equal(bytesOf(deviceHex).length, 121);
    assertTlv(
      '/3/0',
      deviceHex,
      referenceContent({ kind: 'object-instance', objectId: 3, objectInstanceId: 0 }),
      Device.definition,
    );
  });

  test('has example B: Read /3 wraps the only instance, 124 bytes', () => {
    assertTlv(
      '/3',
      `08 00 79 ${deviceHex}`,
      referenceContent({ kind: 'object', objectId: 3 }),
      Device.definition,
    );
  });

  test('has example C: Read /2, two instances', () => {
    const payload =
      '08 00 0E C1 00 01 C1 01 00 83 02 41 7F 07 C1 03 7F 08 02 12 C1 00 03 C1 01 00 87 02 41 7F 07 61 01 36 01 C1 03 7F';
    const content = objectOf({
      0: {
        0: single('integer', 1),
        1: single('integer', 0),
        2: multiple('integer', { 127: 7 }),
        3: single('integer', 127),
      },
      2: {
        0: single('integer', 3),
        1: single('integer', 0),
        2: multiple('integer', { 127: 7, 310: 1 }),
        3: single('integer', 127),
      },
    });
    assertTlv('/2', payload, content, AccessControl.definition);
  });

  test('has example D: Read /1, 18 bytes', () => {
    const content = objectOf({
      0: {
        0: single('integer', 1),
        1: single('integer', 86400),
        6: single('boolean', true),
        7: single('string', 'U'),
      },
    });
    assertTlv('/1', '08 00 0F C1 00 01 C4 01 00 01 51 80 C1 06 01 C1 07 55', content, Server.definition);
  });

  test('has example E: Read /65/0 with links, 37 bytes', () => {
    const content = instanceOf({
      0: multiple('objlnk', {
        0: { objectId: 66, objectInstanceId: 0 },
        1: { objectId: 66, objectInstanceId: 1 },
      }),
      1: single('string', '8613800755500'),
      2: single('integer', 0x12345678),
    });
    const payload = '88 00 0C 44 00 00 42 00 00 44 01 00 42 00 01 C8 01 0D "8613800755500" C4 02 12 34 56 78';
    assertTlv('/65/0', payload, content, links);
  });

  test('has example F: Read /66, 82 bytes', () => {
    const content = objectOf({
      0: {
        0: single('string', 'myService 1'),
        1: single('string', 'Internet.15.234'),
        2: single('objlnk', { objectId: 67, objectInstanceId: 0 }),
      },
      1: {
        0: single('string', 'myService 2'),
        1: single('string', 'Internet.15.235'),
        2: single('objlnk', { objectId: 65535, objectInstanceId: 65535 }),
      },
    });
    const payload = `08 00 26 C8 00 0B "myService 1" C8 01 0F "Internet.15.234" C4 02 00 43 00 00
      08 01 26 C8 00 0B "myService 2" C8 01 0F "Internet.15.235" C4 02 FF FF FF FF`;
    assertTlv('/66', payload, content, services);
  });

  test('has example G: Create on /16 of ETS 1630, 49 bytes', () => {
    const content = objectOf({
      1: { 0: multiple('string', { 0: 'Host Device ID #2', 1: 'Host Device Model #2' }) },
    });
    assertTlv(
      '/16',
      '08 01 2E 88 00 2B 48 00 11 "Host Device ID #2" 48 01 14 "Host Device Model #2"',
      content,
      portfolio,
    );
  });

  test('carries every instance of the reference device (1.0 Appendix F)', () => {
    for (const objectId of referenceDevice.keys()) {
      const path = { kind: 'object', objectId } as const;
      const payload = succeeded(encodeContent(tlvFormat, path, referenceContent(path)));
      const content = succeeded(decodeContent(tlvFormat, path, payload, referenceDefinition(objectId)));
      assert.deepEqual(content, referenceContent(path));
    }
  });
});

describe('TLV: levels', () => {
  test('wraps every instance in an Object Instance for an Object, and none for an Object Instance (R-1112)', () => {
    const resources = { 0: single('integer', 1) };
    assertTlv('/1', '03 00 C1 00 01', objectOf({ 0: resources }), Server.definition);
    assertTlv('/1/0', 'C1 00 01', instanceOf(resources), Server.definition);
  });

  test('accepts an Object Instance of the same id around the Resources of /o/i (R-447, R-1112)', () => {
    assert.deepEqual(
      fromTlv('/1/7', '03 07 C1 00 01', Server.definition),
      instanceOf({ 0: single('integer', 1) }),
    );
    assert.deepEqual(fromTlv('/1/7', '00 07', Server.definition), instanceOf({}));
  });

  test('refuses an Object Instance of another id, or more than one, for /o/i (R-447)', () => {
    assert.equal(problemOf(fromTlv('/1/7', '03 08 C1 00 01', Server.definition)), 'malformed');
    assert.equal(problemOf(fromTlv('/1/7', '03 07 C1 00 01 03 08 C1 00 01', Server.definition)), 'malformed');
    assert.equal(problemOf(fromTlv('/1/7', '03 07 C1 00 01 C1 01 01', Server.definition)), 'malformed');
  });

  test('takes Resources of another id for /o/i/r as malformed (R-447)', () => {
    assert.equal(problemOf(fromTlv('/1/0/1', 'C1 02 05', Server.definition)), 'malformed');
    assert.equal(problemOf(fromTlv('/1/0/1', 'C1 01 05 C1 02 05', Server.definition)), 'malformed');
    assert.deepEqual(fromTlv('/1/0/1', '03 00 C1 01 05', Server.definition), singleOf('integer', 5));
    assert.equal(problemOf(fromTlv('/1/0/1', '03 01 C1 01 05', Server.definition)), 'malformed');
  });

  test('accepts bare Resource Instances for /o/i/r of a Multiple Resource (R-447)', () => {
    assert.deepEqual(
      fromTlv('/3/0/6', '41 00 01 41 01 05', Device.definition),
      multipleOf('integer', { 0: 1, 1: 5 }),
    );
    assert.equal(problemOf(fromTlv('/1/0/1', '41 00 01', Server.definition)), 'malformed');
  });

  test('gives a Resource as one TLV, Resource or Multiple Resource (R-1114)', () => {
    assertTlv('/3/0/9', 'C1 09 64', singleOf('integer', 100), Device.definition);
    assertTlv('/3/0/11', '83 0B 41 00 00', multipleOf('integer', { 0: 0 }), Device.definition);
  });

  test('takes bare Resources on an Object as an instance whose id is left open (R-471)', () => {
    const content = instanceOf({ 0: multiple('string', { 0: 'a' }) });
    assertTlv('/16', '83 00 41 00 61', content, portfolio);
    assert.equal(problemOf(fromTlv('/16', '83 00 41 00 61 00 01', portfolio)), 'malformed');
    assert.equal(problemOf(fromTlv('/16', '00 01 83 00 41 00 61', portfolio)), 'malformed');
  });

  test('reads an empty payload as an Object without instances (R-422)', () => {
    assertTlv('/5', '', objectOf({}), FirmwareUpdate.definition);
  });

  test('reads an empty payload as an empty Object Instance or Multiple Resource, never as a single value', () => {
    assertTlv('/1/0', '', instanceOf({}), Server.definition);
    assert.deepEqual(fromTlv('/3/0/6', '', Device.definition), multipleOf('integer', {}));
    assert.equal(problemOf(fromTlv('/3/0/9', '', Device.definition)), 'malformed');
  });

  test('reads a Resource Instance alone or in its Multiple Resource, by the ids of the path', () => {
    const content: Content = { kind: 'resource-instance', type: 'integer', value: 5 };
    assertTlv('/3/0/6/1', '41 01 05', content, Device.definition);
    assert.deepEqual(fromTlv('/3/0/6/1', '83 06 41 01 05', Device.definition), content);
    for (const payload of ['', '41 02 05', '41 01 05 41 02 05', '83 07 41 01 05']) {
      assert.equal(problemOf(fromTlv('/3/0/6/1', payload, Device.definition)), 'malformed', payload);
    }
    assert.equal(problemOf(fromTlv('/3/0/9/0', '41 00 05', Device.definition)), 'malformed');
  });

  test('has nothing to say about the root', () => {
    assert.equal(problemOf(fromTlv('/', '', Device.definition)), 'not-expressible');
    assert.equal(problemOf(encodeContent(tlvFormat, at('/'), objectOf({}))), 'not-expressible');
  });

  test('refuses to write content of another kind than the path holds', () => {
    assert.equal(problemOf(encodeContent(tlvFormat, at('/3/0'), objectOf({}))), 'not-expressible');
    assert.equal(problemOf(encodeContent(tlvFormat, at('/3/0/0'), instanceOf({}))), 'not-expressible');
    assert.equal(problemOf(encodeContent(tlvFormat, at('/3'), singleOf('integer', 1))), 'not-expressible');
    assert.equal(
      problemOf(
        encodeContent(tlvFormat, at('/3/0/6'), { kind: 'resource-instance', type: 'integer', value: 1 }),
      ),
      'not-expressible',
    );
  });
});

describe('TLV: nesting and ids', () => {
  test('writes a Multiple Resource as such with none, one or more instances (R-1113)', () => {
    assertTlv('/3/0', '80 06', instanceOf({ 6: multiple('integer', {}) }), Device.definition);
    assertTlv('/3/0', '83 06 41 00 01', instanceOf({ 6: multiple('integer', { 0: 1 }) }), Device.definition);
    const two = instanceOf({ 6: multiple('integer', { 0: 1, 2: 1 }) });
    assertTlv('/3/0', '86 06 41 00 01 41 02 01', two, Device.definition);
  });

  test('refuses a Multiple Resource where the definition has a Single one, and the other way round (R-447)', () => {
    assert.equal(problemOf(fromTlv('/3/0', '83 09 41 00 64', Device.definition)), 'malformed');
    assert.equal(problemOf(fromTlv('/3/0', 'C1 06 01', Device.definition)), 'malformed');
    assert.equal(problemOf(fromTlv('/3/0/9', '83 09 41 00 64', Device.definition)), 'malformed');
    assert.equal(problemOf(fromTlv('/3/0/6', 'C1 06 01', Device.definition)), 'malformed');
  });

  test('refuses TLVs nested in another way than instance, Resource, Resource Instance (R-1111)', () => {
    for (const payload of [
      '41 00 01',
      '03 00 41 00 01',
      '03 00 03 00 C1',
      '83 06 C1 00 01',
      '83 06 83 00 01',
      '83 06 03 00 01',
    ]) {
      assert.equal(problemOf(fromTlv('/3', payload, Device.definition)), 'malformed', payload);
    }
    assert.equal(problemOf(fromTlv('/3/0', '83 06 03 00 01', Device.definition)), 'malformed');
  });

  test('refuses an id that comes twice at one level', () => {
    assert.equal(problemOf(fromTlv('/1', '00 01 00 01', Server.definition)), 'malformed');
    assert.equal(problemOf(fromTlv('/1/0', 'C1 01 05 C1 01 06', Server.definition)), 'malformed');
    assert.equal(problemOf(fromTlv('/3/0/6', '86 06 41 00 01 41 00 05', Device.definition)), 'malformed');
    assert.equal(problemOf(fromTlv('/3/0/6', '41 00 01 41 00 05', Device.definition)), 'malformed');
  });

  test('refuses 65535 as the id of an Object Instance, and nowhere else (R-110)', () => {
    assert.equal(problemOf(fromTlv('/1', '23 FF FF C1 00 01', Server.definition)), 'malformed');
    assert.equal(problemOf(encodeContent(tlvFormat, at('/1'), objectOf({ 65535: {} }))), 'not-expressible');
    assert.deepEqual(
      fromTlv('/2/0/2', '84 02 61 FF FF 01'),
      multipleOf('opaque', { 65535: Uint8Array.of(1) }),
    );
  });

  test('keeps Resources without definition, and executable ones, as opaque bytes (R-1111)', () => {
    const content = instanceOf({
      4: single('opaque', Uint8Array.of(1)),
      9: single('integer', 100),
      999: multiple('opaque', { 3: Uint8Array.of(7, 8) }),
    });
    const payload = 'C1 04 01 C1 09 64 A4 03 E7 42 03 07 08';
    assert.deepEqual(fromTlv('/3/0', payload, Device.definition), content);
    assert.deepEqual(fromTlv('/3/0/999', 'E0 03 E7'), singleOf('opaque', noBytes));
    assert.deepEqual(fromTlv('/9999/0/6', '80 06'), multipleOf('opaque', {}));
  });

  test('holds to no definition of another Object', () => {
    assert.deepEqual(
      fromTlv('/1/0', 'C1 09 64', Device.definition),
      instanceOf({ 9: single('opaque', Uint8Array.of(0x64)) }),
    );
  });
});

describe('TLV: lengths and values', () => {
  test('accepts identifiers and lengths that are not the shortest (R-1110)', () => {
    for (const payload of [
      'C1 09 64',
      'E1 00 09 64',
      'C8 09 01 64',
      'D0 09 00 01 64',
      'D8 09 00 00 01 64',
      'F8 00 09 00 00 01 64',
    ]) {
      assert.deepEqual(fromTlv('/3/0/9', payload, Device.definition), singleOf('integer', 100), payload);
    }
  });

  test('ignores the bits 2-0 of the type when there is a length field (R-1110)', () => {
    assert.deepEqual(fromTlv('/3/0/9', 'CF 09 01 64', Device.definition), singleOf('integer', 100));
  });

  test('refuses a payload cut at any byte but where a TLV ends (R-1115)', () => {
    const whole = bytesOf(deviceHex);
    const ends = new Set([0, 23, 48, 60, 65, 73, 84, 93, 96, 99, 104, 110, 118, 121]);
    for (let length = 0; length < whole.length; length += 1) {
      const outcome = decodeContent(tlvFormat, at('/3/0'), whole.subarray(0, length), Device.definition);
      if (ends.has(length)) succeeded(outcome);
      else assert.equal(problemOf(outcome), 'malformed', `${length}`);
    }
  });

  test('refuses TLVs that reach beyond the one that holds them (R-1115)', () => {
    assert.equal(problemOf(fromTlv('/3', '03 00 C2 09 00 64', Device.definition)), 'malformed');
    assert.equal(problemOf(fromTlv('/3/0', '83 06 42 00 01 C1 09 64', Device.definition)), 'malformed');
  });

  test('refuses values whose length is not one of their type (R-130, R-1115)', () => {
    const wrong = {
      integer: [0, 3, 5, 6, 7, 9, 16],
      'unsigned-integer': [0, 3, 5, 6, 7, 9],
      time: [0, 3, 5, 6, 7, 9],
      float: [0, 1, 2, 3, 5, 6, 7, 9, 16],
      boolean: [0, 2, 4],
      objlnk: [0, 1, 2, 3, 5, 8],
    } as const;
    for (const [type, lengths] of Object.entries(wrong)) {
      const definition = definitionOf(1000, { 1: type as keyof typeof wrong });
      for (const length of lengths) {
        const header = `C8 01 ${length.toString(16).padStart(2, '0')}`;
        assert.equal(
          problemOf(fromTlv('/1000/0/1', header + '00'.repeat(length), definition)),
          'malformed',
          `${type} ${length}`,
        );
      }
    }
  });

  test('accepts an integer in each of its four lengths (R-130)', () => {
    for (const payload of [
      'C1 01 FE',
      'C2 01 FF FE',
      'C4 01 FF FF FF FE',
      'C8 01 08 FF FF FF FF FF FF FF FE',
    ]) {
      assert.deepEqual(fromTlv('/1/0/1', payload, Server.definition), singleOf('integer', -2), payload);
    }
  });

  test('takes only the bytes 00 and 01 for a boolean (R-1115)', () => {
    assert.equal(problemOf(fromTlv('/1/0/6', 'C1 06 02', Server.definition)), 'malformed');
    assert.equal(problemOf(fromTlv('/1/0/6', 'C1 06 FF', Server.definition)), 'malformed');
  });

  test('refuses a text that is not UTF-8', () => {
    assert.equal(problemOf(fromTlv('/3/0/0', 'C2 00 C3 28', Device.definition)), 'malformed');
    assert.equal(
      problemOf(fromTlv('/3/0/0', `C8 00 64 ${'41'.repeat(99)} FF`, Device.definition)),
      'malformed',
    );
  });

  test('keeps a text as it is, with whatever characters', () => {
    assertTlv(
      '/3/0/0',
      'C8 00 0A 5A C3 BC 72 69 F0 9F A6 86 00',
      singleOf('string', 'Züri🦆\0'),
      Device.definition,
    );
    assertTlv(
      '/3/0/0',
      `C8 00 48 ${'C3BC'.repeat(36)}`,
      singleOf('string', 'ü'.repeat(36)),
      Device.definition,
    );
    assertTlv(
      '/3/0/0',
      `C8 00 64 ${'41'.repeat(100)}`,
      singleOf('string', 'A'.repeat(100)),
      Device.definition,
    );
  });

  test('encodes integers in the least of 1, 2, 4 and 8 bytes, exactly (R-131, R-1116)', () => {
    const cases: readonly (readonly [number | bigint, string])[] = [
      [-32768, 'C2 01 80 00'],
      [-32769, 'C4 01 FF FF 7F FF'],
      [-(2 ** 31), 'C4 01 80 00 00 00'],
      [-(2 ** 31) - 1, 'C8 01 08 FF FF FF FF 7F FF FF FF'],
      [2 ** 53 - 1, 'C8 01 08 00 1F FF FF FF FF FF FF'],
      [2n ** 53n, 'C8 01 08 00 20 00 00 00 00 00 00'],
      [2n ** 53n + 1n, 'C8 01 08 00 20 00 00 00 00 00 01'],
      [2n ** 63n - 1n, 'C8 01 08 7F FF FF FF FF FF FF FF'],
    ];
    for (const [value, payload] of cases)
      assertTlv('/1/0/1', payload, singleOf('integer', value), Server.definition);
    const five = encodeContent(tlvFormat, at('/1/0/1'), singleOf('integer', 5n));
    assert.equal(hexEncode(succeeded(five)), 'c10105');
  });

  test('encodes unsigned integers as such, and reads both lengths that devices use', () => {
    const counters = definitionOf(1000, { 1: 'unsigned-integer' });
    const cases: readonly (readonly [number | bigint, string])[] = [
      [0, 'C1 01 00'],
      [200, 'C1 01 C8'],
      [256, 'C2 01 01 00'],
      [65535, 'C2 01 FF FF'],
      [65536, 'C4 01 00 01 00 00'],
      [2 ** 32 - 1, 'C4 01 FF FF FF FF'],
      [2 ** 32, 'C8 01 08 00 00 00 01 00 00 00 00'],
      [2n ** 64n - 1n, 'C8 01 08 FF FF FF FF FF FF FF FF'],
    ];
    for (const [value, payload] of cases) {
      assertTlv('/1000/0/1', payload, singleOf('unsigned-integer', value), counters);
    }
    assert.deepEqual(fromTlv('/1000/0/1', 'C2 01 00 C8', counters), singleOf('unsigned-integer', 200));
  });

  test('encodes a float in 4 bytes only when they hold it exactly (R-1116)', () => {
    assertTlv('/6/0/2', 'C4 02 80 00 00 00', singleOf('float', -0), Location.definition);
    assertTlv('/6/0/2', 'C4 02 7F C0 00 00', singleOf('float', Number.NaN), Location.definition);
    assertTlv('/6/0/2', 'C4 02 FF 80 00 00', singleOf('float', -Infinity), Location.definition);
    assertTlv('/6/0/2', 'C8 02 08 3F B9 99 99 99 99 99 9A', singleOf('float', 0.1), Location.definition);
    assertTlv(
      '/6/0/2',
      'C8 02 08 7F EF FF FF FF FF FF FF',
      singleOf('float', Number.MAX_VALUE),
      Location.definition,
    );
    assert.deepEqual(
      fromTlv('/6/0/2', 'C8 02 08 40 36 80 00 00 00 00 00', Location.definition),
      singleOf('float', 22.5),
    );
  });

  test('refuses to write a value that does not fit its type', () => {
    const unfit: readonly (readonly [Parameters<typeof singleOf>[0], Value])[] = [
      ['string', 1],
      ['string', '\ud800'],
      ['integer', 1.5],
      ['integer', 2 ** 53],
      ['integer', 2n ** 63n],
      ['unsigned-integer', -1],
      ['float', 1n],
      ['boolean', 1],
      ['opaque', 'AA=='],
      ['time', '0'],
      ['objlnk', { objectId: 70000, objectInstanceId: 0 }],
      ['none', 0],
    ];
    for (const [type, value] of unfit) {
      const outcome = encodeContent(tlvFormat, at('/1000/0/1'), singleOf(type, value));
      assert.equal(problemOf(outcome), 'not-expressible', type);
    }
  });

  test('writes and reads values of up to 2^24-1 bytes, and no longer ones (R-1110)', () => {
    const longest = new Uint8Array(2 ** 24 - 1).fill(0xa5);
    const path = at('/5/0/0');
    const payload = succeeded(encodeContent(tlvFormat, path, singleOf('opaque', longest)));
    assert.equal(hexEncode(payload.subarray(0, 6)), 'd800ffffffa5');
    const content = succeeded(decodeContent(tlvFormat, path, payload, FirmwareUpdate.definition));
    assert.ok(content.kind === 'resource' && content.resource.kind === 'single');
    assert.ok(
      content.resource.value instanceof Uint8Array && content.resource.value.length === longest.length,
    );
    const tooLong = new Uint8Array(2 ** 24);
    assert.equal(problemOf(encodeContent(tlvFormat, path, singleOf('opaque', tooLong))), 'not-expressible');
    const tooMuch = objectOf({ 0: { 0: single('opaque', longest) } });
    assert.equal(problemOf(encodeContent(tlvFormat, at('/5'), tooMuch)), 'not-expressible');
    assert.equal(hexEncode(succeeded(encodeContent(tlvFormat, path, singleOf('opaque', noBytes)))), 'c000');
  });

  test('writes values of every type wherever its buffer comes to its end', () => {
    const values = [
      single('boolean', true),
      ...[1, 300, 70_000, 2 ** 40].flatMap((value) => [
        single('integer', value),
        single('unsigned-integer', value),
      ]),
      single('float', 0.5),
      single('float', 0.1),
      single('objlnk', { objectId: 3, objectInstanceId: 0 }),
      single('string', 'text'),
    ];
    const grown = singleOf('opaque', new Uint8Array(100_000));
    for (const value of values) {
      for (let length = 490; length <= 515; length += 1) {
        // After a long payload the buffer is a short one again.
        succeeded(encodeContent(tlvFormat, at('/1000/0/0'), grown));
        const content = instanceOf({ 0: single('opaque', new Uint8Array(length)), 1: value });
        const payload = succeeded(encodeContent(tlvFormat, at('/1000/0'), content));
        const definition = definitionOf(1000, { 0: 'opaque', 1: value.type });
        assert.deepEqual(decodeContent(tlvFormat, at('/1000/0'), payload, definition), content);
      }
    }
  });

  test('refuses payloads beyond the limits on length and number of TLVs', () => {
    const path = at('/3/0/6');
    const payload = bytesOf('86 06 41 00 01 41 01 05');
    const limits = { ...formatLimitsDefaults, maxPayloadLength: 7 };
    assert.equal(problemOf(decodeContent(tlvFormat, path, payload, Device.definition, limits)), 'malformed');
    const few = { ...formatLimitsDefaults, maxValues: 2 };
    assert.equal(problemOf(decodeContent(tlvFormat, path, payload, Device.definition, few)), 'malformed');
  });

  test('gives values that outlive the payload', () => {
    const payload = bytesOf('C2 00 01 02');
    const content = succeeded(decodeContent(tlvFormat, at('/5/0/0'), payload, FirmwareUpdate.definition));
    payload.fill(0);
    assert.deepEqual(content, singleOf('opaque', Uint8Array.of(1, 2)));
  });

  test('tells apart what another format would make of the same bytes', () => {
    const payload = bytesOf('C1 01 05');
    assert.equal(problemOf(decodeContent(textFormat, at('/1/0/1'), payload, Server.definition)), 'malformed');
  });
});
