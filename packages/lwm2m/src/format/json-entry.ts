import { base64Decode } from '@dunlin/base';
import { formatPath, parsePath, type Path } from '../path.ts';
import { checkValue } from '../value-check.ts';
import type { DataType } from '../value.ts';
import { type FormatFailure, malformed } from './format-failure.ts';
import { isJsonObject, type JsonObject, type JsonValue } from './json-value.ts';
import { parseObjectLink } from './plain-text.ts';
import type { TypedValue } from './single-value.ts';

/** The key of the value of an entry, which tells its type (1.0 §6.4.4). */
type ValueKey = 'v' | 'bv' | 'sv' | 'ov';
const valueKeys: readonly ValueKey[] = ['v', 'bv', 'sv', 'ov'];

/** One entry of a payload of OMA JSON. */
export interface JsonEntry {
  readonly kind: 'entry';
  /** Where the value belongs, from the root. */
  readonly path: Path;
  /** The sum of `bt` and `t`, to the microsecond (R-1134). */
  readonly time: number;
  readonly key: ValueKey;
  readonly value: JsonValue;
}

/** What the entries of a payload share. */
export interface JsonEntryContext {
  /** The path of the request, to which names without base are relative (R-1132). */
  readonly path: Path;
  readonly baseName: string;
  readonly baseTime: number;
}

/** The entry that an item of the array `e` is. Keys that are not of the format are passed over. */
export function jsonEntryFrom(item: JsonValue, context: JsonEntryContext): JsonEntry | FormatFailure {
  if (!isJsonObject(item)) return malformed('an entry of e is not an object');
  const name = item['n'] ?? '';
  if (typeof name !== 'string') return malformed('n is not a text');
  const path = pathOfName(name, context);
  if (path === undefined) return malformed(`${JSON.stringify(context.baseName + name)} is not a path`);
  const offset = secondsFrom(item['t']);
  if (offset === undefined) return malformed('t is not a number');
  const time = sumOfTimes(context.baseTime, offset);
  if (context.baseTime > 0 && time <= 0) return malformed('bt and t give a time before 1970');
  const [key, ...others] = valueKeys.filter((candidate) => item[candidate] !== undefined);
  if (key === undefined || others.length > 0) {
    return malformed(`the entry of ${formatPath(path)} needs exactly one of v, bv, sv and ov`);
  }
  return { kind: 'entry', path, time, key, value: item[key] ?? null };
}

/** The seconds that `bt` or `t` gives: 0 when absent, `undefined` when it is not a number. */
export function secondsFrom(value: JsonObject[string]): number | undefined {
  if (value === undefined) return 0;
  return typeof value === 'number' || typeof value === 'bigint' ? Number(value) : undefined;
}

/**
 * The sum of a base time and a time relative to it, in seconds to the microsecond. Decimal fractions are
 * not exact as floats; whole microseconds are, so that what was written is read again as it was.
 */
export function sumOfTimes(base: number, relative: number): number {
  return (Math.round(base * 1e6) + Math.round(relative * 1e6)) / 1e6;
}

/**
 * The value of an entry in the type that the definition gives it; without one, as its key says: `v` is an
 * integer when it is whole and a float otherwise, `sv` a string. A link is taken under `sv` too, where Leshan 1.5 and
 * earlier put it.
 */
export function jsonEntryValue(entry: JsonEntry, type: DataType | undefined): TypedValue | FormatFailure {
  const typed = typedValue(type ?? guessType(entry), entry.key, entry.value);
  const problem = typed === undefined ? `${entry.key} does not fit` : checkValue(typed.type, typed.value);
  if (typed !== undefined && problem === undefined) return typed;
  const expected = type === undefined ? '' : ` of type ${type}`;
  return malformed(`the value of ${formatPath(entry.path)}${expected} is refused: ${problem}`);
}

function typedValue(type: DataType, key: ValueKey, value: JsonValue): TypedValue | undefined {
  switch (type) {
    case 'integer':
    case 'unsigned-integer':
    case 'time':
      return key === 'v' && isNumber(value) ? { type, value } : undefined;
    case 'float':
      return key === 'v' && isNumber(value) ? { type, value: Number(value) } : undefined;
    case 'boolean':
      return key === 'bv' && typeof value === 'boolean' ? { type, value } : undefined;
    case 'string':
    case 'corelnk':
      return key === 'sv' && typeof value === 'string' ? { type, value } : undefined;
    case 'opaque': {
      const bytes = key === 'sv' && typeof value === 'string' ? base64Decode(value) : undefined;
      return bytes && { type, value: bytes };
    }
    case 'objlnk': {
      const isText = (key === 'ov' || key === 'sv') && typeof value === 'string';
      const link = isText ? parseObjectLink(value) : undefined;
      return link && { type, value: link };
    }
    case 'none':
      return undefined;
  }
}

function guessType(entry: JsonEntry): DataType {
  switch (entry.key) {
    case 'v':
      if (checkValue('integer', entry.value) === undefined) return 'integer';
      return checkValue('unsigned-integer', entry.value) === undefined ? 'unsigned-integer' : 'float';
    case 'bv':
      return 'boolean';
    case 'sv':
      return 'string';
    case 'ov':
      return 'objlnk';
  }
}

function isNumber(value: JsonValue): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint';
}

/**
 * The path that base name and name give together (R-1130). Where real devices differ (R-1132), a name
 * without base and without leading slash is relative to the path of the request, and a base that names a
 * path without a slash at its end gets one.
 */
function pathOfName(name: string, context: JsonEntryContext): Path | undefined {
  const { baseName, path } = context;
  const base = baseName === '' && !name.startsWith('/') ? formatPath(path) : baseName;
  if (name === '') return parsePath(base.length > 1 && base.endsWith('/') ? base.slice(0, -1) : base);
  const lacksSlash =
    base !== '' && !base.endsWith('/') && !name.startsWith('/') && parsePath(base) !== undefined;
  return parsePath(lacksSlash ? `${base}/${name}` : base + name);
}
