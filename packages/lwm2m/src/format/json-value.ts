import { UsageError } from '@dunlin/base';
import { canonicalInteger } from '../integer.ts';
import { unsignedIntegerBounds } from '../value-check.ts';
import { type FormatFailure, malformed } from './format-failure.ts';
import { type FormatLimits, formatLimitsDefaults } from './format-limits.ts';

/**
 * A JSON value (RFC 8259) with exact integers: a `bigint` where an integer is beyond 2^53-1, a `number`
 * otherwise. Parsed objects have no prototype, so that no name in them is special; a property that is
 * `undefined` is passed over when written.
 */
export type JsonValue = null | boolean | number | bigint | string | readonly JsonValue[] | JsonObject;

/** A JSON object, whose names come once each. */
export interface JsonObject {
  readonly [name: string]: JsonValue | undefined;
}

/**
 * The value of a JSON text. Stricter than `JSON.parse` in that a name may occur only once in an object and
 * that numbers beyond the range of a 64-bit float are refused, and bounded in length, depth and number of
 * values. Integers are exact: `1.0` and `1e2` count as integers, up to 64 bits beyond 2^53-1.
 */
export function parseJsonExactly(
  text: string,
  limits: FormatLimits = formatLimitsDefaults,
): JsonValue | FormatFailure {
  if (text.length > limits.maxPayloadLength) return malformed('the JSON text is too long');
  return new JsonParser(text, limits).parse();
}

/**
 * The JSON text of a value, without blanks. Throws a `UsageError` for what JSON cannot hold: a number that is
 * not finite, or nesting deeper than `formatLimitsDefaults.maxDepth` (as of a value that contains itself).
 */
export function stringifyJsonExactly(value: JsonValue): string {
  return stringify(value, formatLimitsDefaults.maxDepth);
}

function stringify(value: JsonValue, depth: number): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number' && !Number.isFinite(value))
    throw new UsageError(`JSON has no form for ${value}.`);
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value);
  if (typeof value !== 'object' || value === null) return String(value);
  if (depth === 0) throw new UsageError('The value is nested too deeply for JSON.');
  if (isJsonArray(value)) return `[${value.map((item) => stringify(item, depth - 1)).join(',')}]`;
  const members: string[] = [];
  for (const [name, member] of Object.entries(value)) {
    if (member !== undefined) members.push(`${JSON.stringify(name)}:${stringify(member, depth - 1)}`);
  }
  return `{${members.join(',')}}`;
}

/** True for an array; `Array.isArray` alone does not tell the compiler so of a readonly one. */
export function isJsonArray(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value);
}

/** True for an object. */
export function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const numberPattern = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const quote = 0x22;
const backslash = 0x5c;
const hexPattern = /^[0-9a-fA-F]{4}$/;
/** Characters of the longest number that is taken: more than any 64-bit float needs without an exponent. */
const maxNumberLength = 400;

const escapes: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};

/** One text being parsed. A method that gives `undefined` has left the reason in `#problem`. */
class JsonParser {
  readonly #text: string;
  readonly #limits: FormatLimits;
  #offset = 0;
  #count = 0;
  #problem: string | undefined;

  constructor(text: string, limits: FormatLimits) {
    this.#text = text;
    this.#limits = limits;
  }

  parse(): JsonValue | FormatFailure {
    const value = this.#value(this.#limits.maxDepth);
    this.#skipBlanks();
    if (value !== undefined && this.#offset === this.#text.length) return value;
    return malformed(
      `not JSON at character ${this.#offset}: ${this.#problem ?? 'something follows the value'}`,
    );
  }

  #value(depth: number): JsonValue | undefined {
    this.#skipBlanks();
    this.#count += 1;
    if (this.#count > this.#limits.maxValues) return this.#fail('there are too many values');
    switch (this.#text[this.#offset]) {
      case '{':
        return this.#object(depth);
      case '[':
        return this.#array(depth);
      case '"':
        return this.#string();
      case 't':
        return this.#literal('true', true);
      case 'f':
        return this.#literal('false', false);
      case 'n':
        return this.#literal('null', null);
      case undefined:
        return this.#fail('it ends too early');
      default:
        return this.#number();
    }
  }

  #object(depth: number): JsonObject | undefined {
    if (depth === 0) return this.#fail('it is nested too deeply');
    // Without prototype, every name is an own property and none is special, `__proto__` included.
    const object: Record<string, JsonValue> = { __proto__: null };
    this.#offset += 1;
    if (this.#takes('}')) return object;
    do {
      this.#skipBlanks();
      if (this.#text[this.#offset] !== '"') return this.#fail('a name is expected');
      const name = this.#string();
      if (name === undefined) return undefined;
      if (name in object) return this.#fail('a name comes twice in one object');
      if (!this.#takes(':')) return this.#fail('a colon is expected');
      const value = this.#value(depth - 1);
      if (value === undefined) return undefined;
      object[name] = value;
    } while (this.#takes(','));
    return this.#takes('}') ? object : this.#fail('a comma or a closing brace is expected');
  }

  #array(depth: number): readonly JsonValue[] | undefined {
    if (depth === 0) return this.#fail('it is nested too deeply');
    const items: JsonValue[] = [];
    this.#offset += 1;
    if (this.#takes(']')) return items;
    do {
      const value = this.#value(depth - 1);
      if (value === undefined) return undefined;
      items.push(value);
    } while (this.#takes(','));
    return this.#takes(']') ? items : this.#fail('a comma or a closing bracket is expected');
  }

  #string(): string | undefined {
    this.#offset += 1;
    let text = this.#plainText();
    while (this.#text[this.#offset] === '\\') {
      const character = this.#escape();
      if (character === undefined) return undefined;
      text += character + this.#plainText();
    }
    if (this.#text[this.#offset] !== '"')
      return this.#fail('a text is not closed, or holds a control character');
    this.#offset += 1;
    return text;
  }

  #escape(): string | undefined {
    const mark = this.#text[this.#offset + 1] ?? '';
    if (mark === 'u') {
      const digits = this.#text.slice(this.#offset + 2, this.#offset + 6);
      if (!hexPattern.test(digits)) return this.#fail('an escape needs four hexadecimal digits');
      this.#offset += 6;
      return String.fromCharCode(Number.parseInt(digits, 16));
    }
    if (!Object.hasOwn(escapes, mark)) return this.#fail('there is no such escape');
    this.#offset += 2;
    return escapes[mark];
  }

  #number(): number | bigint | undefined {
    numberPattern.lastIndex = this.#offset;
    const literal = numberPattern.exec(this.#text)?.[0] ?? '';
    if (literal === '') return this.#fail('a value is expected');
    if (literal.length > maxNumberLength) return this.#fail('a number is too long');
    this.#offset += literal.length;
    return numberFrom(literal) ?? this.#fail('a number is out of range');
  }

  #literal<T extends JsonValue>(literal: string, value: T): T | undefined {
    if (!this.#text.startsWith(literal, this.#offset)) return this.#fail('a value is expected');
    this.#offset += literal.length;
    return value;
  }

  #takes(character: string): boolean {
    this.#skipBlanks();
    if (this.#text[this.#offset] !== character) return false;
    this.#offset += 1;
    return true;
  }

  #skipBlanks(): void {
    for (;;) {
      const code = this.#text.charCodeAt(this.#offset);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
      this.#offset += 1;
    }
  }

  /** What stands up to the closing quote, a backslash, a control character (which must be escaped) or the end. */
  #plainText(): string {
    const start = this.#offset;
    for (;;) {
      const code = this.#text.charCodeAt(this.#offset);
      if (code === quote || code === backslash || !(code >= 0x20))
        return this.#text.slice(start, this.#offset);
      this.#offset += 1;
    }
  }

  #fail(problem: string): undefined {
    this.#problem ??= problem;
  }
}

function numberFrom(literal: string): number | bigint | undefined {
  const value = Number(literal);
  if (Number.isSafeInteger(value)) return value;
  if (/^-?\d+$/.test(literal)) return canonicalInteger(BigInt(literal));
  if (!Number.isFinite(value)) return undefined;
  return Number.isInteger(value) ? (exactInteger(literal) ?? value) : value;
}

/** The integer of at most 64 bits that a literal with a fraction or an exponent stands for, or `undefined`. */
function exactInteger(literal: string): number | bigint | undefined {
  const [mantissa = '', exponent = '0'] = literal.toLowerCase().split('e');
  const [whole = '', fraction = ''] = mantissa.split('.');
  const digits = fraction.replace(/0+$/, '');
  const zeros = Number(exponent) - digits.length;
  if (zeros < 0 || zeros > maxNumberLength) return undefined;
  const value = BigInt(whole + digits) * 10n ** BigInt(zeros);
  return value > unsignedIntegerBounds.maximum || value < -unsignedIntegerBounds.maximum
    ? undefined
    : canonicalInteger(value);
}
