/** The data types of LwM2M (1.0 Appendix C; unsigned-integer and corelnk come with 1.1). `none` is that of an executable Resource. */
export type DataType =
  | 'string'
  | 'integer'
  | 'unsigned-integer'
  | 'float'
  | 'boolean'
  | 'opaque'
  | 'time'
  | 'objlnk'
  | 'corelnk'
  | 'none';

/** The data types that values have: all but `none`. */
export const dataTypes: readonly DataType[] = [
  'string',
  'integer',
  'unsigned-integer',
  'float',
  'boolean',
  'opaque',
  'time',
  'objlnk',
  'corelnk',
];

/** A reference to an Object Instance; 65535:65535 refers to nothing. */
export interface ObjectLink {
  readonly objectId: number;
  readonly objectInstanceId: number;
}

/**
 * A 64-bit integer, exactly: a `number` when it is a safe integer, a `bigint` beyond. Codecs give this
 * canonical form; encoders take either.
 */
export type Integer = number | bigint;

/**
 * The value of one Resource or Resource Instance. By data type: string and corelnk are `string`; integer,
 * unsigned-integer and time (Unix seconds) are `Integer`; float is `number`; boolean is `boolean`; opaque is
 * `Uint8Array`; objlnk is `ObjectLink`.
 */
export type Value = string | Integer | boolean | Uint8Array | ObjectLink;
