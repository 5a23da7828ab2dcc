/** A fact that many may watch. Listeners run in the order of their subscription. */
export interface Signal<T> {
  /** Calls `listener` for each fact from now on, until the result is disposed (twice is harmless). */
  subscribe(listener: (fact: T) => void): Disposable;
}

/** The side of a signal that its owner keeps. */
export class SignalSource<T> implements Signal<T> {
  readonly #listeners = new Set<{ readonly notify: (fact: T) => void }>();

  /** How many listeners there are: lets an owner skip work that nobody watches. */
  get listenerCount(): number {
    return this.#listeners.size;
  }

  subscribe(listener: (fact: T) => void): Disposable {
    const entry = { notify: listener };
    this.#listeners.add(entry);
    return { [Symbol.dispose]: () => void this.#listeners.delete(entry) };
  }

  /**
   * Tells every listener. All of them are told even when one throws: the first error is thrown
   * afterwards, to the owner, so that it is never lost.
   */
  emit(fact: T): void {
    const errors: unknown[] = [];
    for (const { notify } of this.#listeners) {
      try {
        notify(fact);
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw errors[0];
  }
}
