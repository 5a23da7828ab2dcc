import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import fc from 'fast-check';

import { ByteReader, ByteWriter, noBytes } from '@dunlin/base';

describe('a byte reader', () => {
  test('reads big-endian numbers and bytes, to the end', () => {
    const reader = new ByteReader(Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12));
    assert.equal(reader.uint8(), 1);
    assert.equal(reader.uint16(), 0x0203);
    assert.equal(reader.uint24(), 0x040506);
    assert.deepEqual(reader.ahead, Uint8Array.of(7, 8, 9, 10, 11, 12));
    assert.deepEqual(reader.bytes(2), Uint8Array.of(7, 8));
    assert.equal(reader.failure, '4 bytes are left over');
    assert.deepEqual(reader.rest(), Uint8Array.of(9, 10, 11, 12));
    assert.equal(reader.failure, undefined);
  });

  test('reads what a writer has written, of any width', () => {
    fc.assert(
      fc.property(fc.nat(0xff), fc.nat(0xffff), fc.nat(0xff_ffff), fc.nat(0xffff_ffff), (a, b, c, d) => {
        const written = new ByteWriter().uint8(a).uint16(b).uint24(c).uint32(d).toBytes();
        const reader = new ByteReader(written);
        assert.deepEqual([reader.uint8(), reader.uint16(), reader.uint24(), reader.uint(4)], [a, b, c, d]);
        assert.equal(reader.failure, undefined);
      }),
    );
  });

  for (const [name, read, failure] of [
    ['a number', (reader: ByteReader) => reader.uint24(), 'the bytes end within a number'],
    ['bytes', (reader: ByteReader) => reader.bytes(3).length, '3 bytes are announced where 2 are left'],
  ] as const) {
    test(`yields nothing for ${name} past the end, and nothing of what is left`, () => {
      const reader = new ByteReader(Uint8Array.of(1, 2));
      assert.equal(read(reader), 0);
      assert.equal(reader.remaining, 0);
      assert.equal(reader.uint8(), 0);
      assert.deepEqual(reader.rest(), noBytes);
      assert.equal(reader.failure, failure);
    });
  }

  test('keeps the first failure, that of its user too', () => {
    const reader = new ByteReader(Uint8Array.of(1, 2));
    reader.fail('there is no such kind');
    reader.bytes(5);
    assert.equal(reader.failure, 'there is no such kind');
  });

  test('gives views of the input', () => {
    const input = Uint8Array.of(1, 2, 3);
    assert.equal(new ByteReader(input).bytes(2).buffer, input.buffer);
  });
});
