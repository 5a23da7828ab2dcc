import type { AttributesInput } from '@dunlin/api';

/** NOTIFICATION attributes (1.0 §5.1.2). */
export const attributeNames = ['pmin', 'pmax', 'gt', 'lt', 'st'] as const;
export type AttributeName = (typeof attributeNames)[number];

/** What is to be changed, or what is wrong. */
export type ReadAttributes =
  | { readonly kind: 'change'; readonly change: AttributesInput }
  | { readonly kind: 'problem'; readonly reason: string };

/** What was typed, against what is wished now: an empty field unsets what was set. */
export function readAttributes(
  inputs: Readonly<Record<AttributeName, string>>,
  wished: AttributesInput,
): ReadAttributes {
  const change: Record<string, number | null> = {};
  const numbers: Record<string, number> = {};
  for (const name of attributeNames) {
    const input = inputs[name].trim();
    const old = wished[name] ?? undefined;
    if (input === '') {
      if (old !== undefined) change[name] = null;
      continue;
    }
    const number = Number(input);
    if (!Number.isFinite(number)) return { kind: 'problem', reason: `${name} is a number` };
    if ((name === 'pmin' || name === 'pmax') && !(Number.isInteger(number) && number >= 0)) {
      return { kind: 'problem', reason: `${name} is a whole number of seconds` };
    }
    if (name === 'st' && number <= 0) return { kind: 'problem', reason: 'st is above 0' };
    numbers[name] = number;
    if (number !== old) change[name] = number;
  }
  const { pmin, pmax, lt, gt, st } = numbers;
  if (pmin !== undefined && pmax !== undefined && pmax < pmin) {
    return { kind: 'problem', reason: 'pmax is at least pmin' };
  }
  // 1.0 §5.1.2: lt + 2 × st < gt, so that the steps do not hide the thresholds.
  if (lt !== undefined && gt !== undefined && lt + 2 * (st ?? 0) >= gt) {
    return { kind: 'problem', reason: 'gt is above lt by more than twice st' };
  }
  return { kind: 'change', change };
}
