import { Allowance, type AllowanceLimits } from '../events/allowance.ts';

/** An allowance for each of many keys; of those that nobody used for longest, the oldest is forgotten when there are too many. */
export class KeyedAllowance {
  readonly #clock: () => number;
  readonly #limits: AllowanceLimits;
  readonly #most: number;
  readonly #allowances = new Map<string, Allowance>();

  /** `clock` gives milliseconds and never runs backwards. */
  constructor(clock: () => number, limits: AllowanceLimits, most: number) {
    this.#clock = clock;
    this.#limits = limits;
    this.#most = most;
  }

  /** Whole seconds until one more may pass; 0 when it may now. */
  wait(key: string): number {
    return this.#allowances.get(key)?.wait() ?? 0;
  }

  take(key: string): void {
    const allowance = this.#allowances.get(key) ?? new Allowance(this.#clock, this.#limits);
    allowance.take();
    // Last in the order of the map: it was used last.
    this.#allowances.delete(key);
    this.#allowances.set(key, allowance);
    if (this.#allowances.size <= this.#most) return;
    const [oldest] = this.#allowances.keys();
    if (oldest !== undefined) this.#allowances.delete(oldest);
  }

  /** The last one that was taken is not to count. */
  giveBack(key: string): void {
    this.#allowances.get(key)?.giveBack();
  }
}
