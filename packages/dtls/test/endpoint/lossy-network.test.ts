import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { seededRandom } from '@dunlin/base';

import type { ConnectOptions } from '../../src/dtls-endpoint-options.ts';
import type { Session } from '../../src/session.ts';
import { type Mode, modeOf, modes, type Pair, pairOf } from '../support/modes.ts';
import { type Flying, lastEstablished, type Path, sendText } from '../support/party.ts';

/** All retransmissions of one handshake take less. */
const longEnough = 130_000;

/** The most datagrams both sides together may send in a handshake: nobody multiplies them. */
const maxDatagrams = 150;

const clean: Path = (flying) => [flying];

/** Makes a pair, with a session to resume when asked for, and says what the client connects with. */
function prepared(
  mode: Mode,
  isResumed: boolean,
  options: Parameters<typeof pairOf>[2] = {},
): Pair & { readonly connect: ConnectOptions } {
  const pair = pairOf(mode, 5, options);
  if (!isResumed) return { ...pair, connect: mode.client };
  pair.client.endpoint.connect(pair.server.address, mode.client, pair.world.now);
  pair.world.run(3000);
  const session: Session | undefined = lastEstablished(pair.client)?.session;
  assert.ok(session);
  pair.world.sent.length = 0;
  pair.client.outputs.length = 0;
  pair.server.outputs.length = 0;
  return { ...pair, connect: { ...mode.client, resume: session } };
}

/**
 * Lets a handshake run over a path and checks what must hold whatever the path does: it ends, without a flood; nobody
 * trusts a peer that did not prove itself; data goes both ways when both do. Says whether it was completed.
 */
function assertSound(pair: Pair & { readonly connect: ConnectOptions }, path: Path, name: string): boolean {
  const { world, server, client, connect } = pair;
  world.path = path;
  const id = client.endpoint.connect(server.address, connect, world.now);
  world.run(longEnough);
  assert.ok(world.sent.length <= maxDatagrams, `${name}: ${world.sent.length} datagrams`);
  assert.deepEqual([client.endpoint.handshakes, server.endpoint.handshakes], [0, 0], name);
  world.path = clean;
  const own = lastEstablished(client);
  const failures = client.all('failed');
  assert.equal((own === undefined ? 0 : 1) + failures.length, 1, `${name}: ends in one way`);
  const made = lastEstablished(server);
  // Whoever sends the last flight cannot know that it came through; the other one knows.
  const isClientLast = connect.resume !== undefined && (own?.isResumed ?? made?.isResumed ?? true);
  const [first, last] = isClientLast ? [own, made] : [made, own];
  if (last !== undefined) assert.ok(first, `${name}: no half of an association`);
  if (own === undefined || made === undefined) return false;
  assert.equal(sendText(world, client, id, 'up'), 'sent');
  assert.equal(sendText(world, server, made.association, 'down'), 'sent');
  world.run(2000);
  assert.deepEqual([server.texts().at(-1), client.texts().at(-1)], ['up', 'down'], name);
  return true;
}

/** How many datagrams an undisturbed handshake takes. */
function lengthOf(mode: Mode, isResumed: boolean, options?: Parameters<typeof pairOf>[2]): number {
  const pair = prepared(mode, isResumed, options);
  pair.client.endpoint.connect(pair.server.address, pair.connect, pair.world.now);
  pair.world.run(3000);
  return pair.world.sent.length;
}

const disturbances: Readonly<Record<string, (index: number) => (pair: Pair) => Path>> = {
  loses: (index) => () => (flying, position) => (position === index ? [] : [flying]),
  doubles: (index) => () => (flying, position) => (position === index ? [flying, flying] : [flying]),
  'swaps with the next': (index) => () => {
    let held: Flying | undefined;
    return (flying, position) => {
      if (position === index) {
        held = flying;
        return [];
      }
      const late = held === undefined ? [] : [held];
      held = undefined;
      return [flying, ...late];
    };
  },
  'delivers a second late':
    (index) =>
    ({ world }) =>
    (flying, position) => {
      if (position !== index) return [flying];
      world.put(flying, 1500);
      return [];
    },
};

describe('a path that disturbs any one datagram (RFC 6347 §4.2.4, checklist 27)', () => {
  for (const mode of modes) {
    for (const [what, disturb] of Object.entries(disturbances)) {
      test(`${what} one, and ${mode.name} completes`, () => {
        for (const isResumed of [false, true]) {
          const length = lengthOf(mode, isResumed);
          for (let index = 0; index < length; index += 1) {
            const pair = prepared(mode, isResumed);
            const name = `${what} ${index} of ${length}${isResumed ? ', resumed' : ''}`;
            assert.ok(assertSound(pair, disturb(index)(pair), name), name);
          }
        }
      });
    }
  }

  test('cuts every flight into datagrams of 256 bytes, of which any one is lost', () => {
    const options = {
      server: { flight: { maxDatagramLength: 256 } },
      client: { flight: { maxDatagramLength: 256 } },
    };
    const mode = modeOf('TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8 with certificates');
    const length = lengthOf(mode, false, options);
    assert.ok(length > 10);
    for (let index = 0; index < length; index += 1) {
      const pair = prepared(mode, false, options);
      assert.ok(
        assertSound(pair, (flying, position) => (position === index ? [] : [flying]), `lost ${index}`),
      );
      assert.ok(pair.world.sent.every(({ datagram }) => datagram.length <= 256));
    }
  });
});

describe('a path that loses, doubles, delays and reorders at random (checklist 27)', () => {
  const mtus = [256, 512, 1200];
  const names = [
    'TLS_PSK_WITH_AES_128_CCM_8',
    'TLS_ECDHE_PSK_WITH_AES_128_GCM',
    'TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8',
  ];
  for (const [which, name] of names.entries()) {
    const seeds = which === 0 ? 1000 : 100;
    test(`is survived by ${name} over ${seeds} seeds and three MTUs, or fails cleanly`, () => {
      const mode = modeOf(name);
      let completed = 0;
      for (let seed = 0; seed < seeds; seed += 1) {
        const maxDatagramLength = mtus[seed % mtus.length] ?? 1200;
        const flight = { flight: { maxDatagramLength } };
        const connectionId = seed % 2 === 0 ? { connectionId: { length: 4 } } : {};
        const both = { ...flight, ...connectionId };
        const pair = prepared(mode, seed % 5 === 0, { server: both, client: both });
        const random = seededRandom(seed);
        const loss = random.fraction() * 0.5;
        const path: Path = (flying) => {
          if (random.fraction() < loss) return [];
          if (random.fraction() < 0.1) pair.world.put(flying, random.fraction() * 3000);
          if (random.fraction() < 0.2) {
            pair.world.put(flying, random.fraction() * 200);
            return [];
          }
          return [flying];
        };
        if (assertSound(pair, path, `seed ${seed}`)) completed += 1;
      }
      assert.ok(completed > seeds * 0.8, `${completed} of ${seeds} completed`);
    });
  }
});

test('gives up after the last retransmission when nobody answers (RFC 6347 §4.2.4.1, checklist 27)', () => {
  const pair = prepared(modeOf('TLS_PSK_WITH_AES_128_CCM_8'), false);
  const { world, client } = pair;
  assert.equal(
    assertSound(pair, () => [], 'nobody'),
    false,
  );
  assert.equal(world.sent.length, 6);
  assert.deepEqual(
    client.all('failed').map(({ reason, alert }) => [reason, alert]),
    [['timeout', undefined]],
  );
  assert.equal(client.endpoint.deadline, undefined);
  assert.equal(client.endpoint.associations, 0);
});

test('repeats a flight in new records, with new sequence numbers (RFC 6347 §4.2.4, checklist 27)', () => {
  const pair = prepared(modeOf('TLS_PSK_WITH_AES_128_CCM_8'), false);
  const { server } = pair;
  const numbers: string[] = [];
  assertSound(
    pair,
    (flying, index) => {
      const [record] = [flying.datagram.slice(3, 11).join(' ')];
      if (flying.to.key === server.address.key) numbers.push(record ?? '');
      return index === 5 ? [] : [flying];
    },
    'lost',
  );
  assert.equal(new Set(numbers).size, numbers.length);
});
