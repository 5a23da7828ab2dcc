import type { InputProblems } from './input-problems.ts';

/**
 * Reads the members of a JSON object one by one, each as what it must be. What is wrong is added to the problems with
 * the name of the member, and something harmless stands in for it, so that the rest is read as well; so is, at the
 * `end`, a member that nobody read.
 */
export class BodyReader {
  /** What the object is called in messages, such as `body.servers.0`. */
  readonly field: string;
  readonly problems: InputProblems;
  readonly #members: ReadonlyMap<string, unknown>;
  readonly #known = new Set<string>();

  constructor(value: unknown, field: string, problems: InputProblems) {
    this.field = field;
    this.problems = problems;
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    if (!isObject) problems.add(field, 'must be an object');
    this.#members = new Map<string, unknown>(isObject ? Object.entries(value) : []);
  }

  /** A member as it is; `undefined` when there is none. */
  value(name: string): unknown {
    this.#known.add(name);
    return this.#members.get(name);
  }

  fieldOf(name: string): string {
    return `${this.field}.${name}`;
  }

  /** Adds what is wrong with a member. */
  refuse(name: string, reason: string): void {
    this.problems.add(this.fieldOf(name), reason);
  }

  text(name: string): string {
    const value = this.value(name);
    if (typeof value === 'string' && value !== '' && value.isWellFormed()) return value;
    this.refuse(name, value === undefined ? 'is missing' : 'must be a text');
    return '';
  }

  optionalText(name: string): string | undefined {
    return this.value(name) === undefined ? undefined : this.text(name);
  }

  wholeNumber(name: string): number {
    const value = this.value(name);
    if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
    this.refuse(name, value === undefined ? 'is missing' : 'must be a whole number');
    return 0;
  }

  optionalWholeNumber(name: string): number | undefined {
    return this.value(name) === undefined ? undefined : this.wholeNumber(name);
  }

  optionalBoolean(name: string): boolean | undefined {
    const value = this.value(name);
    if (value === undefined || typeof value === 'boolean') return value;
    this.refuse(name, 'must be true or false');
    return undefined;
  }

  /** One of some words; `undefined` when there is no such member. */
  optionalWord<Word extends string>(name: string, words: readonly Word[]): Word | undefined {
    return this.value(name) === undefined ? undefined : this.word(name, words);
  }

  /** One of some words; `undefined` when it is none of them. */
  word<Word extends string>(name: string, words: readonly Word[]): Word | undefined {
    const value = this.value(name);
    const word = words.find((candidate) => candidate === value);
    if (word === undefined) this.refuse(name, `must be one of ${words.join(', ')}`);
    return word;
  }

  /** A list, each of its items read with the name it has in messages; those that are read as nothing are left out. */
  list<T>(name: string, read: (item: unknown, field: string) => T | undefined): readonly T[] {
    const value = this.value(name);
    const field = this.fieldOf(name);
    if (!Array.isArray(value)) {
      this.problems.add(field, value === undefined ? 'is missing' : 'must be a list');
      return [];
    }
    const items: readonly unknown[] = value;
    return items
      .map((item, index) => read(item, `${field}.${index}`))
      .filter((item): item is Exclude<typeof item, undefined> => item !== undefined);
  }

  optionalList<T>(
    name: string,
    read: (item: unknown, field: string) => T | undefined,
  ): readonly T[] | undefined {
    return this.value(name) === undefined ? undefined : this.list(name, read);
  }

  object(name: string): BodyReader {
    const value = this.value(name);
    if (value === undefined) this.refuse(name, 'is missing');
    return new BodyReader(value ?? {}, this.fieldOf(name), this.problems);
  }

  optionalObject(name: string): BodyReader | undefined {
    return this.value(name) === undefined ? undefined : this.object(name);
  }

  /** All members with their names, for objects whose names are data. */
  entries(): readonly (readonly [string, unknown])[] {
    for (const name of this.#members.keys()) this.#known.add(name);
    return [...this.#members];
  }

  /** Refuses members that were not read: most likely a word is mistyped, and something would not be set. */
  end(): void {
    const unknown = [...this.#members.keys()].find((name) => !this.#known.has(name));
    if (unknown === undefined) return;
    this.refuse(unknown, `is not known; known are ${[...this.#known].join(', ')}`);
  }
}
