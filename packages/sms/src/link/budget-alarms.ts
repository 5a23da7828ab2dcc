import type { Instant } from '@dunlin/base';

import type { BudgetName } from './budgets.ts';

/** The end of the same budget is told no sooner again, in milliseconds. */
const alarmInterval = 3_600_000;

/** When the end of budgets is worth an alarm: of those for all numbers, and not with each datagram that is refused. */
export class BudgetAlarms {
  readonly #toldAt = new Map<BudgetName, Instant>();

  /** True where the end of this budget is to be told now; it counts as told then. */
  isDue(budget: BudgetName, now: Instant): boolean {
    if (budget === 'device-day' || budget === 'answers-device-day') return false;
    if (now - (this.#toldAt.get(budget) ?? -Infinity) < alarmInterval) return false;
    this.#toldAt.set(budget, now);
    return true;
  }
}
