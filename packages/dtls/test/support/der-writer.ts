import { concatBytes, utf8Encode } from '@dunlin/base';

/** An element of DER with its length in the shortest form. */
export function element(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const content = concatBytes(parts);
  return concatBytes([Uint8Array.of(tag, ...lengthOf(content.length)), content]);
}

export const sequence = (...parts: readonly Uint8Array[]): Uint8Array => element(0x30, ...parts);
export const set = (...parts: readonly Uint8Array[]): Uint8Array => element(0x31, ...parts);
export const octetString = (...parts: readonly Uint8Array[]): Uint8Array => element(0x04, ...parts);
export const utf8String = (text: string): Uint8Array => element(0x0c, utf8Encode(text));
export const boolean = (value: boolean): Uint8Array => element(0x01, Uint8Array.of(value ? 0xff : 0));
export const integer = (...bytes: readonly number[]): Uint8Array => element(0x02, Uint8Array.from(bytes));

/** A BIT STRING of whole bytes. */
export function bitString(bytes: Uint8Array): Uint8Array {
  return element(0x03, Uint8Array.of(0), bytes);
}

/** A BIT STRING in which these bits are set. */
export function namedBits(...bits: readonly number[]): Uint8Array {
  const last = Math.max(...bits);
  const bytes = new Uint8Array((last >> 3) + 1);
  for (const bit of bits) bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) | (0x80 >> (bit & 7));
  return element(0x03, Uint8Array.of(7 - (last & 7)), bytes);
}

/** An OBJECT IDENTIFIER in dotted form. */
export function objectIdentifier(dotted: string): Uint8Array {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return element(0x06, Uint8Array.from([first * 40 + second, ...rest].flatMap((arc) => base128(arc))));
}

/** A time as certificates have it, out of `YYYYMMDDHHMMSSZ`. */
export function time(text: string): Uint8Array {
  const isUtcTime = text >= '1950' && text < '2050';
  return element(isUtcTime ? 0x17 : 0x18, utf8Encode(isUtcTime ? text.slice(2) : text));
}

function base128(arc: number): number[] {
  const digits = [arc % 128];
  for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128)) {
    digits.unshift((left % 128) | 0x80);
  }
  return digits;
}

function lengthOf(length: number): number[] {
  if (length < 0x80) return [length];
  const bytes: number[] = [];
  for (let left = length; left > 0; left = Math.floor(left / 256)) bytes.unshift(left % 256);
  return [0x80 | bytes.length, ...bytes];
}
