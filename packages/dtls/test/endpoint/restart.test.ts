import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { hexEncode, instantFrom, Secret } from '@dunlin/base';

import type { SavedAssociation } from '../../src/saved-association.ts';
import { restoreAssociations, saveAssociations, type SavedStateOptions } from '../../src/saved-state.ts';
import { memoryLedger } from '../support/memory-ledger.ts';
import { modeOf, modes, type Pair, pairOf, serverAnswers } from '../support/modes.ts';
import {
  addressOf,
  type Flying,
  lastEstablished,
  Party,
  randomOf,
  sendText,
  World,
} from '../support/party.ts';

/** A connection id in both directions, or none, which routes by address. */
const routings = [
  { name: 'with connection ids', connectionId: { length: 6 } },
  { name: 'by address', connectionId: undefined },
] as const;

/** Connects, and carries a text each way. */
function establish(pair: Pair, mode: (typeof modes)[number]): void {
  const { world, server, client } = pair;
  const id = client.endpoint.connect(server.address, mode.client, world.now);
  sendText(world, client, id, 'before');
  world.run(3000);
  assert.deepEqual(server.texts(), ['before']);
  assert.equal(sendText(world, server, associationOf(server), 'also before'), 'sent');
  world.run(1000);
  assert.deepEqual(client.texts(), ['also before']);
}

function associationOf(party: Party): NonNullable<ReturnType<typeof lastEstablished>>['association'] {
  const established = lastEstablished(party);
  assert.ok(established);
  return established.association;
}

/** What a stopped party leaves to the next one: sealed bytes and a ledger. */
async function stop(party: Party): Promise<{ sealed: Uint8Array; options: SavedStateOptions }> {
  const options = { key: new Secret(new Uint8Array(32).fill(3)), ledger: memoryLedger() };
  return { sealed: await saveAssociations(party.endpoint.save(), randomOf(99), options), options };
}

async function restored(
  sealed: Uint8Array,
  options: SavedStateOptions,
): Promise<readonly SavedAssociation[]> {
  const state = await restoreAssociations(sealed, instantFrom(0), options);
  assert.equal(state.kind, 'restored', state.kind === 'failure' ? state.reason : '');
  return state.kind === 'restored' ? state.associations : [];
}

function restoreInto(party: Party, saved: SavedAssociation): string {
  const { address, port } = saved.peerAddress;
  const outcome = party.endpoint.restore(saved, addressOf(address, port));
  return typeof outcome === 'string' ? outcome : outcome.refusal;
}

/** Epoch and sequence number of the records a party sent, one in each datagram. */
function positionsOf(sent: readonly Flying[], party: Party): readonly string[] {
  return sent
    .filter(({ from, datagram }) => from.key === party.address.key && datagram[4] === 1)
    .map(({ datagram }) => hexEncode(datagram.subarray(3, 11)));
}

describe('a server that stops and starts (checklist 30)', () => {
  for (const mode of modes) {
    for (const { name, connectionId } of routings) {
      it(`goes on without a handshake (${name}): ${mode.name}`, async () => {
        const before = pairOf(mode, 1, { server: { connectionId }, client: { connectionId } });
        establish(before, mode);
        const { sealed, options } = await stop(before.server);

        const next = new Party(
          before.server.address,
          { random: randomOf(77), role: 'server', ...mode.server, connectionId },
          serverAnswers,
        );
        const [saved] = await restored(sealed, options);
        assert.ok(saved);
        assert.equal(restoreInto(next, saved), saved.associationId);
        const world = new World(next, before.client);
        world.now = before.world.now;
        sendText(world, before.client, associationOf(before.client), 'after');
        assert.equal(sendText(world, next, associationOf(before.server), 'also after'), 'sent');
        world.run(1000);
        assert.deepEqual(next.texts(), ['after']);
        assert.deepEqual(before.client.texts(), ['also before', 'also after']);
        assert.deepEqual(next.all('established'), []);
        assert.equal(world.sent.length, 2);
      });
    }
  }

  it('never uses a sequence number again, and takes nothing again that it took before (checklist 11, 30)', async () => {
    const mode = modeOf('TLS_PSK_WITH_AES_128_CCM_8');
    const before = pairOf(mode, 2);
    establish(before, mode);
    const { sealed, options } = await stop(before.server);
    assert.equal(
      sendText(before.world, before.server, associationOf(before.server), 'too late'),
      'unknown-association',
    );

    const next = new Party(before.server.address, { random: randomOf(78), role: 'server', ...mode.server });
    for (const saved of await restored(sealed, options)) restoreInto(next, saved);
    const world = new World(next, before.client);
    world.now = before.world.now;
    for (const flying of before.world.sent) {
      if (flying.to.key === next.address.key && flying.datagram[4] === 1) world.put(flying);
    }
    for (let count = 0; count < 5; count += 1)
      sendText(world, next, associationOf(before.server), `text ${count}`);
    world.run(1000);
    assert.deepEqual(next.texts(), []);
    const positions = [...positionsOf(before.world.sent, next), ...positionsOf(world.sent, next)];
    assert.equal(new Set(positions).size, positions.length);
    assert.equal(before.client.texts().length, 6);
  });

  it('takes each association once, and none whose id, connection id or address is taken (checklist 30)', async () => {
    const mode = modeOf('TLS_PSK_WITH_AES_128_CCM_8');
    for (const { connectionId } of routings) {
      const before = pairOf(mode, 3, { server: { connectionId }, client: { connectionId } });
      establish(before, mode);
      const { sealed, options } = await stop(before.server);
      assert.equal(before.server.endpoint.save().length, 0);
      const [saved] = await restored(sealed, options);
      assert.ok(saved);
      const next = new Party(before.server.address, {
        random: randomOf(79),
        role: 'server',
        ...mode.server,
        connectionId,
      });
      const again = (changes: Partial<SavedAssociation>): string =>
        restoreInto(next, {
          ...saved,
          ...changes,
          session: {
            ...saved.session,
            masterSecret: new Secret(saved.session.masterSecret.reveal().slice()),
          },
        });
      assert.equal(again({}), saved.associationId);
      assert.match(again({}), /of this id/);
      assert.match(again({ associationId: 'another' }), /is taken/);
      assert.match(again({ associationId: 'another', ownConnectionId: Uint8Array.of(1) }), /another length/);
    }
  });
});

describe('a client that sleeps (checklist 30)', () => {
  it('goes on without a handshake when it wakes, from another address too where it has a connection id', async () => {
    for (const { connectionId } of routings) {
      const mode = modeOf('TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8');
      const before = pairOf(mode, 4, { server: { connectionId }, client: { connectionId } });
      establish(before, mode);
      const { sealed, options } = await stop(before.client);
      const address = connectionId === undefined ? before.client.address : addressOf('203.0.113.9', 1234);
      const awake = new Party(address, { random: randomOf(80), role: 'client', connectionId });
      for (const saved of await restored(sealed, options)) restoreInto(awake, saved);
      const world = new World(before.server, awake);
      world.now = instantFrom(before.world.now + 3_600_000);
      assert.equal(sendText(world, awake, associationOf(before.client), 'awake'), 'sent');
      world.run(1000);
      assert.deepEqual(before.server.texts(), ['before', 'awake']);
      assert.equal(sendText(world, before.server, associationOf(before.server), 'welcome'), 'sent');
      world.run(1000);
      assert.deepEqual(awake.texts(), ['welcome']);
      assert.deepEqual(awake.all('established'), []);
    }
  });
});
