/**
 * The same memory as a plain `Uint8Array`. What `node:crypto` returns is a subclass whose `slice` gives a view
 * where that of `Uint8Array` gives a copy, and must not leave the files that call it.
 */
export function plainBytes(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
