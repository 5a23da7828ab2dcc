import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { checkValue, type DataType, type ValueRange } from '@dunlin/lwm2m';

const fitting: Readonly<Partial<Record<DataType, readonly unknown[]>>> = {
  string: ['', 'a', 'Züri 🦆\0'],
  corelnk: ['</3/0>'],
  integer: [0, -1, 2 ** 53 - 1, 2n ** 63n - 1n, -(2n ** 63n), 5n],
  'unsigned-integer': [0, 2 ** 53 - 1, 2n ** 64n - 1n],
  float: [0, -0, 1.5, Number.MAX_VALUE, Number.NaN, Infinity],
  boolean: [true, false],
  opaque: [new Uint8Array(0), Uint8Array.of(1)],
  time: [0, -1, 1476186613],
  objlnk: [
    { objectId: 66, objectInstanceId: 0 },
    { objectId: 65535, objectInstanceId: 65535 },
  ],
};
const unfitting: Readonly<Record<DataType, readonly unknown[]>> = {
  string: [1, null, undefined, '\ud800', 'a\udc00', Uint8Array.of(65)],
  corelnk: [1],
  integer: [1.5, Number.NaN, Infinity, 2 ** 53, 2n ** 63n, -(2n ** 63n) - 1n, '1', true, null],
  'unsigned-integer': [-1, -1n, 2n ** 64n, 0.5],
  float: [1n, '1', null, undefined],
  boolean: [0, 1, '1', null],
  opaque: ['AQ==', [1], new ArrayBuffer(1), null],
  time: [1.5, '2016-10-11', new Date(0)],
  objlnk: [
    '66:0',
    null,
    {},
    { objectId: 66 },
    { objectId: -1, objectInstanceId: 0 },
    { objectId: 0, objectInstanceId: 65536 },
    { objectId: 0.5, objectInstanceId: 0 },
  ],
  none: [undefined, 0, ''],
};

describe('checkValue (1.0 Appendix C, R-135)', () => {
  test('finds no fault with values of the type', () => {
    for (const [type, values] of Object.entries(fitting)) {
      for (const value of values) assert.equal(checkValue(type as DataType, value), undefined, type);
    }
  });

  test('says why a value is not of the type', () => {
    for (const [type, values] of Object.entries(unfitting)) {
      for (const value of values) assert.match(checkValue(type as DataType, value) ?? '', /\w/, type);
    }
  });

  test('holds numbers to an interval, both bounds included (R-135)', () => {
    const range: ValueRange = { kind: 'interval', minimum: 0, maximum: 100 };
    for (const value of [0, 100, 50n]) assert.equal(checkValue('integer', value, range), undefined);
    for (const value of [-1, 101, 2n ** 60n])
      assert.equal(checkValue('integer', value, range), 'it is outside 0..100');
    assert.equal(checkValue('float', 100.5, range), 'it is outside 0..100');
    assert.equal(checkValue('float', Number.NaN, range), 'it is outside 0..100');
  });

  test('holds texts and opaques to a length in bytes (R-135)', () => {
    const range: ValueRange = { kind: 'length', minimum: 2, maximum: 4 };
    for (const text of ['ab', 'abcd', 'üü', '€', '🦆'])
      assert.equal(checkValue('string', text, range), undefined, text);
    for (const text of ['', 'a', 'abcde', 'üüü', '€€', '🦆a'])
      assert.notEqual(checkValue('string', text, range), undefined, text);
    assert.equal(checkValue('opaque', new Uint8Array(4), range), undefined);
    assert.equal(checkValue('opaque', new Uint8Array(5), range), 'its length of 5 bytes is outside 2..4');
  });

  test('holds numbers and texts to an enumeration (R-135)', () => {
    const range: ValueRange = { kind: 'enumeration', values: [0, 2, 'U', 'UQ'] };
    assert.equal(checkValue('integer', 2, range), undefined);
    assert.equal(checkValue('integer', 2n, range), undefined);
    assert.equal(checkValue('string', 'UQ', range), undefined);
    assert.equal(checkValue('integer', 1, range), 'it is none of 0, 2, U, UQ');
    assert.notEqual(checkValue('string', 'S', range), undefined);
  });

  test('passes over a range that does not concern the type', () => {
    assert.equal(checkValue('boolean', true, { kind: 'interval', minimum: 5, maximum: 6 }), undefined);
    assert.equal(checkValue('string', 'a', { kind: 'interval', minimum: 5, maximum: 6 }), undefined);
    assert.equal(checkValue('integer', 7, { kind: 'length', minimum: 5, maximum: 6 }), undefined);
    assert.equal(checkValue('opaque', Uint8Array.of(1), { kind: 'enumeration', values: [5] }), undefined);
  });

  test('looks at the type first', () => {
    assert.equal(
      checkValue('integer', 'x', { kind: 'interval', minimum: 5, maximum: 6 })?.startsWith(
        'it is not an integer',
      ),
      true,
    );
  });
});
