import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { concatBytes, type Random, seededRandom } from '@dunlin/base';

import { type Mode, modes } from '../../../packages/dtls/test/support/modes.ts';
import {
  addressOf,
  type Flying,
  lastEstablished,
  Party,
  randomOf,
  sendText,
} from '../../../packages/dtls/test/support/party.ts';
import { type Prepared, prepare } from './support/dtls-handshake.ts';
import { forEachSeed } from './support/seeds.ts';

/** How many changed datagrams each handshake gets. */
const hostilePerSeed = 60;

/** Another client of the same server, with an association of its own. */
function bystanderOf({ world, server, circumstances }: Prepared): Party {
  const { mode } = circumstances;
  const party = new Party(
    addressOf('198.51.100.200', 7000),
    { random: randomOf(77), role: 'client', suites: [mode.suite], connectionId: { length: 2 } },
    { trust: () => ({ kind: 'trusted', credentialId: 'default' }) },
  );
  world.parties.push(party);
  party.endpoint.connect(server.address, mode.client, world.now);
  world.run(2000);
  assert.ok(lastEstablished(party));
  server.outputs.length = 0;
  return party;
}

function pick<T>(random: Random, all: readonly T[]): T | undefined {
  return all[Math.floor(random.fraction() * all.length)];
}

/** A datagram made of real ones. */
function changed(random: Random, seen: readonly Flying[]): Uint8Array {
  const bytes = (pick(random, seen)?.datagram ?? new Uint8Array(1)).slice();
  const at = (): number => Math.floor(random.fraction() * bytes.length);
  const kind = Math.floor(random.fraction() * 7);
  const header = Math.min(25, bytes.length);
  switch (kind) {
    case 0:
      return bytes.subarray(0, at());
    case 1:
      return concatBytes([bytes.subarray(0, at()), pick(random, seen)?.datagram ?? bytes]);
    case 2:
      bytes[at()] = Math.floor(random.fraction() * 256);
      return bytes;
    case 3: {
      const index = Math.floor(random.fraction() * header);
      bytes[index] = Math.floor(random.fraction() * 256);
      return bytes;
    }
    case 4:
      for (let count = 0; count < 5; count += 1) bytes[at()] = Math.floor(random.fraction() * 256);
      return bytes;
    case 5:
      return concatBytes([bytes, random.bytes(Math.floor(random.fraction() * 40))]);
    default:
      return bytes;
  }
}

/** Mostly the cheap ones. */
function modeFor(random: Random): Mode {
  const wanted = random.fraction();
  const keyExchange = wanted < 0.7 ? 'psk' : wanted < 0.85 ? 'ecdhe-psk' : 'ecdhe-ecdsa';
  const mode = pick(
    random,
    modes.filter(({ suite }) => suite.keyExchange === keyExchange),
  );
  assert.ok(mode);
  return mode;
}

describe('changed, repeated, joined and reflected datagrams, in every state (checklist 28)', () => {
  it('throw nothing, leave nothing behind, and do nothing to others', async () => {
    await forEachSeed(500, 'dtls-hostile-datagrams.test.ts', (seed) => {
      const random = seededRandom(seed);
      const prepared = prepare({
        mode: modeFor(random),
        isResumed: random.fraction() < 0.3,
        maxDatagramLength: random.fraction() < 0.5 ? 256 : 1200,
        connectionIds: { server: random.fraction() < 0.5 ? 8 : undefined, client: 2 },
        seed,
      });
      const { world, server, client } = prepared;
      const bystander = bystanderOf(prepared);
      const stage = world.sent.length + Math.floor(random.fraction() * 12);
      const waiting: Flying[] = [];
      world.path = (flying, index) => {
        if (index < stage) return [flying];
        waiting.push(flying);
        return [];
      };
      client.endpoint.connect(server.address, prepared.connect, world.now);
      world.run(700);
      world.path = (flying) => [flying];
      for (let count = 0; count < hostilePerSeed; count += 1) {
        const datagram = changed(random, world.sent);
        const from = pick(random, [client.address, server.address, bystander.address]) ?? client.address;
        const victim = random.fraction() < 0.6 ? server : client;
        victim.endpoint.handle(datagram, from, world.now);
        if (random.fraction() < 0.1) world.run(200);
      }
      for (const flying of waiting) world.put(flying);
      world.run(150_000);
      assert.deepEqual([client.endpoint.handshakes, server.endpoint.handshakes], [0, 0]);
      assert.ok(server.endpoint.associations <= 3, `${server.endpoint.associations} associations`);
      const texts = [...server.texts(), ...client.texts(), ...bystander.texts()];
      assert.deepEqual(texts, [], 'nobody has said anything');
      const [made] = server.all('established');
      const [opened] = client.all('established');
      const isClientLast = opened?.isResumed ?? made?.isResumed ?? false;
      const [first, last] = isClientLast ? [opened, made] : [made, opened];
      if (last !== undefined) assert.ok(first, 'no half of an association');
      const own = lastEstablished(bystander);
      assert.ok(own);
      assert.deepEqual(bystander.all('closed'), []);
      assert.equal(sendText(world, bystander, own.association, 'still here'), 'sent');
      world.run(1000);
      assert.deepEqual(server.texts(), ['still here']);
    });
  });
});
