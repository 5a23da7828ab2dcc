import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { seededRandom } from '@dunlin/base';

import { type Mode, modes } from '../../../packages/dtls/test/support/modes.ts';
import type { Flying, Path } from '../../../packages/dtls/test/support/party.ts';
import {
  assertSound,
  type Circumstances,
  flightsOf,
  type Prepared,
  prepare,
  roughPath,
  usual,
} from './support/dtls-handshake.ts';
import { forEachSeed } from './support/seeds.ts';

/** What is done to the datagrams of an undisturbed handshake from `first` on, of which there are `count`. */
type Disturbance = (first: number, count: number, prepared: Prepared) => Path;

const disturbances: Readonly<Record<string, Disturbance>> = {
  'is lost': (first, count) => (flying, index) => (isWithin(index, first, count) ? [] : [flying]),
  'is lost, and so are the next two of its sender': (first, count) => {
    let isLost = 0;
    let sender: Flying['from'] | undefined;
    return (flying, index) => {
      if (index === first) sender = flying.from;
      if (index < first || flying.from.key !== sender?.key || isLost >= count + 2) return [flying];
      isLost += 1;
      return [];
    };
  },
  'comes twice': (first, count) => (flying, index) =>
    isWithin(index, first, count) ? [flying, flying] : [flying],
  'comes in reverse, behind the next': (first, count) => {
    let held: Flying[] = [];
    return (flying, index) => {
      if (!isWithin(index, first, count + 1)) return [flying];
      held = [flying, ...held];
      return held.length <= count ? [] : held;
    };
  },
  'comes a second and a half late': (first, count, { world }) => {
    return (flying, index) => {
      if (!isWithin(index, first, count)) return [flying];
      world.put(flying, 1500);
      return [];
    };
  },
};

function isWithin(index: number, first: number, count: number): boolean {
  return index >= first && index < first + count;
}

/** Disturbs parts of a handshake in their turn; it completes all the same. */
function assertComplete(
  circumstances: Circumstances,
  parts: readonly (readonly [first: number, count: number])[],
  what: string,
  disturb: Disturbance,
): void {
  const kind = circumstances.isResumed ? 'resumed' : 'full';
  for (const [first, count] of parts) {
    const prepared = prepare(circumstances);
    const name = `${circumstances.mode.name}, ${kind}: ${count} from datagram ${first} on ${what}`;
    assert.ok(assertSound(prepared, disturb(first, count, prepared), name), name);
  }
}

/** Every datagram by itself. */
function datagramsOf(circumstances: Circumstances): readonly (readonly [number, number])[] {
  const total = flightsOf(circumstances).reduce((sum, [, count]) => sum + count, 0);
  return Array.from({ length: total }, (_, index) => [index, 1] as const);
}

/** One mode of each key exchange: their flights have different messages. */
const kinds: readonly Mode[] = ['psk', 'ecdhe-psk', 'ecdhe-ecdsa'].flatMap((keyExchange) => {
  const mode = modes.findLast(({ suite }) => suite.keyExchange === keyExchange);
  return mode === undefined ? [] : [mode];
});

describe('every datagram of a handshake in its turn (RFC 6347 §4.2.4, checklist 27)', () => {
  for (const [what, disturb] of Object.entries(disturbances)) {
    it(`${what}, and every suite with every kind of credential completes, full and resumed`, () => {
      for (const mode of modes) {
        for (const isResumed of [false, true]) {
          const circumstances = usual(mode, isResumed);
          assertComplete(circumstances, datagramsOf(circumstances), what, disturb);
        }
      }
    });
  }
});

describe('flights that are cut into many datagrams (RFC 6347 §4.2.3, checklist 15)', () => {
  for (const maxDatagramLength of [200, 512]) {
    for (const [what, disturb] of Object.entries(disturbances)) {
      it(`of ${maxDatagramLength} bytes complete when any of these ${what}`, () => {
        for (const mode of kinds) {
          const circumstances = { ...usual(mode, false), maxDatagramLength };
          assertComplete(circumstances, datagramsOf(circumstances), what, disturb);
        }
      });

      it(`of ${maxDatagramLength} bytes complete when a whole flight ${what}`, () => {
        for (const mode of kinds) {
          const connectionIds = { server: 8, client: 3 };
          const circumstances = { ...usual(mode, true), maxDatagramLength, connectionIds };
          assertComplete(circumstances, flightsOf(circumstances), what, disturb);
          const full = { ...circumstances, isResumed: false };
          assertComplete(full, flightsOf(full), what, disturb);
        }
      });
    }
  }
});

/** Mostly the cheap ones: the others differ in their messages, not in how these are carried. */
function drawnMode(fraction: number, which: number): Mode {
  const keyExchange = fraction < 0.7 ? 'psk' : fraction < 0.9 ? 'ecdhe-psk' : 'ecdhe-ecdsa';
  const candidates = modes.filter(({ suite }) => suite.keyExchange === keyExchange);
  const mode = candidates[Math.floor(which * candidates.length)];
  assert.ok(mode);
  return mode;
}

describe('a path that loses, doubles, delays, reorders and corrupts at random', () => {
  it('ends every handshake, complete or failed on both sides, within bounds (checklist 17, 18, 27)', async () => {
    let completed = 0;
    let total = 0;
    await forEachSeed(3000, 'dtls-handshakes.test.ts', (seed) => {
      const random = seededRandom(seed);
      const lengths = [undefined, 0, 4, 8] as const;
      const drawn = (): number | undefined => lengths[Math.floor(random.fraction() * lengths.length)];
      const prepared = prepare({
        mode: drawnMode(random.fraction(), random.fraction()),
        isResumed: random.fraction() < 0.25,
        maxDatagramLength: [200, 256, 512, 1200][Math.floor(random.fraction() * 4)] ?? 1200,
        connectionIds: { server: drawn(), client: drawn() },
        seed,
      });
      total += 1;
      if (assertSound(prepared, roughPath(prepared, random), `seed ${seed}`)) completed += 1;
    });
    assert.ok(total === 1 || completed > total * 0.7, `${completed} of ${total} were completed`);
  });
});
