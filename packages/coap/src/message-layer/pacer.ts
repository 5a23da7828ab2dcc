/**
 * Gives out points in time at a steady rate with a burst (the generic cell rate algorithm): two numbers,
 * whatever the load.
 */
export class Pacer {
  readonly #interval: number;
  readonly #tolerance: number;
  #theoretical = -Infinity;

  constructor(perSecond: number, burst: number) {
    this.#interval = 1000 / perSecond;
    this.#tolerance = this.#interval * (burst - 1);
  }

  /** When the next one may happen, in milliseconds like `now`; counts as if it will. */
  reserve(now: number): number {
    const at = Math.max(now, this.#theoretical - this.#tolerance);
    this.#theoretical = Math.max(this.#theoretical, now) + this.#interval;
    return at;
  }

  /** True, and counted, when one may happen now. */
  take(now: number): boolean {
    if (this.#theoretical - this.#tolerance > now) return false;
    this.#theoretical = Math.max(this.#theoretical, now) + this.#interval;
    return true;
  }
}
