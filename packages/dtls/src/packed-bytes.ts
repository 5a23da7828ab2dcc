import { noBytes } from '@dunlin/base';

/**
 * Few bytes as a text of one character each: a key for maps, and a tenth of the memory of a byte array. Not for
 * secrets: a text cannot be overwritten.
 */
export function packBytes(...parts: readonly Uint8Array[]): string {
  // In one go: a text that is joined together stays in pieces, which take more memory than the bytes did.
  const codes: number[] = [];
  for (const part of parts) for (const byte of part) codes.push(byte);
  return String.fromCharCode(...codes);
}

/** The bytes of a packed text, or a part of them. */
export function unpackBytes(packed: string, start = 0, end: number = packed.length): Uint8Array {
  if (start === end) return noBytes;
  const bytes = new Uint8Array(end - start);
  for (let index = 0; index < bytes.length; index += 1) bytes[index] = packed.charCodeAt(start + index);
  return bytes;
}

/** True when the bytes are those of a packed text; makes nothing. */
export function isPacked(bytes: Uint8Array, packed: string): boolean {
  if (bytes.length !== packed.length) return false;
  for (let index = 0; index < packed.length; index += 1) {
    if (bytes[index] !== packed.charCodeAt(index)) return false;
  }
  return true;
}
