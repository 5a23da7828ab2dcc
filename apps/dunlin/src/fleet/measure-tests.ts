import type { Instant } from '@dunlin/base';

import type { EntryTest } from './device-filter.ts';
import { type FilterProblem, type FilterTerm, problem } from './filter-terms.ts';
import type { FleetEntry } from './fleet-entry.ts';

const units: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/**
 * Conditions on a time. A duration is compared with how long it is ago, or until then: `seen<1h` is within the last hour. A
 * date is compared with the time itself: `registered<2026-01-01` is before that day began in UTC.
 */
export function instantTest(
  direction: 'since' | 'until',
  read: (entry: FleetEntry) => Instant,
): (term: FilterTerm) => EntryTest | FilterProblem {
  return (term) => {
    const value = singleValue(term);
    if ('reason' in value) return value;
    const { text, position } = value;
    const holds = orderTest(term.operator);
    const duration = durationOf(text);
    if (duration !== undefined) {
      return (entry, { now }) => {
        const difference = direction === 'since' ? now - read(entry) : read(entry) - now;
        return holds(difference - duration);
      };
    }
    const date = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN;
    if (Number.isNaN(date))
      return problem(
        position,
        `a time is a duration such as 30s, 5m, 1h or 7d, or a date such as 2026-01-31, not ${JSON.stringify(text)}`,
      );
    return (entry) => holds(read(entry) - date);
  };
}

/** Conditions on a number. */
export function numberTest(
  read: (entry: FleetEntry) => number,
): (term: FilterTerm) => EntryTest | FilterProblem {
  return (term) => {
    const value = singleValue(term);
    if ('reason' in value) return value;
    const wanted = Number(value.text);
    if (value.text.trim() === '' || !Number.isFinite(wanted))
      return problem(value.position, `${term.key ?? ''} takes a number, not ${JSON.stringify(value.text)}`);
    const holds = orderTest(term.operator);
    return (entry) => holds(read(entry) - wanted);
  };
}

function singleValue(term: FilterTerm): FilterTerm['values'][number] | FilterProblem {
  const [value, surplus] = term.values;
  if (value === undefined || surplus !== undefined)
    return problem(surplus?.position ?? term.position, `${term.key ?? ''} takes one value`);
  return value;
}

/** Whether a difference, or an order, is what an operator wants. */
export function orderTest(operator: FilterTerm['operator']): (difference: number) => boolean {
  switch (operator) {
    case '<':
      return (difference) => difference < 0;
    case '<=':
      return (difference) => difference <= 0;
    case '>':
      return (difference) => difference > 0;
    case '>=':
      return (difference) => difference >= 0;
    case ':':
    case '=':
      return (difference) => difference === 0;
  }
}

function durationOf(text: string): number | undefined {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)([a-z]+)$/.exec(text) ?? [];
  const length = unit === undefined ? undefined : units[unit];
  return length === undefined ? undefined : Number(amount) * length;
}
