/** Something that is wrong with what was sent. */
export interface InputProblem {
  /** The member at fault, such as `body.servers.0.uri`. */
  readonly field: string;
  /** What is wrong, as the rest of a sentence that begins with the member. */
  readonly reason: string;
}

/** Collects what is wrong with a request: of each member what was found first, for what comes after follows from it. */
export class InputProblems {
  readonly #found = new Map<string, string>();

  get all(): readonly InputProblem[] {
    return [...this.#found].map(([field, reason]) => ({ field, reason }));
  }

  get isEmpty(): boolean {
    return this.#found.size === 0;
  }

  add(field: string, reason: string): void {
    if (!this.#found.has(field)) this.#found.set(field, reason);
  }

  /** True when something is wrong with a member, or with one inside it. */
  concern(field: string): boolean {
    return [...this.#found.keys()].some((other) => other === field || other.startsWith(`${field}.`));
  }
}
