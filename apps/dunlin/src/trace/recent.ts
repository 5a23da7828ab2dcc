/** The entries that were set last; with more than `capacity` the one that was set longest ago goes first. */
export class Recent<T> {
  readonly #capacity: number;
  readonly #onGone: (key: string) => void;
  readonly #entries = new Map<string, T>();

  constructor(capacity: number, onGone: (key: string) => void = () => undefined) {
    this.#capacity = capacity;
    this.#onGone = onGone;
  }

  get(key: string): T | undefined {
    return this.#entries.get(key);
  }

  set(key: string, value: T): void {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    if (this.#entries.size <= this.#capacity) return;
    const [oldest] = this.#entries.keys();
    if (oldest === undefined) return;
    this.#entries.delete(oldest);
    this.#onGone(oldest);
  }
}
