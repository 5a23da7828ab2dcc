/** Sources share this many counters: a flood of made-up addresses costs no memory, only some sharing. */
const bucketCount = 1024;

/** Limits how often something happens on account of one source address (CR-11.3). */
export class SourceLimiter {
  readonly #perMillisecond: number;
  readonly #burst: number;
  readonly #seed: number;
  /** Spent amount and time of each bucket, made with the first use. */
  #buckets: Float64Array | undefined;

  /** `seed` keeps outsiders from choosing addresses that share a counter with others. */
  constructor(perSecond: number, burst: number, seed: number) {
    this.#perMillisecond = perSecond / 1000;
    this.#burst = burst;
    this.#seed = seed;
  }

  /** True, and counted, when it may happen once more for this source. */
  take(source: string, now: number): boolean {
    this.#buckets ??= new Float64Array(bucketCount * 2);
    const index = this.#bucketOf(source) * 2;
    const elapsed = now - (this.#buckets[index + 1] ?? 0);
    const spent = Math.max(0, (this.#buckets[index] ?? 0) - elapsed * this.#perMillisecond);
    const isAllowed = spent + 1 <= this.#burst;
    this.#buckets[index] = isAllowed ? spent + 1 : spent;
    this.#buckets[index + 1] = now;
    return isAllowed;
  }

  #bucketOf(source: string): number {
    let hash = this.#seed;
    for (let index = 0; index < source.length; index += 1) {
      hash = Math.imul(hash ^ source.charCodeAt(index), 0x01000193);
    }
    return (hash ^ (hash >>> 15)) & (bucketCount - 1);
  }
}
