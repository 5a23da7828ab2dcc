import type { Instant } from '@dunlin/base';

const hour = 3_600_000;
/** The hour that has begun and all that a day before any instant in it reaches into. */
const hoursOfDay = 25;

/**
 * How much was spent in the last 24 hours, counted in slots of an hour: never too little, and up to an hour for too
 * long. A count that is emptied at midnight would allow twice its limit around it.
 */
export class DayCount {
  /** The oldest first. */
  readonly #slots: { readonly hour: number; spent: number }[] = [];

  /** What was spent in the 24 hours before `now`. */
  at(now: Instant): number {
    this.#forget(now);
    return this.#slots.reduce((sum, { spent }) => sum + spent, 0);
  }

  /** Counts what was spent at `at`; a negative `amount` takes it back. */
  add(amount: number, at: Instant): void {
    const slot = Math.floor(at / hour);
    const known = this.#slots.find((each) => each.hour === slot);
    if (known === undefined) {
      this.#slots.push({ hour: slot, spent: Math.max(0, amount) });
      this.#slots.sort((a, b) => a.hour - b.hour);
    } else known.spent = Math.max(0, known.spent + amount);
  }

  #forget(now: Instant): void {
    const oldest = Math.floor(now / hour) - hoursOfDay + 1;
    while ((this.#slots[0]?.hour ?? oldest) < oldest) this.#slots.shift();
  }
}
