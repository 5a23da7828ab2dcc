import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { ContentType } from '../../src/wire/content-type.ts';
import { encodeRecord } from '../../src/wire/record.ts';
import { type EstablishedPair, establishedPair } from '../support/established.ts';
import { modeOf, pairOf } from '../support/modes.ts';
import { addressOf, type Flying, sendText } from '../support/party.ts';
import { cookieIn, helloRecord, plainHello, recordsOf } from '../support/raw.ts';

const mode = modeOf('TLS_PSK_WITH_AES_128_CCM_8');
const elsewhere = addressOf('198.51.100.7', 50_000);

/** A pair whose server gave out connection ids of 8 bytes, and whose client none. */
function withIds(seed = 1): EstablishedPair {
  return establishedPair(mode, seed, {
    server: { connectionId: { length: 8 } },
    client: { connectionId: { length: 0 } },
  });
}

/** The datagram with a text that a client sends, taken off the network. */
function sealed(pair: EstablishedPair, text: string): Flying {
  const before = pair.world.path;
  const caught: Flying[] = [];
  pair.world.path = (flying) => {
    caught.push(flying);
    return [];
  };
  assert.equal(sendText(pair.world, pair.client, pair.own, text), 'sent');
  pair.world.flush();
  pair.world.path = before;
  const [first] = caught;
  assert.ok(first);
  return first;
}

/** Gives a server a datagram from an address. */
function deliver(pair: EstablishedPair, flying: Flying, from = flying.from): void {
  pair.server.endpoint.handle(flying.datagram, from, pair.world.now);
  pair.world.flush();
}

describe('an association with connection id (RFC 9146)', () => {
  test('goes on when the address of the client changes, and the server answers there', () => {
    const pair = withIds();
    pair.client.address = elsewhere;
    sendText(pair.world, pair.client, pair.own, 'from elsewhere');
    pair.world.run(100);
    assert.deepEqual(pair.server.texts(), ['from elsewhere']);
    assert.deepEqual(
      pair.server.all('address-changed').map(({ association, address }) => [association, address.port]),
      [[pair.made, 50_000]],
    );
    assert.equal(sendText(pair.world, pair.server, pair.made, 'hi'), 'sent');
    pair.world.run(100);
    assert.deepEqual(pair.client.texts(), ['hi']);
  });

  test('is not moved by a record that is not authentic, repeated or older (RFC 9146 §6, checklist 13)', () => {
    const pair = withIds();
    const older = sealed(pair, 'older');
    const newer = sealed(pair, 'newer');
    deliver(pair, newer);
    const forged = sealed(pair, 'forged').datagram.slice();
    forged[forged.length - 1] = (forged.at(-1) ?? 0) ^ 1;
    deliver(pair, { ...newer, datagram: forged }, elsewhere);
    deliver(pair, newer, elsewhere);
    deliver(pair, older, elsewhere);
    assert.deepEqual(pair.server.texts(), ['newer', 'older']);
    assert.deepEqual(pair.server.all('address-changed'), []);
  });

  test('is not moved by a peer that uses no connection id (checklist 13)', () => {
    const pair = establishedPair(mode, 2);
    deliver(pair, sealed(pair, 'x'), elsewhere);
    assert.deepEqual(pair.server.texts(), []);
    assert.deepEqual(pair.server.all('address-changed'), []);
  });

  test('is never moved on the side of the client (checklist 13)', () => {
    const pair = establishedPair(mode, 3, {
      server: { connectionId: { length: 8 } },
      client: { connectionId: { length: 5 } },
    });
    pair.server.address = elsewhere;
    sendText(pair.world, pair.server, pair.made, 'from elsewhere');
    pair.world.run(100);
    assert.deepEqual(pair.client.texts(), ['from elsewhere'], 'it is authentic');
    assert.deepEqual(pair.client.all('address-changed'), []);
    sendText(pair.world, pair.client, pair.own, 'to the old address');
    pair.world.flush();
    assert.equal(pair.world.sent.at(-1)?.to.port, 5684);
  });

  test('sends a new address a bounded number of bytes until it answers (RFC 9146 §6, checklist 13)', () => {
    const pair = withIds();
    deliver(pair, sealed(pair, 'a'), elsewhere);
    const received = pair.world.sent.length;
    const answer = 'x'.repeat(500);
    const outcomes = Array.from({ length: 12 }, () => sendText(pair.world, pair.server, pair.made, answer));
    assert.ok(outcomes.includes('sent') && outcomes.at(-1) === 'address-unconfirmed');
    pair.world.flush();
    const bytes = pair.world.sent.slice(received).reduce((sum, { datagram }) => sum + datagram.length, 0);
    assert.ok(bytes <= 2560);
    deliver(pair, sealed(pair, 'b'), elsewhere);
    assert.equal(sendText(pair.world, pair.server, pair.made, answer), 'sent', 'it has answered');
  });

  test('sends a new address three times what came from it, if that is more (RFC 9146 §6, checklist 13)', () => {
    const pair = withIds();
    const long = sealed(pair, 'x'.repeat(3000));
    deliver(pair, long, elsewhere);
    const received = pair.world.sent.length;
    const answer = 'x'.repeat(1000);
    while (sendText(pair.world, pair.server, pair.made, answer) === 'sent');
    pair.world.flush();
    const bytes = pair.world.sent.slice(received).reduce((sum, { datagram }) => sum + datagram.length, 0);
    assert.ok(bytes > 2 * long.datagram.length && bytes <= 3 * long.datagram.length);
  });

  test('takes what comes from a new address for no answer as long as nothing was sent there (RFC 9146 §6, checklist 13)', () => {
    const pair = withIds();
    for (let count = 0; count < 5; count += 1) deliver(pair, sealed(pair, 'a'), elsewhere);
    const answer = 'x'.repeat(500);
    const outcomes = Array.from({ length: 12 }, () => sendText(pair.world, pair.server, pair.made, answer));
    assert.equal(outcomes.at(-1), 'address-unconfirmed');
  });

  test('takes an Update from a new address and answers it, and sends the first block of a package that waited', () => {
    const pair = withIds();
    pair.client.address = elsewhere;
    sendText(pair.world, pair.client, pair.own, 'Update');
    pair.world.run(100);
    assert.equal(sendText(pair.world, pair.server, pair.made, '2.04 Changed'), 'sent');
    const block = 'x'.repeat(1024 + 40);
    assert.equal(sendText(pair.world, pair.server, pair.made, block), 'sent');
    assert.equal(
      sendText(pair.world, pair.server, pair.made, block),
      'sent',
      'again, should the first be lost',
    );
  });

  test('changes its address at most once a second (checklist 13)', () => {
    const pair = withIds();
    for (let port = 1; port <= 20; port += 1)
      deliver(pair, sealed(pair, 'x'), addressOf('198.51.100.8', port));
    assert.equal(pair.server.all('address-changed').length, 1);
    assert.equal(pair.server.texts().length, 20);
    pair.world.run(1500);
    deliver(pair, sealed(pair, 'x'), addressOf('198.51.100.8', 99));
    assert.equal(pair.server.all('address-changed').length, 2);
  });

  test('discards its records without connection id, and those of nobody (RFC 9146 §3, checklist 12)', () => {
    const pair = withIds();
    const flying = sealed(pair, 'x');
    const [record] = recordsOf(flying.datagram, 8);
    assert.ok(record);
    const without = encodeRecord({
      ...record,
      type: ContentType.applicationData,
      connectionId: new Uint8Array(0),
    });
    deliver(pair, { ...flying, datagram: without });
    const foreign = encodeRecord({ ...record, connectionId: new Uint8Array(8).fill(1) });
    deliver(pair, { ...flying, datagram: foreign });
    const short = encodeRecord({ ...record, connectionId: record.connectionId.subarray(1) });
    deliver(pair, { ...flying, datagram: short });
    assert.deepEqual(pair.server.texts(), []);
    assert.deepEqual(pair.world.sent, [flying], 'nothing is answered');
    deliver(pair, flying);
    assert.deepEqual(pair.server.texts(), ['x']);
  });

  test('leaves the place of somebody else at the address it comes from to him (checklist 13)', () => {
    const pair = withIds(5);
    // A second client, which has connection ids with the same server, appears behind the address of the first one.
    const both = establishedPair(mode, 6, { server: { connectionId: { length: 8 } } });
    const { server, world } = both;
    assert.equal(both.serverSide.ownConnectionId.length, 0, 'it does not use them');
    const other = pair.client;
    other.address = elsewhere;
    const id = other.endpoint.connect(server.address, mode.client, world.now);
    for (let round = 0; round < 8; round += 1) {
      for (const { datagram } of other.drain(world.now))
        server.endpoint.handle(datagram, elsewhere, world.now);
      for (const { datagram, to } of server.drain(world.now)) {
        if (to.key === elsewhere.key) other.endpoint.handle(datagram, server.address, world.now);
      }
    }
    assert.equal(sendText(world, other, id, 'with id'), 'sent');
    for (const { datagram } of other.drain(world.now))
      server.endpoint.handle(datagram, both.client.address, world.now);
    sendText(world, both.client, both.own, 'without id');
    world.run(100);
    assert.deepEqual(server.texts(), ['with id', 'without id']);
    assert.deepEqual(server.all('closed'), []);
  });

  test('gives each association another unpredictable id of the same length (RFC 9146 §3, checklist 12)', () => {
    const ids = new Set<string>();
    for (let seed = 10; seed < 20; seed += 1) ids.add(withIds(seed).serverSide.ownConnectionId.join(' '));
    assert.equal(ids.size, 10);
  });

  test('of which there are none left leaves no room, and throws nothing (checklist 5, 12, 28)', () => {
    const { server, world } = pairOf(mode, 30, { server: { connectionId: { length: 1 } } });
    for (let port = 1; port <= 300; port += 1) {
      const from = addressOf('203.0.113.9', port);
      const hello = { extensions: { ...plainHello.extensions, connectionId: new Uint8Array(0) } };
      server.endpoint.handle(helloRecord(hello), from, world.now);
      const cookie = cookieIn(server.drain(world.now)[0]?.datagram);
      server.endpoint.handle(helloRecord({ ...hello, cookie }, 1), from, world.now);
      server.drain(world.now);
    }
    assert.ok(server.endpoint.handshakes > 200 && server.endpoint.handshakes <= 256);
    assert.ok(server.all('diagnostic').some(({ problem }) => problem === 'refused-for-limits'));

    const own = pairOf(mode, 31, {
      client: { connectionId: { length: 1 }, limits: { maxHandshakes: 1000 } },
    });
    const connect = (): void => {
      for (let port = 1; port <= 300; port += 1) {
        own.client.endpoint.connect(addressOf('203.0.113.9', port), mode.client, own.world.now);
      }
    };
    assert.throws(connect, { code: 'overloaded' });
  });
});
