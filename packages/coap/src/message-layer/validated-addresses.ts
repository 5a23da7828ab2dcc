import type { Milliseconds } from '@dunlin/base';

/**
 * The addresses that have shown to receive what is sent to them, so that a server that a device knows need not
 * prove itself again after each silence (RFC 9175 §2.4 leaves to us for how long). Two sets that take turns: no time
 * stamps and no timers, and bounded.
 */
export class ValidatedAddresses {
  readonly #maxAddresses: number;
  readonly #lifetime: Milliseconds;
  #current = new Set<string>();
  #previous = new Set<string>();
  #turnAt = 0;

  /** An address is remembered for `lifetime` to twice that, unless more than `maxAddresses` come meanwhile. */
  constructor(maxAddresses: number, lifetime: Milliseconds) {
    this.#maxAddresses = maxAddresses;
    this.#lifetime = lifetime;
  }

  has(key: string, now: number): boolean {
    if (this.#current.size === 0 && this.#previous.size === 0) return false;
    if (now >= this.#turnAt) this.#turn(now);
    return this.#current.has(key) || this.#previous.has(key);
  }

  add(key: string, now: number): void {
    if (now >= this.#turnAt || this.#current.size >= this.#maxAddresses) this.#turn(now);
    this.#current.add(key);
  }

  #turn(now: number): void {
    // After a long pause the older ones are too old as well.
    this.#previous = now >= this.#turnAt + this.#lifetime ? new Set() : this.#current;
    this.#current = new Set();
    this.#turnAt = now + this.#lifetime;
  }
}
