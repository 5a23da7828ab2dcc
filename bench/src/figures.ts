import type { MemoryUse } from './memory.ts';
import type { Rate } from './rates.ts';
import { bareLoop, longestFilter, type SearchCost } from './search.ts';

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
  | { readonly kind: 'at-most'; readonly bytes: number }
  | { readonly kind: 'at-most-ratio'; readonly ratio: number };

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

/**
 * What a search may cost beside a bare loop, which takes less than 2 ms for 100,000 names where nothing else is going on: 60 ms by what
 * people type, and 150 ms by the longest filter that is taken.
 */
const searchBudgets: Readonly<Record<'usual' | 'longest', Budget>> = {
  usual: { kind: 'at-most-ratio', ratio: 30 },
  longest: { kind: 'at-most-ratio', ratio: 80 },
};

interface Measured {
  readonly rates: readonly Rate[];
  readonly memory: readonly MemoryUse[];
  readonly search: readonly SearchCost[];
}

/** The figures of a run that have a budget. */
export function figuresOf({ rates, memory, search }: Measured): readonly Figure[] {
  return [
    ...rates.map(({ name, ratio }) => ({ name, value: ratio, budget: budgets[name] })),
    ...memory.map(({ name, objectBytes }) => ({ name, value: objectBytes, budget: budgets[name] })),
    ...search.map(({ name, ratio }) => ({ name, value: ratio, budget: budgetOfSearch(name) })),
  ].flatMap(({ name, value, budget }) =>
    budget === undefined ? [] : [{ name, value, budget, isReached: isReached(value, budget) }],
  );
}

function budgetOfSearch(name: string): Budget | undefined {
  if (name === bareLoop) return undefined;
  return name === longestFilter ? searchBudgets.longest : searchBudgets.usual;
}

function isReached(value: number, budget: Budget): boolean {
  switch (budget.kind) {
    case 'at-least':
      return value >= budget.ratio;
    case 'at-most':
      return value <= budget.bytes;
    case 'at-most-ratio':
      return value <= budget.ratio;
  }
}
