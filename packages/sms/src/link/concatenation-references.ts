import type { Random } from '@dunlin/base';

/** The numbers whose last reference is known; for more, all begin anew. */
const maxNumbers = 10_000;

/**
 * The references that parts of one datagram have in common (3GPP TS 23.040 §9.2.3.24.1): counted up for each number, from
 * a random start, since its receiver may remember parts of what an earlier process sent.
 */
export class ConcatenationReferences {
  readonly #random: Random;
  readonly #mask: number;
  readonly #last = new Map<string, number>();

  constructor(random: Random, isWide: boolean) {
    this.#random = random;
    this.#mask = isWide ? 0xffff : 0xff;
  }

  /** The next one for a number. */
  next(to: string): number {
    if (this.#last.size >= maxNumbers) this.#last.clear();
    const reference = ((this.#last.get(to) ?? this.#random.uint32()) + 1) & this.#mask;
    this.#last.set(to, reference);
    return reference;
  }
}
