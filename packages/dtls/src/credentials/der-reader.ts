import { ByteReader, noBytes } from '@dunlin/base';

import { AlertDescription } from '../wire/alert-description.ts';
import { malformed, type Malformed } from '../wire/malformed.ts';

/** The tags of DER (X.690 §8.1.2) that certificates and keys are made of. */
export const DerTag = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  objectIdentifier: 0x06,
  utf8String: 0x0c,
  printableString: 0x13,
  ia5String: 0x16,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

/** How deep what is read may be nested; a certificate needs 7. */
const maxDepth = 12;

/** Length fields of up to 3 bytes: far more than any structure here may have. */
const maxLengthBytes = 3;

/** The longest object identifier, in bytes; those in use have 3 to 20. */
const maxObjectIdentifierLength = 64;

/** An element with its header. */
interface DerElement {
  readonly tag: number;
  /** Header and content, as a view of the input. */
  readonly whole: Uint8Array;
  readonly content: Uint8Array;
}

/**
 * Reads DER (X.690 §10, §11) out of hostile bytes: definite lengths in their shortest form and tags below 31 only. As
 * with every `ByteReader` a failure yields zeros or nothing and ends the input; it is remembered in the readers around, too,
 * and is asked for once, by `problem`.
 */
export class DerReader extends ByteReader {
  readonly #parent: DerReader | undefined;
  readonly #depth: number;
  readonly #nested: DerReader[] = [];

  constructor(bytes: Uint8Array, parent?: DerReader) {
    super(bytes);
    this.#parent = parent;
    this.#depth = parent === undefined ? 0 : parent.#depth + 1;
    if (parent !== undefined) parent.#nested.push(this);
    if (this.#depth > maxDepth) this.fail('it is nested too deeply');
  }

  /** True when there is more to read; false after a failure. */
  get hasMore(): boolean {
    return this.remaining > 0;
  }

  /** The tag that comes next, or `undefined` at the end. */
  get nextTag(): number | undefined {
    return this.ahead[0];
  }

  /** The next element, whatever its tag. */
  any(): DerElement {
    const { ahead } = this;
    const tag = this.uint8();
    if ((tag & 0x1f) === 0x1f) this.fail('a tag has more than one byte');
    const length = this.#length();
    const content = this.bytes(length);
    if (this.hasFailed) return { tag: 0, whole: noBytes, content: noBytes };
    return { tag, whole: ahead.subarray(0, ahead.length - this.remaining), content };
  }

  /** The next element, which must have this tag. */
  element(tag: number): DerElement {
    if (this.nextTag !== tag && !this.hasFailed) {
      const found = this.nextTag === undefined ? 'the end' : `tag ${this.nextTag}`;
      this.fail(`tag ${tag} was expected and ${found} found`);
    }
    return this.any();
  }

  /** The next element's content when it has this tag; otherwise `undefined`, and nothing is read. */
  optional(tag: number): Uint8Array | undefined {
    return this.nextTag === tag ? this.any().content : undefined;
  }

  /** A reader on the content of the next element, which must have this tag. */
  nested(tag: number): DerReader {
    return new DerReader(this.element(tag).content, this);
  }

  /** A reader on the content of the next element when it has this tag. */
  optionalNested(tag: number): DerReader | undefined {
    const content = this.optional(tag);
    return content === undefined ? undefined : new DerReader(content, this);
  }

  /** A reader on bytes that were read here and hold DER themselves, such as those of an octet string. */
  within(bytes: Uint8Array): DerReader {
    return new DerReader(bytes, this);
  }

  boolean(): boolean {
    const { content } = this.element(DerTag.boolean);
    if (content.length !== 1 || (content[0] !== 0 && content[0] !== 0xff)) this.fail('a BOOLEAN is not DER');
    return content[0] === 0xff;
  }

  /** The content of an INTEGER in its shortest form. */
  integer(): Uint8Array {
    const { content } = this.element(DerTag.integer);
    const [first, second] = content;
    const isPadded =
      second !== undefined && ((first === 0 && second < 0x80) || (first === 0xff && second >= 0x80));
    if (first === undefined || isPadded) this.fail('an INTEGER is not DER');
    return content;
  }

  /** An INTEGER from 0 to 32,767. */
  smallInteger(): number {
    const content = this.integer();
    const [first = 0, second] = content;
    if (first >= 0x80 || content.length > 2) this.fail('an INTEGER is out of its range');
    return second === undefined ? first : first * 256 + second;
  }

  /** The bytes of a BIT STRING that is made of whole bytes. */
  wholeBits(): Uint8Array {
    const { content } = this.element(DerTag.bitString);
    if (content[0] !== 0) this.fail('a BIT STRING is not of whole bytes');
    return content.subarray(1);
  }

  /** The bits that are set in a BIT STRING, the first of them being bit 0. */
  namedBits(): ReadonlySet<number> {
    const { content } = this.element(DerTag.bitString);
    const [unused = 8] = content;
    const last = content.at(-1) ?? 0;
    if (unused > 7 || (content.length === 1 && unused > 0) || (last & ((1 << unused) - 1)) !== 0) {
      this.fail('a BIT STRING is not DER');
    }
    const bits = new Set<number>();
    for (const [index, byte] of content.subarray(1, 9).entries()) {
      for (let bit = 0; bit < 8; bit += 1) if ((byte & (0x80 >>> bit)) !== 0) bits.add(index * 8 + bit);
    }
    return bits;
  }

  /** An object identifier in dotted form. */
  objectIdentifier(): string {
    const { content } = this.element(DerTag.objectIdentifier);
    const isCut = content.length === 0 || (content.at(-1) ?? 0) >= 0x80;
    if (isCut || content.length > maxObjectIdentifierLength) {
      this.fail('an OBJECT IDENTIFIER is not DER');
      return '';
    }
    const arcs: bigint[] = [];
    let arc = 0n;
    let isFirstByte = true;
    for (const byte of content) {
      if (isFirstByte && byte === 0x80) this.fail('an OBJECT IDENTIFIER is not DER');
      arc = arc * 128n + BigInt(byte & 0x7f);
      isFirstByte = byte < 0x80;
      if (!isFirstByte) continue;
      arcs.push(arc);
      arc = 0n;
    }
    const [first = 0n, ...rest] = arcs;
    const root = first < 80n ? first / 40n : 2n;
    return [root, first - root * 40n, ...rest].join('.');
  }

  /** Passes over all that is left, which need not even be DER. */
  skip(): void {
    this.rest();
  }

  override fail(reason: string): void {
    super.fail(reason);
    this.#parent?.fail(reason);
  }

  /** The failure of a structure, which should have been read completely, all that is nested too; or `undefined`. */
  problem(
    structure: string,
    alert: AlertDescription = AlertDescription.badCertificate,
  ): Malformed | undefined {
    this.#checkEnds();
    const { failure } = this;
    return failure === undefined ? undefined : malformed(`${structure} is not valid DER: ${failure}.`, alert);
  }

  #checkEnds(): void {
    if (this.hasMore) this.fail('there is more than there should be');
    for (const reader of this.#nested) reader.#checkEnds();
  }

  #length(): number {
    const first = this.uint8();
    if (first < 0x80) return first;
    const count = first & 0x7f;
    if (count === 0 || count > maxLengthBytes) {
      this.fail(count === 0 ? 'a length is indefinite' : 'a length is too large');
      return 0;
    }
    let length = 0;
    for (let index = 0; index < count; index += 1) length = length * 256 + this.uint8();
    if (length < 0x80 || length < 2 ** (8 * (count - 1))) this.fail('a length is not in its shortest form');
    return length;
  }
}
