import type { Instant } from '@dunlin/base';

import { DayCount } from './day-count.ts';
import { isCausedByOthers, type Purpose, purposes } from './purpose.ts';

/** What may be spent, in short messages: each part of a concatenated one counts. A day is any 24 hours. */
export interface LinkBudgets {
  /** Short messages a second to all numbers: more wait their turn. Default 1, what centres grant without a contract about more. */
  readonly perSecond: number;
  /** Of our own accord in all: at its end there is an alarm, and nothing goes out until some of it is a day old. Default 1,000. */
  readonly perDay: number;
  /** Of our own accord to one number. Default 20. */
  readonly perDevicePerDay: number;
  /** Answers and handshakes in all, which others cause: a reserve of their own, so that no flood uses up `perDay`. Default 200. */
  readonly answersPerDay: number;
  /** Answers and handshakes to one number. Default 20: two handshakes of six messages, and some answers. */
  readonly answersPerDevicePerDay: number;
  /** Further limits for single purposes, to all numbers together. Default none. */
  readonly perPurposePerDay: Partial<Readonly<Record<Purpose, number>>>;
}

/** Defaults, see `LinkBudgets`. */
export const budgetDefaults: LinkBudgets = {
  perSecond: 1,
  perDay: 1000,
  perDevicePerDay: 20,
  answersPerDay: 200,
  answersPerDevicePerDay: 20,
  perPurposePerDay: {},
};

/** Which budget stands in the way. */
export type BudgetName =
  | 'day'
  | 'device-day'
  | 'answers-day'
  | 'answers-device-day'
  | `purpose-day:${Purpose}`;

/** A budget that does not hold what is asked. */
export interface BudgetShortage {
  readonly budget: BudgetName;
  /** What it allows in 24 hours. */
  readonly limit: number;
  readonly left: number;
}

/** One budget as it stands. */
export interface BudgetLevel {
  readonly budget: BudgetName;
  readonly limit: number;
  readonly left: number;
}

interface Account {
  readonly budget: BudgetName;
  readonly limit: number;
  readonly count: DayCount;
}

/** Counts what is spent, and says what may be. Everything is spent when it is reserved: what was not sent is given back. */
export class Budgets {
  readonly #limits: LinkBudgets;
  readonly #day = new DayCount();
  readonly #answers = new DayCount();
  readonly #ofPurpose = new Map<Purpose, DayCount>();
  /** By number; as many as the budgets of all numbers together let there be. */
  readonly #ofDevice = new Map<string, DayCount>();
  readonly #answersOfDevice = new Map<string, DayCount>();

  constructor(limits: LinkBudgets) {
    this.#limits = limits;
  }

  /** Spends so many short messages, or says which budget does not hold them; then nothing is spent. */
  reserve(to: string, purpose: Purpose, parts: number, now: Instant): BudgetShortage | undefined {
    const accounts = this.#accounts(to, purpose, now);
    for (const { budget, limit, count } of accounts) {
      const left = Math.max(0, limit - count.at(now));
      if (left < parts) return { budget, limit, left };
    }
    for (const { count } of accounts) count.add(parts, now);
    return undefined;
  }

  /** Counts what was spent at `at` without asking: by an earlier process, or when less than reserved was used (negative). */
  adjust(to: string, purpose: Purpose, parts: number, at: Instant): void {
    for (const { count } of this.#accounts(to, purpose, at)) count.add(parts, at);
  }

  /** How the budgets for all numbers stand. */
  levels(now: Instant): readonly BudgetLevel[] {
    const { perDay, answersPerDay, perPurposePerDay } = this.#limits;
    const levels = [
      level('day', perDay, this.#day, now),
      level('answers-day', answersPerDay, this.#answers, now),
    ];
    for (const purpose of purposesIn(perPurposePerDay)) {
      const limit = perPurposePerDay[purpose];
      if (limit !== undefined)
        levels.push(level(`purpose-day:${purpose}`, limit, this.#purpose(purpose), now));
    }
    return levels;
  }

  /** How the budgets for one number stand. */
  levelsOf(to: string, now: Instant): readonly BudgetLevel[] {
    const { perDevicePerDay, answersPerDevicePerDay } = this.#limits;
    return [
      level('device-day', perDevicePerDay, this.#ofDevice.get(to), now),
      level('answers-device-day', answersPerDevicePerDay, this.#answersOfDevice.get(to), now),
    ];
  }

  #accounts(to: string, purpose: Purpose, now: Instant): readonly Account[] {
    const limits = this.#limits;
    const ofPurpose = limits.perPurposePerDay[purpose];
    const own: readonly Account[] =
      ofPurpose === undefined
        ? []
        : [{ budget: `purpose-day:${purpose}`, limit: ofPurpose, count: this.#purpose(purpose) }];
    if (isCausedByOthers(purpose)) {
      const device = countOf(this.#answersOfDevice, to, now);
      return [
        { budget: 'answers-day', limit: limits.answersPerDay, count: this.#answers },
        ...own,
        { budget: 'answers-device-day', limit: limits.answersPerDevicePerDay, count: device },
      ];
    }
    const device = countOf(this.#ofDevice, to, now);
    return [
      { budget: 'day', limit: limits.perDay, count: this.#day },
      ...own,
      { budget: 'device-day', limit: limits.perDevicePerDay, count: device },
    ];
  }

  #purpose(purpose: Purpose): DayCount {
    const known = this.#ofPurpose.get(purpose);
    if (known !== undefined) return known;
    const count = new DayCount();
    this.#ofPurpose.set(purpose, count);
    return count;
  }
}

/** Numbers that nothing was sent to for a day are forgotten at this many, or there would be one for each ever sent to. */
const manyNumbers = 4096;

function countOf(counts: Map<string, DayCount>, to: string, now: Instant): DayCount {
  const known = counts.get(to);
  if (known !== undefined) return known;
  if (counts.size >= manyNumbers) {
    for (const [number, count] of counts) if (count.at(now) === 0) counts.delete(number);
  }
  const count = new DayCount();
  counts.set(to, count);
  return count;
}

function level(budget: BudgetName, limit: number, count: DayCount | undefined, now: Instant): BudgetLevel {
  return { budget, limit, left: Math.max(0, limit - (count?.at(now) ?? 0)) };
}

function purposesIn(limits: LinkBudgets['perPurposePerDay']): readonly Purpose[] {
  return purposes.filter((purpose) => limits[purpose] !== undefined);
}
