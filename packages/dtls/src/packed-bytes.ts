/**
 * Few bytes as a text of one character each: a key for maps, and a tenth of the memory of a byte array. Not for
 * secrets: a text cannot be overwritten.
 */
export function packBytes(...parts: readonly Uint8Array[]): string {
  return parts.map((part) => String.fromCodePoint(...part)).join('');
}

/** The bytes of a packed text, or a part of them. */
export function unpackBytes(packed: string, start = 0, end: number = packed.length): Uint8Array {
  return Uint8Array.from({ length: end - start }, (_, index) => packed.codePointAt(start + index) ?? 0);
}
