import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  type DataType,
  isFormatFailure,
  type JsonValue,
  parseJsonExactly,
  stringifyJsonExactly,
  type Value,
  valueFromJson,
  valueToJson,
} from '@dunlin/lwm2m';
import { problemOf } from './support/payloads.ts';

const pairs: readonly (readonly [DataType, Value, string])[] = [
  ['string', 'Züri "🦆"', '"Züri \\"🦆\\""'],
  ['corelnk', '</3/0>', '"</3/0>"'],
  ['integer', -5, '-5'],
  ['integer', -(2n ** 63n), '-9223372036854775808'],
  ['unsigned-integer', 2n ** 64n - 1n, '18446744073709551615'],
  ['time', 1476186613, '1476186613'],
  ['float', 22.5, '22.5'],
  ['float', 20, '20'],
  ['float', 1e300, '1e+300'],
  ['float', Number.NaN, '"NaN"'],
  ['float', -Infinity, '"-Infinity"'],
  ['boolean', true, 'true'],
  ['opaque', Uint8Array.of(1, 2, 3, 4, 5), '"AQIDBAU="'],
  ['objlnk', { objectId: 66, objectInstanceId: 0 }, '"66:0"'],
];

describe('JSON of values for programs', () => {
  test('has one text for each value, 64 bits exactly, and gives the value back (R-131)', () => {
    for (const [type, value, text] of pairs) {
      assert.equal(stringifyJsonExactly(valueToJson(type, value)), text);
      const json = parseJsonExactly(text);
      assert.ok(!isFormatFailure(json));
      assert.deepEqual(valueFromJson(type, json), value, text);
    }
  });

  test('takes integers as decimal text too, for programs without exact numbers', () => {
    assert.equal(valueFromJson('integer', '9223372036854775807'), 2n ** 63n - 1n);
    assert.equal(valueFromJson('time', '-1'), -1);
    assert.equal(valueFromJson('unsigned-integer', '18446744073709551615'), 2n ** 64n - 1n);
  });

  test('takes a large whole number for a float', () => {
    assert.equal(valueFromJson('float', 2n ** 60n), 2 ** 60);
  });

  test('refuses JSON of another type, and numbers outside the type', () => {
    const refused: readonly (readonly [DataType, JsonValue])[] = [
      ['string', 5],
      ['string', null],
      ['string', '\ud800'],
      ['integer', 1.5],
      ['integer', '1.5'],
      ['integer', ' 1'],
      ['integer', true],
      ['integer', 2n ** 63n],
      ['unsigned-integer', -1],
      ['float', '1.5'],
      ['boolean', 1],
      ['boolean', 'true'],
      ['opaque', 'AQIDBAU'],
      ['opaque', [1]],
      ['time', 1.5],
      ['objlnk', '66'],
      ['objlnk', { objectId: 66, objectInstanceId: 0 }],
      ['none', 1],
    ];
    for (const [type, json] of refused) assert.equal(problemOf(valueFromJson(type, json)), 'malformed', type);
  });
});
