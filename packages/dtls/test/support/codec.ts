import assert from 'node:assert/strict';

import fc from 'fast-check';

import { isMalformed, type Malformed } from '../../src/wire/malformed.ts';
import { byteStrings } from './arbitraries.ts';

/** Checks that a decoder reads back what its encoder wrote, for all values. */
export function assertRoundTrip<T>(
  values: fc.Arbitrary<T>,
  encode: (value: T) => Uint8Array,
  decode: (bytes: Uint8Array) => unknown,
): void {
  fc.assert(fc.property(values, (value) => assert.deepEqual(decode(encode(value)), value)));
}

/**
 * Checks that a decoder survives hostile bytes: anything at all, and well-formed ones that were cut, lengthened
 * or had bytes changed. It must return, and refuse whatever is cut short or has bytes left over.
 */
export function assertHardened<T>(
  values: fc.Arbitrary<T>,
  encode: (value: T) => Uint8Array,
  decode: (bytes: Uint8Array) => unknown,
): void {
  fc.assert(fc.property(byteStrings(0, 300), (bytes) => void decode(bytes)));
  fc.assert(
    fc.property(values, fc.nat(), fc.integer({ min: 1, max: 255 }), (value, position, change) => {
      const bytes = encode(value).slice();
      const at = position % Math.max(1, bytes.length);
      if (bytes.length > 0) bytes[at] = (bytes[at] ?? 0) ^ change;
      decode(bytes);
      decode(bytes.subarray(0, at));
    }),
  );
  fc.assert(
    fc.property(values, (value) => {
      assert.ok(isMalformed(decode(Uint8Array.from([...encode(value), 0]))), 'a byte is left over');
    }),
  );
}

/** The value, which must not be a decoder's failure. */
export function wellFormed<T>(value: T | Malformed): T {
  assert.ok(!isMalformed(value), isMalformed(value) ? value.reason : '');
  return value;
}

/** The alert of a decoder's failure, which the value must be. */
export function alertOf(value: unknown): number {
  assert.ok(isMalformed(value), 'was accepted');
  return value.alert;
}
