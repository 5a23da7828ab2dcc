import { hexEncode } from '@dunlin/base';

/** Bytes of a key that is made here (RFC 4279 asks for no less than the cipher's). */
const keyLength = 16;

/** A new pre-shared key in hexadecimal digits, made by the browser. */
export function newKey(): string {
  return hexEncode(crypto.getRandomValues(new Uint8Array(keyLength)));
}
