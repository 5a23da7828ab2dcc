import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { addDuration, hexEncode, type Instant, instantFrom, milliseconds } from '@dunlin/base';
import {
  decodeUserData,
  maxUserData,
  partCount,
  Reassembly,
  reassemblyDefaults,
  type ReassemblyLimits,
  segment,
  type SegmentationOptions,
} from '@dunlin/sms';
import fc from 'fast-check';

const start: Instant = instantFrom(1_000_000);
const sender = '491700000001';
const ports = { destination: 5683, source: 5684 };

function datagram(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => index * 7);
}

/** What a receiver makes of one part: `3 bytes` when that completes a datagram, or the kind of outcome. */
class Receiver {
  readonly reassembly: Reassembly;
  now: Instant = start;

  constructor(limits: Partial<ReassemblyLimits> = {}) {
    this.reassembly = new Reassembly(limits);
  }

  take(userData: Uint8Array, from: string = sender): string {
    const taken = decodeUserData(userData, true);
    assert.ok(taken.kind === 'user-data' && taken.header.concatenation !== undefined);
    const { header, data } = taken;
    const outcome = this.reassembly.accept(from, taken.header.concatenation, data, this.now, header.ports);
    if (outcome.kind === 'complete') return hexEncode(outcome.datagram);
    return outcome.kind === 'dropped' ? outcome.reason : outcome.kind;
  }

  part(reference: number, number: number, total: number, fill = number, from: string = sender): string {
    return this.take(Uint8Array.of(5, 0, 3, reference, total, number, fill), from);
  }
}

describe('R-920: segmentation', () => {
  const cases: readonly (readonly [options: SegmentationOptions, one: number, each: number])[] = [
    [{}, 140, 134],
    [{ usesWideReferences: true }, 140, 133],
    [{ ports }, 133, 128],
    [{ ports, usesWideReferences: true }, 133, 127],
  ];
  for (const [options, one, each] of cases) {
    const named = JSON.stringify(options);
    it(`puts ${one} bytes into one short message and ${each} into each of several: ${named}`, () => {
      const counts = [0, 1, one, one + 1, 2 * each, 2 * each + 1, 255 * each].map((length) => {
        const segments = segment(datagram(length), 7, options);
        assert.ok(segments.every(({ userData }) => userData.length <= maxUserData));
        assert.equal(partCount(length, options), segments.length);
        return segments.length;
      });
      assert.deepEqual(counts, [1, 1, 1, 2, 2, 3, 255]);
      assert.throws(() => segment(datagram(255 * each + 1), 7, options), RangeError);
    });
  }

  it('writes a header only where there is something to say', () => {
    assert.deepEqual(
      segment(datagram(140), 7).map(({ hasHeader }) => hasHeader),
      [false],
    );
    assert.ok(segment(datagram(141), 7).every(({ hasHeader }) => hasHeader));
    const [single] = segment(datagram(2), 7, { ports });
    assert.equal(hexEncode(single?.userData ?? datagram(0)), '060504163316340007');
  });

  it('is undone by reassembly, whatever the order and however often parts come', () => {
    const lengths = fc.integer({ min: 141, max: 134 * 8 });
    fc.assert(
      fc.property(lengths, fc.boolean(), fc.integer(), (length, isWide, seed) => {
        const whole = datagram(length);
        const options = { usesWideReferences: isWide };
        const parts = segment(whole, 300 & (isWide ? 0xffff : 0xff), options);
        const arrivals = [...parts, ...parts.slice(1)].toSorted(
          (a, b) => rank(a.userData, seed) - rank(b.userData, seed),
        );
        const receiver = new Receiver({ maxParts: 9 });
        const outcomes = arrivals.map(({ userData }) => receiver.take(userData));
        assert.ok(outcomes.includes(hexEncode(whole)));
      }),
    );
  });
});

/** Some order that depends on a seed and the part number. */
function rank(userData: Uint8Array, seed: number): number {
  return Math.imul((userData[5] ?? 0) + 13, seed | 1) & 0xffff;
}

describe('R-920: bounded reassembly', () => {
  it('puts parts together that come in any order', () => {
    const receiver = new Receiver();
    assert.deepEqual(
      [receiver.part(1, 3, 3), receiver.part(1, 1, 3), receiver.part(1, 2, 3)],
      ['waiting', 'waiting', '010203'],
    );
    assert.equal(receiver.reassembly.size, 0);
  });

  it('keeps messages apart that differ in sender, reference, its size, count or ports', () => {
    const receiver = new Receiver({ maxSetsPerSender: 10 });
    const first = [
      [5, 0, 3, 1, 2, 1, 0xaa],
      [5, 0, 3, 2, 2, 1, 0xaa],
      [5, 0, 3, 1, 3, 1, 0xaa],
      [6, 8, 4, 0, 1, 2, 1, 0xaa],
      [11, 0, 3, 1, 2, 1, 5, 4, 1, 2, 3, 4, 0xaa],
      [11, 0, 3, 1, 2, 1, 5, 4, 1, 2, 3, 5, 0xaa],
    ];
    for (const part of first) assert.equal(receiver.take(Uint8Array.from(part)), 'waiting');
    assert.equal(receiver.part(1, 1, 2, 0xaa, '491700000002'), 'waiting');
    assert.equal(receiver.reassembly.size, 7);
    assert.equal(receiver.part(1, 2, 2, 0xbb), 'aabb');
  });

  it('passes over a part that comes twice, and drops the message when the two differ', () => {
    const receiver = new Receiver();
    assert.equal(receiver.part(1, 1, 2), 'waiting');
    assert.equal(receiver.part(1, 1, 2), 'repeated');
    assert.equal(receiver.part(1, 1, 2, 99), 'contradiction');
    assert.equal(receiver.part(1, 2, 2), 'waiting');
  });

  it('drops messages of more than 8 parts unless told otherwise', () => {
    assert.equal(new Receiver().part(1, 1, 9), 'too-many-parts');
    assert.equal(new Receiver().part(1, 1, 255), 'too-many-parts');
    assert.equal(new Receiver({ maxParts: 255 }).part(1, 1, 255), 'waiting');
  });

  it('keeps 2 unfinished messages of a sender: another one replaces the oldest', () => {
    const receiver = new Receiver();
    for (const reference of [1, 2, 3]) assert.equal(receiver.part(reference, 1, 2), 'waiting');
    assert.equal(receiver.reassembly.size, 2);
    assert.equal(receiver.reassembly.expired, 1);
    assert.equal(receiver.part(3, 2, 2), '0102');
    assert.equal(receiver.part(2, 2, 2), '0102');
  });

  it('keeps 1,000 unfinished messages in all, and asks for what comes then to come later', () => {
    const receiver = new Receiver();
    for (let count = 0; count < 1000; count += 1) receiver.part(1, 1, 2, 1, String(491700000000 + count));
    assert.equal(receiver.part(1, 1, 2, 1, '491800000000'), 'full');
    assert.equal(receiver.part(1, 2, 2, 2, '491700000999'), '0102');
    assert.equal(receiver.part(1, 1, 2, 1, '491800000000'), 'waiting');
    assert.equal(receiver.reassembly.size, 1000);
  });

  it('gives up after 10 minutes what lacks parts', () => {
    const receiver = new Receiver();
    receiver.part(1, 1, 2);
    assert.equal(receiver.reassembly.deadline, addDuration(start, reassemblyDefaults.timeout));
    receiver.now = addDuration(start, milliseconds(599_999));
    assert.equal(receiver.part(2, 1, 2), 'waiting');
    receiver.now = addDuration(start, milliseconds(600_000));
    receiver.reassembly.expire(receiver.now);
    assert.equal(receiver.reassembly.size, 1);
    assert.equal(receiver.part(1, 2, 2), 'waiting');
  });

  it('stays within its limits whatever comes', () => {
    const parts = fc.array(
      fc.tuple(fc.nat(9), fc.nat(3), fc.integer({ min: 1, max: 10 }), fc.nat(9), fc.nat(1)),
      { maxLength: 200 },
    );
    fc.assert(
      fc.property(parts, (arrivals) => {
        const receiver = new Receiver({ maxSets: 6 });
        for (const [from, reference, total, part, fill] of arrivals) {
          receiver.part(reference, 1 + (part % total), total, fill, String(from));
          assert.ok(receiver.reassembly.size <= 6);
          receiver.now = addDuration(receiver.now, milliseconds(20_000));
        }
      }),
    );
  });
});
