import type { Instant } from '@dunlin/base';

import { now } from './clock.ts';

/** The longest time that Node's timers can wait. */
const longestTimer = 2 ** 31 - 1;

/** The one timer of a shell: follows the deadline of its core. */
export class DeadlineTimer implements Disposable {
  readonly #due: (at: Instant) => void;
  #timer: NodeJS.Timeout | undefined;
  #timerAt: Instant | undefined;

  /** `due` is called when a deadline has come; it may come to nothing by then, and is to arm the timer again. */
  constructor(due: (at: Instant) => void) {
    this.#due = due;
  }

  /** Waits for `deadline` from now on, `undefined` for none. */
  arm(deadline: Instant | undefined): void {
    if (deadline === this.#timerAt) return;
    // A timer that fires early is harmless, and cheaper than arming anew for every later deadline.
    if (deadline !== undefined && this.#timerAt !== undefined && this.#timerAt <= deadline) return;
    this[Symbol.dispose]();
    if (deadline === undefined) return;
    this.#timerAt = deadline;
    const wait = Math.min(Math.max(Math.ceil(deadline - now()), 0), longestTimer);
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#timerAt = undefined;
      this.#due(now());
    }, wait);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#timerAt = undefined;
  }
}
