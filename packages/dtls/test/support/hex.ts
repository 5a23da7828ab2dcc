import assert from 'node:assert/strict';

import { hexDecode } from '@dunlin/base';

/** The bytes of hexadecimal digits, blanks between them allowed. */
export function hex(digits: string): Uint8Array {
  const bytes = hexDecode(digits);
  assert.ok(bytes, 'not hexadecimal');
  return bytes;
}

/** So many bytes that count up from `first`. */
export function counting(first: number, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (first + index) & 0xff);
}
