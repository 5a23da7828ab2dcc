export interface AllowanceLimits {
  /** How many at once: a shift of mistyped devices that all come back after a restart. */
  readonly burst: number;
  /** How many a second in the long run: as fast as somebody could read at all. */
  readonly perSecond: number;
}

const allowanceDefaults: AllowanceLimits = { burst: 100, perSecond: 10 };

/** Lets through so many and no more, so that hostile traffic does not push what devices do out of the events and the log. */
export class Allowance {
  readonly #clock: () => number;
  readonly #limits: AllowanceLimits;
  #left: number;
  #filledAt: number;

  /** `clock` gives milliseconds and never runs backwards. */
  constructor(clock: () => number, limits: Readonly<Partial<AllowanceLimits>> = {}) {
    this.#clock = clock;
    this.#limits = { ...allowanceDefaults, ...limits };
    this.#left = this.#limits.burst;
    this.#filledAt = clock();
  }

  /** True when one more may pass. */
  take(): boolean {
    this.#fill();
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }

  /** Takes the last one back: it is not to count. */
  giveBack(): void {
    this.#left = Math.min(this.#limits.burst, this.#left + 1);
  }

  /** Whole seconds until one more may pass; 0 when it may now. */
  wait(): number {
    this.#fill();
    return this.#left >= 1 ? 0 : Math.ceil((1 - this.#left) / this.#limits.perSecond);
  }

  #fill(): void {
    const { burst, perSecond } = this.#limits;
    const now = this.#clock();
    this.#left = Math.min(burst, this.#left + ((now - this.#filledAt) * perSecond) / 1000);
    this.#filledAt = now;
  }
}
