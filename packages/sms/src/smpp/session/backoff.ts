import { type Milliseconds, milliseconds, type Random } from '@dunlin/base';

/** Waits that double, each shortened by up to a half at random so that many who failed together do not return together. */
export class Backoff {
  readonly #first: Milliseconds;
  readonly #longest: Milliseconds;
  readonly #random: Random;
  #next: Milliseconds;

  constructor(first: Milliseconds, longest: Milliseconds, random: Random) {
    this.#first = first;
    this.#longest = longest;
    this.#random = random;
    this.#next = first;
  }

  /** The next wait. */
  next(): Milliseconds {
    const delay = this.#next;
    this.#next = milliseconds(Math.min(delay * 2, this.#longest));
    return milliseconds(delay * (1 - this.#random.fraction() / 2));
  }

  /** Begins with the first one again. */
  reset(): void {
    this.#next = this.#first;
  }
}
