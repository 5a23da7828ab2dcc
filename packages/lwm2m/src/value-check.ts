import { utf8Length } from './utf8-length.ts';
import { maxId } from './path.ts';
import type { ValueRange } from './object-definition.ts';
import type { DataType, Integer, ObjectLink } from './value.ts';

/** The least and the greatest value of a signed 64-bit integer (1.0 Appendix C, R-130). */
const signedIntegerBounds: { readonly minimum: bigint; readonly maximum: bigint } = {
  minimum: -(2n ** 63n),
  maximum: 2n ** 63n - 1n,
};
/** The least and the greatest value of an unsigned 64-bit integer. */
export const unsignedIntegerBounds: { readonly minimum: bigint; readonly maximum: bigint } = {
  minimum: 0n,
  maximum: 2n ** 64n - 1n,
};

/**
 * Why a value is not one of the type, or lies outside the range; `undefined` when it fits.
 *
 * Integers are safe integers or `bigint`s of 64 bits; texts have no unpaired surrogate, which UTF-8 cannot
 * carry. An interval bounds numbers, a length the bytes of texts and opaques, and an enumeration lists
 * numbers or texts; a range of a kind that does not concern the type is passed over.
 */
export function checkValue(type: DataType, value: unknown, range?: ValueRange): string | undefined {
  return checkType(type, value) ?? (range === undefined ? undefined : checkRange(value, range));
}

/** True when the value is an integer in the form that `Integer` demands, of any size. */
export function isInteger(value: unknown): value is Integer {
  return typeof value === 'bigint' || Number.isSafeInteger(value);
}

/** True when the value is an Objlnk: two ids from 0 to 65535. */
export function isObjectLink(value: unknown): value is ObjectLink {
  return (
    typeof value === 'object' &&
    value !== null &&
    'objectId' in value &&
    'objectInstanceId' in value &&
    isId(value.objectId) &&
    isId(value.objectInstanceId)
  );
}

function checkType(type: DataType, value: unknown): string | undefined {
  switch (type) {
    case 'string':
    case 'corelnk':
      if (typeof value !== 'string') return 'it is not a text';
      return value.isWellFormed() ? undefined : 'the text has an unpaired surrogate';
    case 'integer':
    case 'time':
      return checkInteger(value, signedIntegerBounds.minimum, signedIntegerBounds.maximum);
    case 'unsigned-integer':
      return checkInteger(value, unsignedIntegerBounds.minimum, unsignedIntegerBounds.maximum);
    case 'float':
      return typeof value === 'number' ? undefined : 'it is not a number';
    case 'boolean':
      return typeof value === 'boolean' ? undefined : 'it is not a boolean';
    case 'opaque':
      return value instanceof Uint8Array ? undefined : 'it is not a byte string';
    case 'objlnk':
      return isObjectLink(value) ? undefined : 'it is not a link to an Object Instance';
    case 'none':
      return 'an executable Resource has no value';
  }
}

function checkInteger(value: unknown, minimum: bigint, maximum: bigint): string | undefined {
  // Safe integers are inside all bounds but that of the sign: no need to compare them with a bigint.
  if (typeof value === 'number' && Number.isSafeInteger(value) && (value >= 0 || minimum < 0n))
    return undefined;
  if (!isInteger(value)) return 'it is not an integer (beyond 2^53-1 only a bigint is exact)';
  return value < minimum || value > maximum ? `it is outside ${minimum}..${maximum}` : undefined;
}

function checkRange(value: unknown, range: ValueRange): string | undefined {
  switch (range.kind) {
    case 'interval': {
      if (typeof value !== 'number' && typeof value !== 'bigint') return undefined;
      const isInside = value >= range.minimum && value <= range.maximum;
      return isInside ? undefined : `it is outside ${range.minimum}..${range.maximum}`;
    }
    case 'length': {
      const length = lengthOf(value);
      if (length === undefined || (length >= range.minimum && length <= range.maximum)) return undefined;
      return `its length of ${length} bytes is outside ${range.minimum}..${range.maximum}`;
    }
    case 'enumeration': {
      if (typeof value !== 'number' && typeof value !== 'bigint' && typeof value !== 'string')
        return undefined;
      const candidate = typeof value === 'bigint' ? Number(value) : value;
      return range.values.includes(candidate) ? undefined : `it is none of ${range.values.join(', ')}`;
    }
  }
}

function lengthOf(value: unknown): number | undefined {
  if (typeof value === 'string') return utf8Length(value);
  return value instanceof Uint8Array ? value.length : undefined;
}

function isId(candidate: unknown): boolean {
  return Number.isInteger(candidate) && Number(candidate) >= 0 && Number(candidate) <= maxId;
}
