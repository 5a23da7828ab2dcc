import { noBytes } from '@dunlin/base';

import type { Tlv } from './tlv.ts';

/**
 * Reads the fields of a body out of hostile bytes (SMPP 3.4 §3.1). A read past the end yields zero or nothing, ends the
 * input and is remembered, so that a decoder reads on straight and asks for `problem` once at its end.
 */
export class PduReader {
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

  uint8(): number {
    return this.#number(1);
  }

  uint16(): number {
    return this.#number(2);
  }

  /** A copy of the next `length` bytes. */
  octets(length: number): Uint8Array {
    if (length > this.remaining) {
      this.fail(`${length} bytes are announced where ${this.remaining} are left`);
      return noBytes;
    }
    this.#offset += length;
    return this.#bytes.slice(this.#offset - length, this.#offset);
  }

  /**
   * A C-octet string of at most `size` bytes, the NUL at its end included. Its characters are taken as they are, one a
   * byte: the specification says ASCII, and message centres do not keep to it in alphanumeric addresses.
   */
  text(size: number, field: string): string {
    const end = this.#bytes.indexOf(0, this.#offset);
    if (end === -1 || end >= this.#offset + size) {
      this.fail(`${field} does not end within ${size} bytes`);
      return '';
    }
    const text = String.fromCharCode(...this.#bytes.subarray(this.#offset, end));
    this.#offset = end + 1;
    return text;
  }

  /** All optional parameters, up to the end of the body (SMPP 3.4 §3.2.4.1). */
  tlvs(): readonly Tlv[] {
    const tlvs: Tlv[] = [];
    while (this.remaining > 0) {
      const tag = this.uint16();
      tlvs.push({ tag, value: this.octets(this.uint16()) });
    }
    return this.#failure === undefined ? tlvs : [];
  }

  /** Records a failure; the first one counts. Nothing can be read afterwards. */
  fail(reason: string): void {
    this.#failure ??= reason;
    this.#offset = this.#bytes.length;
  }

  /** What is wrong with a body that should have been read completely; `undefined` when all is well. */
  get problem(): string | undefined {
    if (this.#failure !== undefined) return this.#failure;
    return this.remaining > 0 ? `${this.remaining} bytes are left over` : undefined;
  }

  #number(width: number): number {
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
}
