/**
 * The same memory as a plain `Uint8Array`. What `node:crypto` returns, and what sockets of Node.js give, is a subclass
 * whose `slice` gives a view where that of `Uint8Array` gives a copy: it must go no further than the file that gets it.
 */
export function plainBytes(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
