import assert from 'node:assert/strict';

import { hexDecode } from '@dunlin/base';

/** The bytes of hexadecimal digits, which may be spaced. */
export function bytesOf(hex: string): Uint8Array {
  const bytes = hexDecode(hex);
  assert.ok(bytes !== undefined, hex);
  return bytes;
}
