import { type Milliseconds, milliseconds } from '@dunlin/base';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const week = 7 * day;

/** The last value of each range, with its step and where the values of the range start to count (3GPP TS 23.040 §9.2.3.12.1). */
const ranges = [
  { last: 143, step: 5 * minute, from: (value: number): number => (value + 1) * 5 * minute },
  { last: 167, step: 30 * minute, from: (value: number): number => 12 * hour + (value - 143) * 30 * minute },
  { last: 196, step: day, from: (value: number): number => (value - 166) * day },
  { last: 255, step: week, from: (value: number): number => (value - 192) * week },
] as const;

/** The longest period that can be said: 63 weeks. */
const longestValidity = milliseconds(63 * week);

/**
 * The relative format of a validity period (TP-VP): the shortest of those that can be said that is not shorter than
 * `validity`; at least 5 minutes and at most 63 weeks.
 */
export function encodeRelativeValidity(validity: Milliseconds): number {
  for (let value = 0; value < 255; value += 1) if (decodeRelativeValidity(value) >= validity) return value;
  return 255;
}

/** How long a relative validity period is. */
export function decodeRelativeValidity(value: number): Milliseconds {
  const range = ranges.find(({ last }) => value <= last);
  return milliseconds(range?.from(value) ?? longestValidity);
}
