/** Up to here the engine makes a buffer in its own heap, which takes a tenth of a microsecond; beyond, several. */
const initialCapacity = 64;

/** What does not fit into that gets room for a typical constrained message. */
const grownCapacity = 256;

/** Collects bytes in one growing buffer; big-endian, as all of our protocols are. */
export class ByteWriter {
  #buffer: Uint8Array;
  #length = 0;

  constructor(capacity: number = initialCapacity) {
    this.#buffer = new Uint8Array(capacity);
  }

  /** How many bytes were written. */
  get length(): number {
    return this.#length;
  }

  /** Forgets what was written and keeps the buffer. */
  reset(): void {
    this.#length = 0;
  }

  uint8(value: number): this {
    const offset = this.#reserve(1);
    this.#buffer[offset] = value;
    return this;
  }

  uint16(value: number): this {
    const offset = this.#reserve(2);
    this.#buffer[offset] = value >>> 8;
    this.#buffer[offset + 1] = value;
    return this;
  }

  uint24(value: number): this {
    return this.uint8(value >>> 16).uint16(value & 0xffff);
  }

  uint32(value: number): this {
    return this.uint16(value >>> 16).uint16(value & 0xffff);
  }

  bytes(value: Uint8Array): this {
    const offset = this.#reserve(value.length);
    this.#buffer.set(value, offset);
    return this;
  }

  /** A copy of all that was written. */
  toBytes(): Uint8Array {
    return this.#buffer.slice(0, this.#length);
  }

  #reserve(count: number): number {
    const start = this.#length;
    const needed = start + count;
    if (needed > this.#buffer.length) {
      const grown = new Uint8Array(Math.max(needed, this.#buffer.length * 2, grownCapacity));
      grown.set(this.#buffer.subarray(0, start));
      this.#buffer = grown;
    }
    this.#length = needed;
    return start;
  }
}
