import type { ValueRange } from '../object-definition.ts';
import type { DataType } from '../value.ts';

/**
 * The bounds that the `RangeEnumeration` of a DDF file states, or `undefined` when it states none that a program
 * can hold to: an empty text, prose, a width in bits, a single number. What is written in practice:
 * `0..100`, `0-255`, `-30..-120`, `1...15`, `[1:4]`, `0-255 bytes`, `0 bytes-255 bytes`, `10 or 26 Bytes`, `6 bytes`,
 * `16-32-48 bytes`, `5, 10, 15`, `0..3, 99`, and lines of `1: normal`. A list that mixes values and intervals
 * becomes an enumeration when that is short, else the interval around all of it, which refuses nothing allowed.
 * Bounds beyond 2^53 are the nearest number.
 */
export function parseValueRange(type: DataType, text: string): ValueRange | undefined {
  const trimmed = text.trim();
  if (trimmed === '' || trimmed.length > maxRangeTextLength) return undefined;
  switch (type) {
    case 'integer':
    case 'unsigned-integer':
    case 'time':
      return numberRange(trimmed, true);
    case 'float':
      return numberRange(trimmed, false);
    case 'string':
    case 'corelnk':
      return lengthRange(trimmed, 'at-most') ?? wordList(trimmed);
    case 'opaque':
      return lengthRange(trimmed, 'exactly');
    case 'boolean':
    case 'objlnk':
    case 'none':
      return undefined;
  }
}

/** Prose is longer; this keeps the patterns below from being tried on a whole book. */
const maxRangeTextLength = 1_000;

/** A longer list of values is described by the interval around it. */
const maxEnumeration = 32;

interface Interval {
  readonly minimum: number;
  readonly maximum: number;
}

function numberRange(text: string, isWhole: boolean): ValueRange | undefined {
  const labelled = labelledValues(text);
  if (labelled !== undefined) return { kind: 'enumeration', values: labelled };

  const items = text.split(/[,;]/);
  const parts = items.map((item) => intervalFrom(item.trim()));
  if (parts.includes(undefined)) return undefined;
  const intervals = parts.filter((part) => part !== undefined);
  const [only] = intervals;
  if (intervals.length === 1 && only !== undefined) {
    // One number alone is not a bound: whether it means 'at most' or 'as many as' is anyone's guess.
    return only.minimum === only.maximum ? undefined : { kind: 'interval', ...only };
  }
  const values = isWhole ? valuesOf(intervals) : undefined;
  return values === undefined ? { kind: 'interval', ...around(intervals) } : { kind: 'enumeration', values };
}

/** The values of lines such as `255: STUCK`, when there are two or more lines and all are like that. */
function labelledValues(text: string): readonly number[] | undefined {
  const lines = text.split(/\r?\n/);
  if (lines.length < 2) return undefined;
  const values: number[] = [];
  for (const line of lines) {
    const value = /^\s*(-?\d{1,19})\s*[:=]/.exec(line)?.[1];
    if (value === undefined) return undefined;
    values.push(Number(value));
  }
  return values;
}

const number = String.raw`[+-]?\d{1,25}(?:\.\d{1,25})?`;
const numberPattern = new RegExp(`^${number}$`);
const intervalPattern = new RegExp(String.raw`^(${number})\s*(?:\.{2,3}|-|–|to)\s*(${number})$`);
const bracketedPattern = new RegExp(String.raw`^\[\s*(${number})\s*(?:[:,]|\.{2,3})\s*(${number})\s*\]$`);

function intervalFrom(text: string): Interval | undefined {
  if (numberPattern.test(text)) return { minimum: Number(text), maximum: Number(text) };
  const [, first, second] = intervalPattern.exec(text) ?? bracketedPattern.exec(text) ?? [];
  if (first === undefined || second === undefined) return undefined;
  // Some files give the bounds of negative numbers the wrong way round: `-30..-120`.
  const bounds = [Number(first), Number(second)];
  return { minimum: Math.min(...bounds), maximum: Math.max(...bounds) };
}

function valuesOf(intervals: readonly Interval[]): readonly number[] | undefined {
  const values = new Set<number>();
  for (const { minimum, maximum } of intervals) {
    if (!Number.isInteger(minimum) || maximum - minimum > maxEnumeration) return undefined;
    for (let value = minimum; value <= maximum; value += 1) values.add(value);
  }
  return values.size > maxEnumeration ? undefined : [...values];
}

function around(intervals: readonly Interval[]): Interval {
  return {
    minimum: Math.min(...intervals.map(({ minimum }) => minimum)),
    maximum: Math.max(...intervals.map(({ maximum }) => maximum)),
  };
}

/**
 * `0..255`, `0-255 bytes`, `10 or 26 Bytes`, `16-32-48 bytes`: the least and the greatest length. A single one is that
 * of an opaque, which has a fixed layout then, and the most that a text may have: `64` for a camera's name.
 */
function lengthRange(text: string, single: 'exactly' | 'at-most'): ValueRange | undefined {
  const lengths: number[] = [];
  for (const part of text.split(/\.{2,3}|-|–|,|;|\bor\b|\bto\b/)) {
    const length = /^\s*(\d{1,9})\s*(?:bytes?|octets?)?\s*$/i.exec(part)?.[1];
    if (length === undefined) return undefined;
    lengths.push(Number(length));
  }
  if (lengths.length === 1 && single === 'at-most') lengths.push(0);
  return { kind: 'length', minimum: Math.min(...lengths), maximum: Math.max(...lengths) };
}

/** `U, UQ, S`: two or more single words. */
function wordList(text: string): ValueRange | undefined {
  const words = text.split(/[,;|]|\r?\n/).map((word) => word.trim().replace(/^(["'])(.*)\1$/, '$2'));
  if (words.length < 2 || !words.every((word) => /^[\w+./:-]+$/.test(word))) return undefined;
  return { kind: 'enumeration', values: [...new Set(words)] };
}
