/** What is wrong with a filter, and where. */
export interface FilterProblem {
  readonly kind: 'problem';
  /** The character it was noticed at, from 1. */
  readonly position: number;
  readonly reason: string;
}

const filterOperators = [':', '=', '<=', '>=', '<', '>'] as const;
type FilterOperator = (typeof filterOperators)[number];

/** One value of a term. */
export interface FilterValue {
  readonly text: string;
  readonly position: number;
  /** In quotes a star is a star. */
  readonly isQuoted: boolean;
}

/** One condition of a filter: `-tag:lab,field`, or a word without key. */
export interface FilterTerm {
  readonly position: number;
  readonly isNegated: boolean;
  /** In small letters; `undefined` for a free word. */
  readonly key: string | undefined;
  readonly operator: FilterOperator;
  /** One of them has to fit. */
  readonly values: readonly FilterValue[];
}

/**
 * How long a filter may be, how many conditions it may have, and how many values all of them together: more than anybody types, and
 * no more than 100,000 devices are looked through for in 150 ms.
 */
const limits = { characters: 1000, terms: 12, values: 20 };

/** The conditions of a filter, or why it is none. */
export function filterTerms(filter: string): readonly FilterTerm[] | FilterProblem {
  if (filter.length > limits.characters)
    return problem(limits.characters, `a filter has at most ${limits.characters} characters`);
  const scanner = new Scanner(filter);
  const terms: FilterTerm[] = [];
  for (;;) {
    scanner.skipBlanks();
    if (scanner.isAtEnd) return terms;
    if (terms.length === limits.terms)
      return problem(scanner.position, `a filter has at most ${limits.terms} conditions`);
    const term = scanner.term();
    if ('reason' in term) return term;
    terms.push(term);
    if (terms.reduce((sum, { values }) => sum + values.length, 0) > limits.values)
      return problem(
        term.position,
        `the conditions of a filter have at most ${limits.values} values together`,
      );
  }
}

/** A problem at a character, counted from 1. */
export function problem(position: number, reason: string): FilterProblem {
  return { kind: 'problem', position, reason };
}

class Scanner {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#text.length;
  }

  get position(): number {
    return this.#at + 1;
  }

  skipBlanks(): void {
    while (/\s/.test(this.#text[this.#at] ?? '')) this.#at += 1;
  }

  term(): FilterTerm | FilterProblem {
    const { position } = this;
    const isNegated = this.#take('-');
    const key = this.#key();
    if (key === undefined) {
      const word = this.#value();
      if ('reason' in word) return word;
      return { position, isNegated, key, operator: ':', values: [word] };
    }
    const operator = filterOperators.find((candidate) => this.#take(candidate)) ?? ':';
    const values: FilterValue[] = [];
    do {
      const value = this.#value();
      if ('reason' in value) return value;
      values.push(value);
    } while (this.#take(','));
    return { position, isNegated, key, operator, values };
  }

  /** A word with an operator after it; nothing is taken otherwise. `urn:dev:1` is how endpoint names begin, and no condition. */
  #key(): string | undefined {
    const found = /^[A-Za-z][\w-]*(?=[:=<>])/.exec(this.#text.slice(this.#at))?.[0];
    if (found === undefined || found.toLowerCase() === 'urn') return undefined;
    this.#at += found.length;
    return found.toLowerCase();
  }

  #value(): FilterValue | FilterProblem {
    const { position } = this;
    if (this.#take('"')) return this.#quoted(position);
    // Commas part values, and are part of none.
    const text = /^[^\s,"]*/.exec(this.#text.slice(this.#at))?.[0] ?? '';
    this.#at += text.length;
    if (text !== '') return { text, position, isQuoted: false };
    return problem(
      position,
      this.isAtEnd
        ? 'a value is missing at the end'
        : `a value is missing before ${JSON.stringify(this.#text[this.#at])}`,
    );
  }

  #quoted(position: number): FilterValue | FilterProblem {
    let text = '';
    while (!this.isAtEnd) {
      const character = this.#text[this.#at] ?? '';
      this.#at += 1;
      if (character === '"') return { text, position, isQuoted: true };
      // A quotation mark or backslash after a backslash stands for itself.
      if (character === '\\' && !this.isAtEnd) {
        text += this.#text[this.#at] ?? '';
        this.#at += 1;
      } else {
        text += character;
      }
    }
    return problem(position, 'the quotation mark is not closed');
  }

  #take(wanted: string): boolean {
    if (!this.#text.startsWith(wanted, this.#at)) return false;
    this.#at += wanted.length;
    return true;
  }
}
