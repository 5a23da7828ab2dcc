import type { MemoryUse } from './memory.ts';
import type { Rate } from './rates.ts';

/** A figure that there is a budget for. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly budget: Budget;
  readonly isReached: boolean;
}

/** What is good enough. */
type Budget =
  /** A ratio to another figure of the same run. */
  | { readonly kind: 'at-least'; readonly ratio: number }
  | { readonly kind: 'at-most'; readonly bytes: number };

/** By name of the rate or memory use. */
const budgets: Readonly<Record<string, Budget>> = {
  'CoAP GET': { kind: 'at-least', ratio: 0.6 },
  'LwM2M Register': { kind: 'at-least', ratio: 0.3 },
  'LwM2M Update': { kind: 'at-least', ratio: 0.45 },
  'LwM2M notification (CON)': { kind: 'at-least', ratio: 0.35 },
  'CoAP GET over PSK-CCM-8': { kind: 'at-least', ratio: 0.35 },
  'PSK handshake': { kind: 'at-least', ratio: 0.025 },
  'registered device': { kind: 'at-most', bytes: 1024 },
  'idle DTLS association': { kind: 'at-most', bytes: 3072 },
};

/** The figures of a run that have a budget. */
export function figuresOf(rates: readonly Rate[], memory: readonly MemoryUse[]): readonly Figure[] {
  return [
    ...rates.map(({ name, ratio }) => ({ name, value: ratio })),
    ...memory.map(({ name, objectBytes }) => ({ name, value: objectBytes })),
  ].flatMap(({ name, value }) => {
    const budget = budgets[name];
    if (budget === undefined) return [];
    const isReached = budget.kind === 'at-least' ? value >= budget.ratio : value <= budget.bytes;
    return [{ name, value, budget, isReached }];
  });
}
