import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { concatBytes, noBytes } from '@dunlin/base';
import fc from 'fast-check';

import { Reassembly, reassemblyLimitsDefaults } from '../../src/handshake/reassembly.ts';
import type { HandshakeFragment } from '../../src/wire/handshake-header.ts';
import { HandshakeType } from '../../src/wire/handshake-type.ts';
import { byteStrings } from '../support/arbitraries.ts';
import { counting } from '../support/hex.ts';

const type = HandshakeType.certificate;

/** The fragment from `start` up to `end` of a body. */
const cut = (body: Uint8Array, start: number, end: number, messageSeq = 0): HandshakeFragment => ({
  type,
  length: body.length,
  messageSeq,
  fragmentOffset: start,
  fragment: body.subarray(start, end),
});

const claim = (length: number, messageSeq: number): HandshakeFragment => ({
  type,
  length,
  messageSeq,
  fragmentOffset: 0,
  fragment: counting(0, 1),
});

const permutations = <T>(items: readonly T[]): readonly (readonly T[])[] => {
  if (items.length === 0) return [[]];
  const all: T[][] = [];
  for (const [index, item] of items.entries()) {
    for (const rest of permutations(items.toSpliced(index, 1))) all.push([item, ...rest]);
  }
  return all;
};

describe('reassembly (RFC 6347 §4.2.3)', () => {
  it('puts a message together from its fragments in every order', () => {
    const body = counting(0, 100);
    const fragments = [
      cut(body, 0, 1),
      cut(body, 1, 40),
      cut(body, 40, 41),
      cut(body, 41, 90),
      cut(body, 90, 100),
    ];
    for (const order of permutations(fragments)) {
      const reassembly = new Reassembly();
      for (const [index, fragment] of order.entries()) {
        assert.equal(reassembly.take(), undefined);
        assert.equal(reassembly.accept(fragment), 'held', `${index}`);
      }
      assert.deepEqual(reassembly.take(), { type, messageSeq: 0, body });
      assert.equal(reassembly.heldBytes, 0);
    }
  });

  it('takes every overlap of two fragments, and of a third that closes the gap (checklist 15)', () => {
    const body = counting(1, 7);
    for (const [first, second] of allRangePairs(7)) {
      const reassembly = new Reassembly();
      const ranges = [first, second, { start: 0, end: 7 }];
      const covered = new Set<number>();
      for (const { start, end } of ranges) {
        assert.equal(reassembly.accept(cut(body, start, end)), 'held');
        for (let index = start; index < end; index += 1) covered.add(index);
        if (covered.size === 7) break;
      }
      assert.deepEqual(reassembly.take()?.body, body);
    }
  });

  it('gives out whole flights in order, whatever is doubled, cut, overlapping or out of order', () => {
    const flight = fc.array(byteStrings(0, 60), { minLength: 1, maxLength: 6 });
    const cuts = fc.array(fc.tuple(fc.nat(), fc.nat(), fc.nat()), { maxLength: 30 });
    fc.assert(
      fc.property(
        flight,
        cuts,
        fc.array(fc.nat(), { minLength: 36, maxLength: 36 }),
        (bodies, extra, shuffle) => {
          const whole = bodies.map((body, messageSeq) => cut(body, 0, body.length, messageSeq));
          const pieces = extra.map(([which, a, b]) => {
            const messageSeq = which % bodies.length;
            const body = bodies[messageSeq] ?? noBytes;
            const ends = [a % (body.length + 1), b % (body.length + 1)].sort((x, y) => x - y);
            return cut(body, ends[0] ?? 0, ends[1] ?? 0, messageSeq);
          });
          const keyed = [...whole, ...pieces].map((fragment, index) => ({
            fragment,
            key: shuffle[index] ?? 0,
          }));
          const reassembly = new Reassembly();
          const taken: Uint8Array[] = [];
          for (const { fragment } of keyed.sort((x, y) => x.key - y.key)) {
            assert.notEqual(reassembly.accept(fragment), 'refused');
            for (let next = reassembly.take(); next !== undefined; next = reassembly.take()) {
              assert.equal(next.messageSeq, taken.length);
              taken.push(next.body);
            }
          }
          assert.deepEqual(taken, bodies);
          assert.equal(reassembly.heldBytes, 0);
        },
      ),
    );
  });

  it('keeps the bytes that came first where fragments contradict each other (checklist 15)', () => {
    const body = counting(0, 6);
    const reassembly = new Reassembly();
    reassembly.accept(cut(body, 2, 4));
    reassembly.accept(cut(new Uint8Array(6).fill(0xff), 0, 6));
    assert.deepEqual(reassembly.take()?.body, Uint8Array.of(0xff, 0xff, 2, 3, 0xff, 0xff));
  });

  it('holds a fragment to the type and total length its message began with (checklist 15)', () => {
    const body = counting(0, 20);
    const reassembly = new Reassembly();
    reassembly.accept(cut(body, 0, 10));
    assert.equal(reassembly.accept({ ...cut(body, 10, 20), type: HandshakeType.finished }), 'refused');
    assert.equal(reassembly.accept({ ...cut(body, 10, 20), length: 21 }), 'refused');
    assert.equal(reassembly.accept({ ...cut(body, 10, 20), fragmentOffset: 11 }), 'refused');
    assert.equal(reassembly.take(), undefined);
    reassembly.accept(cut(body, 10, 20));
    assert.deepEqual(reassembly.take()?.body, body);
  });

  it('completes an empty message by an empty fragment, and no other message by many (checklist 15)', () => {
    const reassembly = new Reassembly();
    const body = counting(0, 200);
    for (let count = 0; count < 1000; count += 1) {
      assert.equal(reassembly.accept(cut(body, count % 201, count % 201)), 'held');
    }
    assert.equal(reassembly.take(), undefined);
    reassembly.accept(cut(body, 0, 200));
    assert.ok(reassembly.take());
    reassembly.accept(cut(noBytes, 0, 0, 1));
    assert.deepEqual(reassembly.take()?.body, noBytes);
  });

  it('gives out messages strictly in order from the first number on (checklist 16)', () => {
    const reassembly = new Reassembly(1);
    const body = counting(0, 3);
    assert.equal(reassembly.accept(cut(body, 0, 3, 0)), 'repeated');
    assert.equal(reassembly.accept(cut(body, 0, 3, 2)), 'held');
    assert.equal(reassembly.take(), undefined);
    assert.equal(reassembly.nextSeq, 1);
    reassembly.accept(cut(body, 0, 3, 1));
    assert.deepEqual([reassembly.take()?.messageSeq, reassembly.take()?.messageSeq], [1, 2]);
    assert.equal(reassembly.accept(cut(body, 0, 3, 1)), 'repeated');
  });

  it('does not keep the memory of a datagram', () => {
    const datagram = counting(0, 8);
    const reassembly = new Reassembly();
    reassembly.accept(cut(datagram, 0, 8));
    datagram.fill(0);
    assert.deepEqual(reassembly.take()?.body, counting(0, 8));
  });
});

describe('the limits of reassembly (checklist 15)', () => {
  const { maxMessageLength, maxMessages, maxBytes, maxPieces } = reassemblyLimitsDefaults;
  it('bound the length of a message before memory is taken', () => {
    const reassembly = new Reassembly();
    assert.equal(reassembly.accept(claim(maxMessageLength + 1, 0)), 'refused');
    assert.equal(reassembly.accept(claim(2 ** 24 - 1, 0)), 'refused');
    assert.equal(reassembly.heldBytes, 0);
    assert.equal(reassembly.accept(claim(maxMessageLength, 0)), 'held');
  });

  it('bound how far ahead messages may be', () => {
    const reassembly = new Reassembly();
    assert.equal(reassembly.accept(claim(1, maxMessages)), 'refused');
    assert.equal(reassembly.accept(claim(1, 0xffff)), 'refused');
    assert.equal(reassembly.accept(claim(1, maxMessages - 1)), 'held');
  });

  it('bound the bytes of all messages together, and free them', () => {
    const reassembly = new Reassembly();
    for (let messageSeq = 0; messageSeq < maxMessages; messageSeq += 1) {
      reassembly.accept(claim(maxMessageLength, messageSeq));
    }
    assert.ok(reassembly.heldBytes <= maxBytes);
    assert.equal(reassembly.accept(claim(maxMessageLength, maxMessages - 1)), 'refused');
    reassembly.clear();
    assert.equal(reassembly.heldBytes, 0);
    assert.equal(reassembly.take(), undefined);
  });

  it('bound the pieces of one message, which can still be completed', () => {
    const body = counting(0, 1000);
    const reassembly = new Reassembly();
    const outcomes = new Map<string, number>();
    for (let start = 0; start < 1000; start += 2) {
      const outcome = reassembly.accept(cut(body, start, start + 1));
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    }
    assert.equal(outcomes.get('held'), maxPieces);
    reassembly.accept(cut(body, 0, 1000));
    assert.deepEqual(reassembly.take()?.body, concatBytes([body]));
  });

  it('hold against arbitrary fragments', () => {
    const fragment = fc
      .tuple(fc.nat(20), fc.nat(20_000), fc.nat(20_000), fc.nat(60))
      .map(([messageSeq, length, offset, count]): HandshakeFragment => {
        const fragmentOffset = Math.min(offset, length);
        const fragmentLength = Math.min(count, length - fragmentOffset);
        return { type, length, messageSeq, fragmentOffset, fragment: counting(0, fragmentLength) };
      });
    fc.assert(
      fc.property(fc.array(fragment, { maxLength: 60 }), (fragments) => {
        const reassembly = new Reassembly();
        for (const each of fragments) {
          reassembly.accept(each);
          reassembly.take();
          assert.ok(reassembly.heldBytes >= 0 && reassembly.heldBytes <= maxBytes);
        }
      }),
    );
  });
});

interface Range {
  readonly start: number;
  readonly end: number;
}

function allRangePairs(length: number): readonly (readonly [Range, Range])[] {
  const ranges: Range[] = [];
  for (let start = 0; start <= length; start += 1) {
    for (let end = start; end <= length; end += 1) ranges.push({ start, end });
  }
  return ranges.flatMap((first) => ranges.map((second) => [first, second] as const));
}
