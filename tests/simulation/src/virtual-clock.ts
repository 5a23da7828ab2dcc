import { addDuration, type Instant, instantFrom, type Milliseconds } from '@dunlin/base';

/** Where virtual time begins: an arbitrary round instant, so that traces of runs compare. */
const epoch = instantFrom(Date.UTC(2030, 0, 1));

/** Time that passes only when it is told to. */
export class VirtualClock {
  #now: Instant;

  constructor(start: Instant = epoch) {
    this.#now = start;
  }

  get now(): Instant {
    return this.#now;
  }

  /** Moves on to `instant`; an instant in the past leaves the clock as it is. */
  moveTo(instant: Instant): void {
    if (instant > this.#now) this.#now = instant;
  }

  /** Moves on by `duration`. */
  advance(duration: Milliseconds): void {
    this.moveTo(addDuration(this.#now, duration));
  }
}
