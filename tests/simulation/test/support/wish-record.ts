type Outcome = { readonly value: unknown } | { readonly error: Error };

/** What callers were told of a wish. */
export class Wish<T> {
  /** What was answered last. */
  value: T;
  /** False when the last change had no answer but an error, or two changes crossed each other. */
  isCertain = true;
  #pending = 0;
  #didCross = false;

  constructor(value: T) {
    this.value = value;
  }

  /** A change is asked for; what is given back takes its outcome. */
  begin(change: T): (outcome: Outcome) => void {
    if (this.#pending > 0) this.#didCross = true;
    this.#pending += 1;
    return (outcome) => {
      this.isCertain = 'value' in outcome && !this.#didCross;
      if (this.isCertain) this.value = change;
      this.#pending -= 1;
      if (this.#pending === 0) this.#didCross = false;
    };
  }

  /** Whoever waited for an answer is gone. */
  crashed(): void {
    if (this.#pending > 0) this.isCertain = false;
    this.#pending = 0;
    this.#didCross = false;
  }
}

/** What callers were told of wishes: by device and path or name. */
export class WishRecord<T> {
  readonly #nothing: T;
  readonly #wishes = new Map<string, Wish<T>>();

  /** `nothing`: what holds before anything was wished. */
  constructor(nothing: T) {
    this.#nothing = nothing;
  }

  of(endpointName: string, name: string): Wish<T> {
    const key = `${endpointName} ${name}`;
    const wish = this.#wishes.get(key) ?? new Wish(this.#nothing);
    this.#wishes.set(key, wish);
    return wish;
  }

  crashed(): void {
    for (const wish of this.#wishes.values()) wish.crashed();
  }
}
