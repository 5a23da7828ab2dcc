/** What a TLV identifies: bits 7-6 of its type byte (1.0 §6.4.3). */
export const TlvKind = { objectInstance: 0, resourceInstance: 1, multipleResource: 2, resource: 3 } as const;
export type TlvKind = (typeof TlvKind)[keyof typeof TlvKind];

/**
 * Steps over the TLVs of one level, in place: after each `next()` that gives true, `kind`, `id`, `start` and
 * `end` describe one TLV, whose value is the bytes from `start` to `end`. Non-shortest forms are accepted
 * (R-1110).
 */
export class TlvReader {
  kind: TlvKind = TlvKind.objectInstance;
  id = 0;
  start = 0;
  end = 0;
  /** True when the last TLV reached beyond the end: the payload is truncated (R-1115). */
  isTruncated = false;
  readonly #bytes: Uint8Array;
  readonly #limit: number;
  #offset: number;

  constructor(bytes: Uint8Array, start: number, end: number) {
    this.#bytes = bytes;
    this.#offset = start;
    this.#limit = end;
  }

  /** Steps to the next TLV; false at the end, and when what follows is truncated. */
  next(): boolean {
    if (this.#offset >= this.#limit) return false;
    const type = this.#byte(this.#offset);
    const hasLongId = (type & 0x20) !== 0;
    const lengthOfLength = (type >> 3) & 3;
    let offset = this.#offset + 1;
    const headerEnd = offset + (hasLongId ? 2 : 1) + lengthOfLength;
    if (headerEnd > this.#limit) return this.#truncated();
    this.kind = kinds[type >> 6] ?? TlvKind.resource;
    this.id = this.#byte(offset);
    offset += 1;
    if (hasLongId) {
      this.id = (this.id << 8) | this.#byte(offset);
      offset += 1;
    }
    let length = lengthOfLength === 0 ? type & 7 : 0;
    for (; offset < headerEnd; offset += 1) length = (length << 8) | this.#byte(offset);
    if (headerEnd + length > this.#limit) return this.#truncated();
    this.start = headerEnd;
    this.end = headerEnd + length;
    this.#offset = this.end;
    return true;
  }

  #truncated(): boolean {
    this.isTruncated = true;
    return false;
  }

  #byte(offset: number): number {
    return this.#bytes[offset] ?? 0;
  }
}

const kinds: readonly TlvKind[] = [
  TlvKind.objectInstance,
  TlvKind.resourceInstance,
  TlvKind.multipleResource,
  TlvKind.resource,
];
