import type { Milliseconds } from '@dunlin/base';

/** Writes that are handed out in one turn, so that a large fleet does not hold up everything else. */
const writesPerTurn = 1000;

/**
 * Writes that may wait a while: of several with one key only the last is made. One that fails is made again with the
 * next of its key, or when everything else is drained.
 */
export class LateWrites<T> implements Disposable {
  readonly #delay: Milliseconds;
  readonly #write: (item: T) => Promise<void> | undefined;
  readonly #waiting = new Map<string, T>();
  #timer: NodeJS.Timeout | undefined;

  /** `write` gives `undefined` when there is nothing to write any more. */
  constructor(delay: Milliseconds, write: (item: T) => Promise<void> | undefined) {
    this.#delay = delay;
    this.#write = write;
  }

  add(key: string, item: T): void {
    this.#waiting.set(key, item);
    this.#timer ??= setTimeout(() => this.#handOut(), this.#delay);
  }

  /** Hands out all that waits, now. */
  drain(): void {
    while (this.#waiting.size > 0) this.#handOutSome();
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #handOut(): void {
    this.#timer = undefined;
    this.#handOutSome();
    if (this.#waiting.size > 0) this.#timer = setTimeout(() => this.#handOut(), 1);
  }

  #handOutSome(): void {
    let count = 0;
    for (const [key, item] of this.#waiting) {
      this.#waiting.delete(key);
      this.#write(item)?.catch(() => {
        if (!this.#waiting.has(key)) this.#waiting.set(key, item);
      });
      count += 1;
      if (count >= writesPerTurn) return;
    }
  }
}
