import { noBytes, utf8Decode } from '@dunlin/base';

/*
 * Shells may hand in a subclass of Uint8Array whose `slice` does not copy and whose views are dear;
 * these functions always give plain arrays.
 */

/** A plain view of a part of a datagram: lives as long as the datagram. */
export function viewBytes(bytes: Uint8Array, start: number, end: number): Uint8Array {
  return start < end ? new Uint8Array(bytes.buffer, bytes.byteOffset + start, end - start) : noBytes;
}

/** Up to here an array lies in the heap of the engine, and making one is cheap. */
const maxHeapLength = 64;
/** Up to here a copy shares a buffer with others: outside of the heap a buffer of its own costs 0.5 µs and more. */
const maxPooledLength = 1024;
const poolSize = 8192;

let pool: Uint8Array = new Uint8Array(poolSize);
let poolOffset = 0;

/** A copy of a part of a datagram. */
export function copyBytes(bytes: Uint8Array, start: number, end: number): Uint8Array {
  if (start >= end) return noBytes;
  const length = end - start;
  const copy = allocate(length);
  if (length > maxHeapLength) {
    copy.set(viewBytes(bytes, start, end));
    return copy;
  }
  for (let index = 0; index < length; index += 1) copy[index] = bytes[start + index] ?? 0;
  return copy;
}

function allocate(length: number): Uint8Array {
  if (length <= maxHeapLength || length > maxPooledLength) return new Uint8Array(length);
  if (poolOffset + length > poolSize) {
    pool = new Uint8Array(poolSize);
    poolOffset = 0;
  }
  poolOffset += length;
  return viewBytes(pool, poolOffset - length, poolOffset);
}

/** Texts up to here are cheaper to build from characters than to hand to the decoder. */
const maxShortText = 48;

/** The UTF-8 text in a part of a datagram, or `undefined` when it is none. */
export function textOf(bytes: Uint8Array, start: number, end: number): string | undefined {
  if (end - start > maxShortText) return utf8Decode(viewBytes(bytes, start, end));
  let text = '';
  let index = start;
  // Four at a time: joining single characters makes a chain of strings that is dear to read later.
  for (; index + 4 <= end; index += 4) {
    const a = bytes[index] ?? 0;
    const b = bytes[index + 1] ?? 0;
    const c = bytes[index + 2] ?? 0;
    const d = bytes[index + 3] ?? 0;
    if ((a | b | c | d) >= 0x80) return utf8Decode(viewBytes(bytes, start, end));
    text += String.fromCharCode(a, b, c, d);
  }
  for (; index < end; index += 1) {
    const byte = bytes[index] ?? 0;
    if (byte >= 0x80) return utf8Decode(viewBytes(bytes, start, end));
    text += String.fromCharCode(byte);
  }
  return text;
}

/** The big-endian unsigned integer in a part of a datagram; leading zeros are allowed (RFC 7252 §3.2). */
export function uintOf(bytes: Uint8Array, start: number, end: number): number {
  let value = 0;
  for (let index = start; index < end; index += 1) value = value * 256 + (bytes[index] ?? 0);
  return value;
}

/** A string that is equal exactly for equal bytes: one character a byte. */
export function keyOf(bytes: Uint8Array, start: number, end: number): string {
  let text = '';
  for (let index = start; index < end; index += 1) text += String.fromCharCode(bytes[index] ?? 0);
  return text;
}
