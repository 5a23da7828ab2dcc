import fc from 'fast-check';

/** Plain objects, so that deepEqual compares like with like. */
export const plain = { noNullPrototype: true } as const;

/** Byte strings of so many bytes. */
export function byteStrings(minLength: number, maxLength: number): fc.Arbitrary<Uint8Array> {
  return fc.uint8Array({ minLength, maxLength }).map((bytes) => Uint8Array.from(bytes));
}

/** Numbers of 16 bits. */
export const uint16: fc.Arbitrary<number> = fc.integer({ min: 0, max: 0xffff });

/** Numbers of 48 bits, the borders of 32 bits among them. */
export const uint48: fc.Arbitrary<number> = fc.oneof(
  fc.integer({ min: 0, max: 2 ** 48 - 1 }),
  fc.constantFrom(0, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 48 - 1),
);
