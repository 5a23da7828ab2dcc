import { UsageError, utf8Decode } from '@dunlin/base';

import {
  type Link,
  type LinkAttribute,
  type LinkFormatFailure,
  type LinkFormatLimits,
  linkFormatLimitsDefaults,
} from './link.ts';

/**
 * Reads a link-format document (RFC 6690 §2) as real devices write it: values with or without quotes,
 * attributes without value, blanks and line breaks around `,` `;` and `=`, empty elements, commas and
 * semicolons inside of `<>` and quotes, backslash escapes, and elements without `<>` such as `lwm2m="1.0"`
 * (R-1142, R-322, R-435). Targets are kept as they stand. Linear in the length of the document.
 */
export function parseLinkFormat(
  document: string | Uint8Array,
  limits: Readonly<LinkFormatLimits> = linkFormatLimitsDefaults,
): readonly Link[] | LinkFormatFailure {
  if (document.length > limits.maxLength) {
    return { kind: 'failure', reason: `the links are longer than ${limits.maxLength}` };
  }
  const text = typeof document === 'string' ? document : utf8Decode(document);
  if (text === undefined) return { kind: 'failure', reason: 'the links are not UTF-8' };
  return new LinkReader(text, limits).read();
}

/** True when parsing has failed. */
export function isLinkFormatFailure(
  parsed: readonly Link[] | LinkFormatFailure,
): parsed is LinkFormatFailure {
  return 'kind' in parsed;
}

/**
 * Writes a link-format document strictly by RFC 6690 §2: no blanks, escapes in quotes. Throws a `UsageError` for
 * targets, names and values that the grammar has no place for.
 */
export function formatLinkFormat(links: readonly Link[]): string {
  return links.map((link) => formatLink(link)).join(',');
}

class LinkReader {
  readonly #text: string;
  readonly #limits: Readonly<LinkFormatLimits>;
  #offset = 0;
  #problem: string | undefined;

  constructor(text: string, limits: Readonly<LinkFormatLimits>) {
    this.#text = text;
    this.#limits = limits;
  }

  read(): readonly Link[] | LinkFormatFailure {
    const links: Link[] = [];
    for (;;) {
      this.#skipBlanks();
      if (this.#offset >= this.#text.length) return links;
      if (this.#take(',')) continue;
      if (links.length >= this.#limits.maxLinks)
        this.#fail(`there are more than ${this.#limits.maxLinks} links`);
      else links.push(this.#readLink());
      if (this.#problem !== undefined) return { kind: 'failure', reason: this.#problem };
    }
  }

  #readLink(): Link {
    const attributes: LinkAttribute[] = [];
    let target: string | undefined;
    if (this.#take('<')) target = this.#readUntil('>');
    else this.#readAttribute(attributes);
    while (this.#problem === undefined) {
      this.#skipBlanks();
      if (this.#offset >= this.#text.length || this.#take(',')) break;
      if (this.#take(';')) this.#readAttribute(attributes);
      else this.#fail('"," or ";" is missing');
    }
    return { target, attributes };
  }

  #readAttribute(attributes: LinkAttribute[]): void {
    this.#skipBlanks();
    const name = this.#readBare('=;,');
    if (/[<>"]/.test(name)) {
      this.#fail('a name of an attribute has "<", ">" or a quote in it');
      return;
    }
    if (!this.#take('=')) {
      if (name !== '') this.#add(attributes, { name });
      return;
    }
    if (name === '') {
      this.#fail('the name of an attribute is missing');
      return;
    }
    this.#skipBlanks();
    const isQuoted = this.#take('"');
    this.#add(attributes, { name, value: isQuoted ? this.#readQuoted() : this.#readBare(';,'), isQuoted });
  }

  #add(attributes: LinkAttribute[], attribute: LinkAttribute): void {
    if (attributes.length < this.#limits.maxAttributes) attributes.push(attribute);
    else this.#fail(`a link has more than ${this.#limits.maxAttributes} attributes`);
  }

  /** Up to one of the stop characters, without blanks at the end. */
  #readBare(stops: string): string {
    const start = this.#offset;
    let end = start;
    for (; this.#offset < this.#text.length; this.#offset += 1) {
      const character = this.#text.charAt(this.#offset);
      if (stops.includes(character)) break;
      if (!isBlank(character)) end = this.#offset + 1;
    }
    return this.#text.slice(start, end);
  }

  #readUntil(stop: string): string {
    const end = this.#text.indexOf(stop, this.#offset);
    if (end < 0) {
      this.#fail(`"${stop}" is missing`);
      return '';
    }
    const text = this.#text.slice(this.#offset, end);
    this.#offset = end + 1;
    return text;
  }

  #readQuoted(): string {
    let value = '';
    let start = this.#offset;
    for (; this.#offset < this.#text.length; this.#offset += 1) {
      const character = this.#text.charAt(this.#offset);
      if (character === '"') {
        value += this.#text.slice(start, this.#offset);
        this.#offset += 1;
        return value;
      }
      if (character === '\\' && this.#offset + 1 < this.#text.length) {
        value += this.#text.slice(start, this.#offset);
        this.#offset += 1;
        start = this.#offset;
      }
    }
    this.#fail('a closing quote is missing');
    return '';
  }

  #skipBlanks(): void {
    while (isBlank(this.#text.charAt(this.#offset))) this.#offset += 1;
  }

  #take(character: string): boolean {
    if (this.#text.charAt(this.#offset) !== character) return false;
    this.#offset += 1;
    return true;
  }

  #fail(problem: string): void {
    this.#problem ??= `${problem} at character ${this.#offset}`;
  }
}

function isBlank(character: string): boolean {
  return character === ' ' || character === '\t' || character === '\r' || character === '\n';
}

/** RFC 3986 §2: what a URI reference may be made of. */
const uriReference = /^[!#$%&'()*+,\-./0-9:;=?@A-Z[\]_a-z~]*$/;
/** RFC 6690 §2: `parmname`, with the star of RFC 5987 §3.2. */
const attributeName = /^[!#$&+\-.0-9A-Z^_`a-z|~]+\*?$/;
/** RFC 6690 §2: `ptoken`, without what other parsers could take for the next link. */
const bareValue = /^[!#$%&'()*+\-./0-9:=?@A-Z[\]^_`a-z{|}~]+$/;
const decimalNumber = /^-?[0-9]+(?:\.[0-9]+)?$/;
/** Control characters have no place in a quoted string (RFC 2616 §2.2). */
const quotable = /^[^\p{Cc}]*$/u;

function formatLink({ target, attributes }: Link): string {
  if (target === undefined) return attributes.map((attribute) => formatAttribute(attribute)).join(';');
  if (!uriReference.test(target)) throw new UsageError(`"${target}" is no URI reference; percent-encode it.`);
  return `<${target}>${attributes.map((attribute) => `;${formatAttribute(attribute)}`).join('')}`;
}

function formatAttribute({ name, value, isQuoted }: LinkAttribute): string {
  if (!attributeName.test(name)) throw new UsageError(`"${name}" is no name of a link attribute.`);
  if (value === undefined) return name;
  const isBare = !(isQuoted ?? !decimalNumber.test(value)) && bareValue.test(value);
  if (isBare) return `${name}=${value}`;
  if (!quotable.test(value)) throw new UsageError(`The link attribute "${name}" has control characters.`);
  return `${name}="${value.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
}
