import { badRequest } from './request-problem.ts';

/**
 * Reads the members of a JSON object one by one, each as what it must be. Everything that is wrong is an answer 400
 * that names the member; so is, at the `end`, a member that nobody read.
 */
export class BodyReader {
  /** What the object is called in messages, such as `body.servers.0`. */
  readonly field: string;
  readonly #members: ReadonlyMap<string, unknown>;
  readonly #known = new Set<string>();

  constructor(value: unknown, field: string) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw badRequest(field, 'must be an object');
    }
    this.field = field;
    this.#members = new Map<string, unknown>(Object.entries(value));
  }

  /** A member as it is; `undefined` when there is none. */
  value(name: string): unknown {
    this.#known.add(name);
    return this.#members.get(name);
  }

  fieldOf(name: string): string {
    return `${this.field}.${name}`;
  }

  text(name: string): string {
    const value = this.value(name);
    if (typeof value === 'string' && value !== '' && value.isWellFormed()) return value;
    throw badRequest(this.fieldOf(name), value === undefined ? 'is missing' : 'must be a text');
  }

  optionalText(name: string): string | undefined {
    return this.value(name) === undefined ? undefined : this.text(name);
  }

  wholeNumber(name: string): number {
    const value = this.value(name);
    if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
    throw badRequest(this.fieldOf(name), value === undefined ? 'is missing' : 'must be a whole number');
  }

  optionalWholeNumber(name: string): number | undefined {
    return this.value(name) === undefined ? undefined : this.wholeNumber(name);
  }

  optionalBoolean(name: string): boolean | undefined {
    const value = this.value(name);
    if (value === undefined || typeof value === 'boolean') return value;
    throw badRequest(this.fieldOf(name), 'must be true or false');
  }

  /** One of some words; `undefined` when there is no such member. */
  optionalWord<Word extends string>(name: string, words: readonly Word[]): Word | undefined {
    const value = this.value(name);
    const word = words.find((candidate) => candidate === value);
    if (value === undefined || word !== undefined) return word;
    throw badRequest(this.fieldOf(name), `must be one of ${words.join(', ')}`);
  }

  word<Word extends string>(name: string, words: readonly Word[]): Word {
    const word = this.optionalWord(name, words);
    if (word === undefined) throw badRequest(this.fieldOf(name), `must be one of ${words.join(', ')}`);
    return word;
  }

  /** A list, each of its items read with the name it has in messages. */
  list<T>(name: string, read: (item: unknown, field: string) => T): readonly T[] {
    const value = this.value(name);
    const field = this.fieldOf(name);
    if (!Array.isArray(value)) {
      throw badRequest(field, value === undefined ? 'is missing' : 'must be a list');
    }
    const items: readonly unknown[] = value;
    return items.map((item, index) => read(item, `${field}.${index}`));
  }

  optionalList<T>(name: string, read: (item: unknown, field: string) => T): readonly T[] | undefined {
    return this.value(name) === undefined ? undefined : this.list(name, read);
  }

  object(name: string): BodyReader {
    const value = this.value(name);
    if (value === undefined) throw badRequest(this.fieldOf(name), 'is missing');
    return new BodyReader(value, this.fieldOf(name));
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
    throw badRequest(this.fieldOf(unknown), `is not known; known are ${[...this.#known].join(', ')}`);
  }
}
