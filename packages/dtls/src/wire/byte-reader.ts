import { noBytes } from '@dunlin/base';

import { AlertDescription } from './alert-description.ts';
import { malformed, type Malformed } from './malformed.ts';

/** A vector of the presentation language (RFC 5246 §4.3): how wide its length field is and what it may say. */
export interface VectorBounds {
  /** The width of the length field in bytes. */
  readonly lengthBytes: 1 | 2 | 3;
  /** The smallest and largest length in bytes; by default 0 and what the length field can say. */
  readonly min?: number;
  readonly max?: number;
}

/**
 * Reads big-endian fields out of hostile bytes. A read past the end or a vector out of bounds yields zero
 * or no bytes, ends the input (so that loops over `remaining` stop) and is remembered, so that a decoder reads
 * on straight and asks `problem` once at its end. The failure of a nested reader is that of its parents too.
 */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #parent: ByteReader | undefined;
  #offset = 0;
  #failure: Malformed | undefined;

  constructor(bytes: Uint8Array, parent?: ByteReader) {
    this.#bytes = bytes;
    this.#parent = parent;
  }

  /** How many bytes are left to read; 0 after a failure. */
  get remaining(): number {
    return this.#bytes.length - this.#offset;
  }

  uint8(): number {
    return this.#number(1);
  }

  uint16(): number {
    return this.#number(2);
  }

  uint24(): number {
    return this.#number(3);
  }

  /** The next `length` bytes, as a view of the input. */
  bytes(length: number): Uint8Array {
    if (length > this.remaining) {
      this.fail(`${length} bytes are announced where ${this.remaining} are left.`);
      return noBytes;
    }
    this.#offset += length;
    return this.#bytes.subarray(this.#offset - length, this.#offset);
  }

  /** A vector: its length field, then so many bytes, as a view of the input. */
  vector(bounds: VectorBounds): Uint8Array {
    const length = this.#number(bounds.lengthBytes);
    if (length < (bounds.min ?? 0) || length > (bounds.max ?? Infinity)) {
      this.fail(`A vector of ${length} bytes is out of its bounds.`);
      return noBytes;
    }
    return this.bytes(length);
  }

  /** A reader on the bytes of a vector, for what is nested. */
  nested(bounds: VectorBounds): ByteReader {
    return new ByteReader(this.vector(bounds), this);
  }

  /** A vector of 16-bit numbers. */
  uint16List(bounds: VectorBounds): readonly number[] {
    const list = this.nested(bounds);
    const values: number[] = [];
    while (list.remaining > 0) values.push(list.uint16());
    return values;
  }

  /** All that is left. */
  rest(): Uint8Array {
    return this.bytes(this.remaining);
  }

  /** Records a failure; the first one counts. Nothing can be read afterwards. */
  fail(reason: string, alert: AlertDescription = AlertDescription.decodeError): void {
    this.#failure ??= malformed(reason, alert);
    this.#offset = this.#bytes.length;
    this.#parent?.fail(reason, alert);
  }

  /** The failure of a structure that should have been read completely; `undefined` when all is well. */
  problem(structure: string): Malformed | undefined {
    const failure = this.#failure;
    if (failure !== undefined) return malformed(`${structure}: ${failure.reason}`, failure.alert);
    if (this.remaining > 0) return malformed(`${structure}: ${this.remaining} bytes are left over.`);
    return undefined;
  }

  #number(width: number): number {
    if (width > this.remaining) {
      this.fail('The bytes end within a number.');
      return 0;
    }
    let value = 0;
    for (let index = 0; index < width; index += 1) {
      value = value * 256 + (this.#bytes[this.#offset + index] ?? 0);
    }
    this.#offset += width;
    return value;
  }
}
