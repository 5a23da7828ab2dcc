/** Something in a configuration that a device would refuse, or that would leave it without a server. */
export interface ConfigurationProblem {
  /** Where it is, such as `servers.0.uri`. */
  readonly field: string;
  /** What is wrong, as the rest of a sentence that begins with the field. */
  readonly reason: string;
}

/** Collects what is wrong. */
export class Problems {
  readonly #found: ConfigurationProblem[] = [];

  get all(): readonly ConfigurationProblem[] {
    return this.#found;
  }

  /** Adds a problem unless there is none. */
  add(field: string, reason: string | undefined): void {
    if (reason !== undefined) this.#found.push({ field, reason });
  }

  /** Adds a problem for a number that is not whole or not inside its bounds; one that is not there is none. */
  number(field: string, value: number | undefined, minimum: number, maximum: number): void {
    if (value === undefined || (Number.isInteger(value) && value >= minimum && value <= maximum)) return;
    this.add(field, `must be a whole number from ${minimum} to ${maximum}`);
  }

  /** Adds a problem for a list that is longer than the limit. */
  count(field: string, length: number, limit: number): void {
    if (length > limit) this.add(field, `must not have more than ${limit} entries`);
  }
}
