import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { concatBytes, equalBytes, hexDecode } from '@dunlin/base';
import { encodePdu, FrameReader } from '@dunlin/sms';
import fc from 'fast-check';

import { anyPdu } from '../support/pdus.ts';

describe('Commands in a byte stream (SMPP 3.4 §3.2)', () => {
  test('finds the same commands however the stream is cut', () => {
    fc.assert(
      fc.property(
        fc.array(anyPdu, { maxLength: 6 }),
        fc.array(fc.integer({ min: 1, max: 90 })),
        (pdus, cuts) => {
          const frames = pdus.map((pdu) => encodePdu(pdu));
          const reader = new FrameReader();
          const found: Uint8Array[] = [];
          let stream = concatBytes(frames);
          for (const cut of [...cuts, stream.length]) {
            // A Buffer, as sockets give it: its `slice` is no copy.
            const piece = Buffer.from(stream.slice(0, cut));
            reader.push(piece);
            piece.fill(0xee);
            stream = stream.slice(cut);
            for (let frame = reader.next(); frame !== undefined; frame = reader.next()) {
              assert.ok(frame instanceof Uint8Array);
              found.push(frame);
            }
          }
          assert.equal(found.length, frames.length);
          assert.ok(found.every((frame) => !Buffer.isBuffer(frame)));
          assert.ok(found.every((frame, index) => equalBytes(frame, frames[index] ?? new Uint8Array())));
        },
      ),
    );
  });

  for (const [name, hex, commandLength, sequenceNumber] of [
    ['0', '000000000000001500000000000000aa', 0, 0xaa],
    ['3', '000000030000001500000000000000aa', 3, 0xaa],
    ['15', '0000000f0000001500000000000000aa', 15, 0xaa],
    ['65,537', '000100010000000500000000000000aa', 65_537, 0xaa],
    ['2^32 - 1, before the rest of the header has come', 'ffffffff00', 0xffff_ffff, 0],
  ] as const) {
    test(`ends with a command_length of ${name}, for ever`, () => {
      const reader = new FrameReader();
      reader.push(hexDecode(`00000010000000150000000000000001${hex}`) ?? new Uint8Array());
      assert.ok(reader.next() instanceof Uint8Array);
      const broken = { kind: 'broken', commandLength, sequenceNumber };
      assert.deepEqual(reader.next(), broken);
      reader.push(encodePdu({ kind: 'enquire-link', sequenceNumber: 1 }));
      assert.deepEqual(reader.next(), broken);
    });
  }

  test('takes a command of 65,536 bytes, the longest', () => {
    const reader = new FrameReader();
    const longest = new Uint8Array(65_536);
    longest.set([0, 1, 0, 0]);
    for (let offset = 0; offset < longest.length; offset += 4096) {
      assert.equal(reader.next(), undefined);
      reader.push(longest.subarray(offset, offset + 4096));
    }
    assert.deepEqual(reader.next(), longest);
    assert.equal(reader.next(), undefined);
  });
});
