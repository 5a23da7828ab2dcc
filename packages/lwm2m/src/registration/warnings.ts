const limit = 16;

/** Collects sentences about what was passed over; beyond the first 16 they are only counted. */
export class Warnings {
  readonly #sentences: string[] = [];
  #further = 0;

  add(sentence: string): void {
    if (this.#sentences.length < limit) this.#sentences.push(sentence);
    else this.#further += 1;
  }

  get list(): readonly string[] {
    return this.#further === 0 ? this.#sentences : [...this.#sentences, `And ${this.#further} more.`];
  }
}
