import type { Instant, Milliseconds } from '@dunlin/base';

/** Counts what may happen too often for the log to have it each time. */
export class Occasional {
  readonly #interval: Milliseconds;
  readonly #now: () => Instant;
  #count = 0;
  #toldAt = -Infinity;

  /** It is worth telling once in `interval`. */
  constructor(interval: Milliseconds, now: () => Instant) {
    this.#interval = interval;
    this.#now = now;
  }

  /** It happened: how often since it was told last, if it is time to tell it. */
  happened(times: number = 1): number | undefined {
    this.#count += times;
    const at = this.#now();
    if (at - this.#toldAt < this.#interval) return undefined;
    this.#toldAt = at;
    const count = this.#count;
    this.#count = 0;
    return count;
  }
}
