import { noBytes } from './bytes.ts';

/**
 * Reads big-endian fields out of hostile bytes. A read past the end yields zero or no bytes, ends the input (so that
 * loops over `remaining` stop) and is remembered, so that a decoder reads on straight and asks once at its end what is
 * wrong.
 */
export class ByteReader {
  readonly #bytes: Uint8Array;
  #offset = 0;
  #failure: string | undefined;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** How many bytes are left to read; 0 after a failure. */
  get remaining(): number {
    return this.#bytes.length - this.#offset;
  }

  /** What is left to read, as a view of the input, without reading it. */
  get ahead(): Uint8Array {
    return this.#bytes.subarray(this.#offset);
  }

  /** True once a read failed. */
  get hasFailed(): boolean {
    return this.#failure !== undefined;
  }

  /** Why nothing can be read any more, or that bytes are left over: a clause, for an end that should be reached by now. */
  get failure(): string | undefined {
    if (this.#failure !== undefined) return this.#failure;
    return this.remaining > 0 ? `${this.remaining} bytes are left over` : undefined;
  }

  uint8(): number {
    return this.uint(1);
  }

  uint16(): number {
    return this.uint(2);
  }

  uint24(): number {
    return this.uint(3);
  }

  /** A number of so many bytes, 6 at most. */
  uint(width: number): number {
    if (width > this.remaining) {
      this.fail('the bytes end within a number');
      return 0;
    }
    let value = 0;
    for (let index = 0; index < width; index += 1) {
      value = value * 256 + (this.#bytes[this.#offset + index] ?? 0);
    }
    this.#offset += width;
    return value;
  }

  /** The next `length` bytes, as a view of the input. */
  bytes(length: number): Uint8Array {
    if (length > this.remaining) {
      this.fail(`${length} bytes are announced where ${this.remaining} are left`);
      return noBytes;
    }
    this.#offset += length;
    return this.#bytes.subarray(this.#offset - length, this.#offset);
  }

  /** All that is left. */
  rest(): Uint8Array {
    return this.bytes(this.remaining);
  }

  /** Records a failure, as a clause; the first one counts. Nothing can be read afterwards. */
  fail(reason: string): void {
    this.#failure ??= reason;
    this.#offset = this.#bytes.length;
  }
}
