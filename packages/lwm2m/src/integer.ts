import type { Integer } from './value.ts';

const safeMaximum = BigInt(Number.MAX_SAFE_INTEGER);

/** The canonical form of a 64-bit integer: a `number` when it is a safe integer, a `bigint` beyond. */
export function canonicalInteger(value: bigint): Integer {
  return value >= -safeMaximum && value <= safeMaximum ? Number(value) : value;
}
