import { noBytes, utf8Decode } from '@dunlin/base';

/*
 * Shells may hand in a subclass of Uint8Array whose `slice` does not copy and whose views are dear;
 * these functions always give plain arrays.
 */

/** A plain view of a part of a datagram: lives as long as the datagram. */
export function viewBytes(bytes: Uint8Array, start: number, end: number): Uint8Array {
  return start < end ? new Uint8Array(bytes.buffer, bytes.byteOffset + start, end - start) : noBytes;
}

/** A copy of a part of a datagram. */
export function copyBytes(bytes: Uint8Array, start: number, end: number): Uint8Array {
  if (start >= end) return noBytes;
  const copy = new Uint8Array(end - start);
  if (end - start > 32) {
    copy.set(viewBytes(bytes, start, end));
    return copy;
  }
  for (let index = start; index < end; index += 1) copy[index - start] = bytes[index] ?? 0;
  return copy;
}

/** The UTF-8 text in a part of a datagram, or `undefined` when it is none. */
export function textOf(bytes: Uint8Array, start: number, end: number): string | undefined {
  let text = '';
  for (let index = start; index < end; index += 1) {
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
