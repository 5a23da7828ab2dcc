import { base64Decode, base64Encode, utf8Decode, utf8Encode } from '@dunlin/base';
import type { Content } from '../content.ts';
import { canonicalInteger } from '../integer.ts';
import type { ObjectDefinition } from '../object-definition.ts';
import { maxId, type Path } from '../path.ts';
import { checkValue, isObjectLink } from '../value-check.ts';
import type { DataType, Integer, ObjectLink, Value } from '../value.ts';
import { formatDecimal, parseDecimal } from './decimal.ts';
import { type FormatFailure, isFormatFailure, malformed, notExpressible } from './format-failure.ts';
import { singleContent, singleValueOf, typeForSingle } from './single-value.ts';

/** The digits of the greatest 64-bit integer; longer texts, leading zeros apart, cannot be one. */
const maxDigits = 20;

/**
 * The value that a text stands for by the rules of the plain text format (1.0 §6.4.1, Appendix C): decimal
 * integers, where leading zeros are passed over and blanks are not; decimals with or without an
 * exponent; `0` and `1` for booleans (R-1140); padded Base64 for opaques; `66:0` for links, with `FFFF:FFFF`
 * as another way to write the null link `65535:65535`.
 */
export function parseValueText(type: DataType, text: string): Value | FormatFailure {
  const value = valueFrom(type, text);
  if (value === undefined) return malformed(`the text is not ${descriptions[type]}`);
  const problem = checkValue(type, value);
  return problem === undefined ? value : malformed(problem);
}

/**
 * The plain text of a value: the one form of those that `parseValueText` reads. The value must fit the type
 * (`checkValue`); a float that is not finite, which has no text, gives `NaN` or `Infinity`, which no one reads.
 */
export function formatValueText(type: DataType, value: Value): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return value ? '1' : '0';
  if (value instanceof Uint8Array) return base64Encode(value);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'object') return `${value.objectId}:${value.objectInstanceId}`;
  return type === 'float' ? (formatDecimal(value) ?? String(value)) : String(value);
}

/** Content from plain text (Content-Format 0): a Resource with one value, or a Resource Instance. */
export function decodePlainText(
  path: Path,
  payload: Uint8Array,
  definition: ObjectDefinition | undefined,
): Content | FormatFailure {
  const type = typeForSingle(path, definition, 'string');
  if (isFormatFailure(type)) return type;
  const text = utf8Decode(payload);
  if (text === undefined) return malformed('the payload is not UTF-8');
  const value = parseValueText(type, text);
  return isFormatFailure(value) ? value : singleContent(path, type, value);
}

/** Plain text (Content-Format 0) from content: of a Resource with one value, or of a Resource Instance. */
export function encodePlainText(path: Path, content: Content): Uint8Array | FormatFailure {
  const single = singleValueOf(path, content);
  if (isFormatFailure(single)) return single;
  if (typeof single.value === 'number' && !Number.isFinite(single.value)) {
    return notExpressible(`${single.value} has no plain text`);
  }
  return utf8Encode(formatValueText(single.type, single.value));
}

const descriptions: Readonly<Record<DataType, string>> = {
  string: 'a text',
  integer: 'a decimal integer',
  'unsigned-integer': 'a decimal integer without sign',
  float: 'a decimal number',
  boolean: '0 or 1',
  opaque: 'Base64 with padding',
  time: 'a decimal integer',
  objlnk: 'a link such as 66:0',
  corelnk: 'a text',
  none: 'a value, for an executable Resource has none',
};

function valueFrom(type: DataType, text: string): Value | undefined {
  switch (type) {
    case 'string':
    case 'corelnk':
      return text;
    case 'integer':
    case 'time':
    case 'unsigned-integer':
      return integerFrom(text);
    case 'float':
      return parseDecimal(text);
    case 'boolean':
      return text === '0' || text === '1' ? text === '1' : undefined;
    case 'opaque':
      return base64Decode(text);
    case 'objlnk':
      return parseObjectLink(text);
    case 'none':
      return undefined;
  }
}

function integerFrom(text: string): Integer | undefined {
  if (!/^-?\d+$/.test(text)) return undefined;
  const isNegative = text.startsWith('-');
  let start = Number(isNegative);
  while (start < text.length - 1 && text[start] === '0') start += 1;
  if (text.length - start > maxDigits) return undefined;
  const magnitude = BigInt(text.slice(start));
  return canonicalInteger(isNegative ? -magnitude : magnitude);
}

/** The link that a text such as `66:0` names, or `undefined`. */
export function parseObjectLink(text: string): ObjectLink | undefined {
  if (text.toUpperCase() === 'FFFF:FFFF') return { objectId: maxId, objectInstanceId: maxId };
  const match = /^(\d{1,5}):(\d{1,5})$/.exec(text);
  if (match === null) return undefined;
  const link = { objectId: Number(match[1]), objectInstanceId: Number(match[2]) };
  return isObjectLink(link) ? link : undefined;
}
