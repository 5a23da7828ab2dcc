import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import {
  ByteWriter,
  concatBytes,
  equalBytes,
  hexDecode,
  hexEncode,
  utf8Decode,
  utf8Encode,
} from '@dunlin/base';
import fc from 'fast-check';

const anyBytes = fc.uint8Array({ maxLength: 600 });

describe('bytes', () => {
  it('come back from hexadecimal digits', () => {
    fc.assert(fc.property(anyBytes, (bytes) => assert.deepEqual(hexDecode(hexEncode(bytes)), bytes)));
    assert.deepEqual(hexDecode('40 01\n12 34'), Uint8Array.of(0x40, 0x01, 0x12, 0x34));
    for (const wrong of ['4', '4g', '0x40']) assert.equal(hexDecode(wrong), undefined);
  });

  it('come back from UTF-8, and what is not UTF-8 is refused', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) =>
        assert.equal(utf8Decode(utf8Encode(text)), text),
      ),
    );
    for (const wrong of [[0xff], [0xc3], [0xed, 0xa0, 0x80], [0xc0, 0x80]]) {
      assert.equal(utf8Decode(Uint8Array.from(wrong)), undefined);
    }
    assert.equal(utf8Decode(Uint8Array.of(0xef, 0xbb, 0xbf, 0x41)), '\uFEFFA', 'a byte order mark is data');
  });

  it('are equal when length and content are', () => {
    assert.ok(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 2)));
    assert.ok(!equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 2, 3)));
    assert.ok(!equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 3)));
  });
});

describe('a writer of bytes', () => {
  it('writes big-endian numbers', () => {
    const bytes = new ByteWriter(1).uint8(1).uint16(0x0203).uint24(0x040506).uint32(0x0708090a).toBytes();
    assert.equal(hexEncode(bytes), '0102030405060708090a');
  });

  it('grows, and joins what was written in order', () => {
    fc.assert(
      fc.property(fc.array(anyBytes, { maxLength: 20 }), (parts) => {
        const writer = new ByteWriter(2);
        for (const part of parts) writer.bytes(part);
        assert.deepEqual(writer.toBytes(), concatBytes(parts));
        assert.equal(writer.length, concatBytes(parts).length);
      }),
    );
  });

  it('forgets on reset without touching what was handed out', () => {
    const writer = new ByteWriter();
    const first = writer.uint8(1).toBytes();
    writer.reset();
    assert.deepEqual(writer.uint8(2).toBytes(), Uint8Array.of(2));
    assert.deepEqual(first, Uint8Array.of(1));
  });
});
