import { base64Decode, base64Encode } from '@dunlin/base';
import { type FormatFailure, malformed } from './format/format-failure.ts';
import type { JsonValue } from './format/json-value.ts';
import { formatValueText, parseObjectLink, parseValueText } from './format/plain-text.ts';
import { checkValue } from './value-check.ts';
import type { DataType, Value } from './value.ts';

/** Floats that JSON numbers cannot stand for, and the texts that do instead. */
const nonFinite: ReadonlyMap<JsonValue, number> = new Map([
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
]);

/**
 * A value as JSON, for programs rather than for devices: string and corelnk are strings; integers, Unix
 * times and floats are numbers; booleans are booleans; opaque is a string of Base64 with padding; objlnk is a
 * string such as `66:0`; a float that is not finite is one of the strings `NaN`, `Infinity`, `-Infinity`.
 *
 * Integers beyond 2^53-1 are `bigint`s, which `stringifyJsonExactly` writes as the numbers they are. The
 * value must fit the type (`checkValue`).
 */
export function valueToJson(type: DataType, value: Value): JsonValue {
  if (value instanceof Uint8Array) return base64Encode(value);
  if (typeof value === 'object') return formatValueText(type, value);
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
}

/**
 * The value of a type that JSON of `valueToJson` stands for. An integer may also be a string of decimal
 * digits, for programs whose JSON has no exact numbers beyond 2^53-1.
 */
export function valueFromJson(type: DataType, json: JsonValue): Value | FormatFailure {
  const value = candidateFrom(type, json);
  const problem = value === undefined ? expected[type] : checkValue(type, value);
  return value === undefined || problem !== undefined ? malformed(`the value is refused: ${problem}`) : value;
}

const expected: Readonly<Record<DataType, string>> = {
  string: 'it is not a string',
  integer: 'it is not a whole number',
  'unsigned-integer': 'it is not a whole number',
  float: 'it is not a number',
  boolean: 'it is not true or false',
  opaque: 'it is not a string of Base64 with padding',
  time: 'it is not a whole number of Unix seconds',
  objlnk: 'it is not a string such as "66:0"',
  corelnk: 'it is not a string',
  none: 'an executable Resource has no value',
};

function candidateFrom(type: DataType, json: JsonValue): Value | undefined {
  switch (type) {
    case 'string':
    case 'corelnk':
      return typeof json === 'string' ? json : undefined;
    case 'integer':
    case 'unsigned-integer':
    case 'time':
      return typeof json === 'string' ? integerFromText(type, json) : numberFrom(json);
    case 'float': {
      const value = numberFrom(json);
      return value === undefined ? nonFinite.get(json) : Number(value);
    }
    case 'boolean':
      return typeof json === 'boolean' ? json : undefined;
    case 'opaque':
      return typeof json === 'string' ? base64Decode(json) : undefined;
    case 'objlnk':
      return typeof json === 'string' ? parseObjectLink(json) : undefined;
    case 'none':
      return undefined;
  }
}

function integerFromText(type: DataType, text: string): number | bigint | undefined {
  const value = parseValueText(type, text);
  return typeof value === 'number' || typeof value === 'bigint' ? value : undefined;
}

function numberFrom(json: JsonValue): number | bigint | undefined {
  return typeof json === 'number' || typeof json === 'bigint' ? json : undefined;
}
