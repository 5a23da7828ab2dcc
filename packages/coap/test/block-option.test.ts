import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { UsageError } from '@dunlin/base';
import {
  blockOffset,
  blockSizeUpTo,
  decodeBlockOption,
  encodeBlockOption,
  maxBlockNumber,
} from '@dunlin/coap';
import fc from 'fast-check';

const plain = { noNullPrototype: true } as const;

describe('CR-9.1: the value of Block1 and Block2 (RFC 7959 §2.2)', () => {
  it('reads what it wrote', () => {
    const block = fc.record(
      {
        num: fc.integer({ min: 0, max: maxBlockNumber }),
        hasMore: fc.boolean(),
        size: fc.constantFrom(16, 32, 64, 128, 256, 512, 1024),
      },
      plain,
    );
    fc.assert(
      fc.property(block, (sent) => assert.deepEqual(decodeBlockOption(encodeBlockOption(sent)), sent)),
    );
  });

  it('has no block for the reserved size 7', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0x1f_ffff }), (rest) => {
        assert.equal(decodeBlockOption(rest * 8 + 7), undefined);
      }),
    );
  });

  it('has no block for values of more than 3 bytes', () => {
    assert.equal(decodeBlockOption(0x100_0000), undefined);
  });

  it('refuses to write what does not fit', () => {
    for (const [num, size] of [
      [maxBlockNumber + 1, 16],
      [-1, 16],
      [0.5, 16],
      [0, 8],
      [0, 48],
      [0, 2048],
    ] as const) {
      assert.throws(() => encodeBlockOption({ num, hasMore: false, size }), UsageError);
    }
  });

  it('counts by bytes (CR-9.3)', () => {
    assert.equal(blockOffset({ num: maxBlockNumber, hasMore: false, size: 1024 }), 1_073_740_800);
    assert.deepEqual(
      [0, 16, 31, 32, 1000, 1024, 9999].map((size) => blockSizeUpTo(size)),
      [16, 16, 16, 32, 512, 1024, 1024],
    );
  });
});
