import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { noBytes } from '@dunlin/base';

import type { AssociationTableLimits } from '../../src/association-table.ts';
import { AlertDescription } from '../../src/wire/alert-description.ts';
import { ContentType } from '../../src/wire/content-type.ts';
import { HandshakeType } from '../../src/wire/handshake-type.ts';
import { keyCredential, modeOf, type Pair, pairOf, sharedKey } from '../support/modes.ts';
import { addressOf, lastEstablished, Party, randomOf, sendText } from '../support/party.ts';
import { cookieIn, helloRecord, messageRecord, plainRecord } from '../support/raw.ts';

const mode = modeOf('TLS_PSK_WITH_AES_128_CCM_8');

/** A pair whose server has these limits. */
function limited(limits: Partial<AssociationTableLimits>, seed = 1): Pair {
  return pairOf(mode, seed, { server: { limits } });
}

/** Begins a handshake from an address, by a ClientHello with a right cookie, and says whether it was taken. */
function begins({ server, world }: Pair, host: string, port: number): boolean {
  const from = addressOf(host, port);
  server.endpoint.handle(helloRecord(), from, world.now);
  const cookie = cookieIn(server.drain(world.now)[0]?.datagram);
  server.endpoint.handle(helloRecord({ cookie }, 1), from, world.now);
  return server.drain(world.now).length > 0;
}

/** Another client, at an address of its own, whose handshake runs to its end. */
function joins({ server, world }: Pair, host: string, port: number): Party {
  const client = new Party(addressOf(host, port), {
    random: randomOf(port),
    role: 'client',
    suites: [mode.suite],
  });
  world.parties.push(client);
  client.endpoint.connect(server.address, mode.client, world.now);
  world.run(3000);
  return client;
}

function refusalsOf({ server }: Pair): number {
  return server.all('diagnostic').filter(({ problem }) => problem === 'refused-for-limits').length;
}

describe('handshakes under way (checklist 5)', () => {
  test('are limited in all', () => {
    const pair = limited({ maxHandshakes: 3 });
    const taken = [1, 2, 3, 4].map((last) => begins(pair, `203.0.113.${last}`, 1000));
    assert.deepEqual(taken, [true, true, true, false]);
    assert.equal(refusalsOf(pair), 1);
  });

  test('are limited by host, so that one host cannot take the places of all others', () => {
    const pair = limited({ maxHandshakes: 100, maxHandshakesPerHost: 2 });
    assert.deepEqual(
      [1, 2, 3].map((port) => begins(pair, '203.0.113.1', port)),
      [true, true, false],
    );
    assert.ok(begins(pair, '203.0.113.2', 1));
  });

  test('count for the network of 64 bits in IPv6, of which a host has all addresses', () => {
    const pair = limited({ maxHandshakesPerHost: 2 });
    const taken = ['2001:db8::1', '2001:db8:0:0:ffff::2', '2001:0db8::3'].map((host) =>
      begins(pair, host, 1),
    );
    assert.deepEqual(taken, [true, true, false]);
    assert.ok(begins(pair, '2001:db8:0:1::1', 1));
    assert.ok(begins(pair, '::ffff:203.0.113.1', 1));
    assert.ok(begins(pair, '::ffff:203.0.113.2', 1));
    assert.ok(begins(pair, '203.0.113.1', 2));
    assert.equal(begins(pair, '203.0.113.1', 3), false, 'however the address is written');
    for (const last of [1, 2, 3]) assert.ok(begins(pair, `fe80::${last}%eth0`, 1), 'a link is no host');
  });

  test('end by themselves, and leave their place to others', () => {
    const pair = limited({ maxHandshakes: 1 });
    assert.ok(begins(pair, '203.0.113.1', 1));
    assert.equal(begins(pair, '203.0.113.2', 1), false);
    pair.world.run(70_001);
    assert.deepEqual([pair.server.endpoint.handshakes, pair.server.endpoint.associations], [0, 0]);
    assert.ok(begins(pair, '203.0.113.2', 1));
  });
});

test('a host that begins a handshake over and over, in the place of its own, is passed over for a while (checklist 5)', () => {
  const pair = pairOf(mode, 7, { server: { failures: { maxFailures: 5 } } });
  const from = addressOf('203.0.113.1', 1);
  const taken = Array.from({ length: 8 }, (_, index) => {
    const random = new Uint8Array(32).fill(index);
    pair.server.endpoint.handle(helloRecord({ random }), from, pair.world.now);
    const cookie = cookieIn(pair.server.drain(pair.world.now)[0]?.datagram);
    pair.server.endpoint.handle(helloRecord({ random, cookie }, 1), from, pair.world.now);
    return pair.server.drain(pair.world.now).length > 0;
  });
  assert.deepEqual(taken, [true, true, true, true, true, true, false, false]);
});

describe('associations (checklist 5)', () => {
  test('are limited by host', () => {
    const pair = limited({ maxAssociationsPerHost: 2 });
    joins(pair, '203.0.113.1', 1);
    joins(pair, '203.0.113.1', 2);
    assert.deepEqual(joins(pair, '203.0.113.1', 3).all('established'), []);
    assert.equal(joins(pair, '203.0.113.2', 1).all('established').length, 1);
    const [first] = pair.server.all('established');
    assert.ok(first);
    pair.server.endpoint.close(first.association, pair.world.now);
    assert.equal(joins(pair, '203.0.113.1', 4).all('established').length, 1, 'there is a place again');
  });

  test('are limited in all; only one that is unused for long makes room', () => {
    const pair = limited({ maxAssociations: 2 });
    joins(pair, '203.0.113.1', 1);
    const used = joins(pair, '203.0.113.2', 1);
    assert.deepEqual(joins(pair, '203.0.113.3', 1).all('established'), []);
    assert.ok(refusalsOf(pair) > 0);
    pair.world.run(31 * 60 * 1000);
    const [idle, other] = pair.server.all('established');
    const own = lastEstablished(used);
    assert.ok(idle && other && own);
    sendText(pair.world, used, own.association, 'used');
    pair.world.run(100);
    assert.equal(joins(pair, '203.0.113.4', 1).all('established').length, 1);
    assert.deepEqual(
      pair.server.all('closed').map(({ association, reason }) => [association, reason]),
      [[idle.association, 'evicted']],
    );
    assert.equal(pair.server.endpoint.associations, 2);
  });

  test('make no room for somebody who has not authenticated himself', () => {
    const pair = limited({ maxAssociations: 1 });
    joins(pair, '203.0.113.1', 1);
    pair.world.run(31 * 60 * 1000);
    for (let port = 1; port <= 20; port += 1) begins(pair, '203.0.113.66', port);
    const wrong = new Party(addressOf('203.0.113.67', 1), { random: randomOf(1), role: 'client' });
    pair.world.parties.push(wrong);
    const credential = keyCredential(new Uint8Array(16));
    wrong.endpoint.connect(pair.server.address, { credential }, pair.world.now);
    pair.world.run(200_000);
    assert.deepEqual(pair.server.all('closed'), []);
    assert.equal(pair.server.endpoint.associations, 1);
  });

  test('leave room for the peer of one, who begins anew at its address', () => {
    const pair = limited({ maxAssociations: 1 });
    const client = joins(pair, '203.0.113.1', 1);
    client.endpoint.connect(pair.server.address, mode.client, pair.world.now);
    pair.world.run(3000);
    assert.equal(client.all('established').length, 2);
    assert.deepEqual(
      pair.server.all('closed').map(({ reason }) => reason),
      ['replaced'],
    );
  });

  test('end when nothing came for the idle time', () => {
    const pair = limited({});
    joins(pair, '203.0.113.1', 1);
    pair.world.run(7 * 24 * 60 * 60 * 1000 + 10_000);
    assert.deepEqual(
      pair.server.all('closed').map(({ reason }) => reason),
      ['idle'],
    );
    assert.equal(pair.server.endpoint.deadline, undefined);
  });
});

describe('every place is free again, however a handshake ended (CVE-2022-39368, checklist 5)', () => {
  const host = '203.0.113.1';
  const ways: Readonly<Record<string, (pair: Pair) => void>> = {
    'by a time-out': (pair) => {
      begins(pair, host, 1);
      pair.world.run(80_000);
    },
    'by a wrong key': (pair) => {
      const client = new Party(addressOf(host, 1), { random: randomOf(2), role: 'client' });
      pair.world.parties.push(client);
      const credential = keyCredential(new Uint8Array(16));
      client.endpoint.connect(pair.server.address, { credential }, pair.world.now);
      pair.world.run(80_000);
    },
    'by an illegal message': (pair) => {
      begins(pair, host, 1);
      const early = messageRecord(HandshakeType.certificateVerify, new Uint8Array(8), 2);
      pair.server.endpoint.handle(early, addressOf(host, 1), pair.world.now);
    },
    'by a malformed message': (pair) => {
      begins(pair, host, 1);
      const short = messageRecord(HandshakeType.clientKeyExchange, Uint8Array.of(9), 2);
      pair.server.endpoint.handle(short, addressOf(host, 1), pair.world.now);
    },
    'by an alert': (pair) => {
      begins(pair, host, 1);
      const alert = plainRecord(ContentType.alert, Uint8Array.of(2, AlertDescription.internalError));
      pair.server.endpoint.handle(alert, addressOf(host, 1), pair.world.now);
      pair.world.run(2000);
    },
    'by a new hello': (pair) => {
      begins(pair, host, 1);
      const other = { random: new Uint8Array(32).fill(99) };
      const from = addressOf(host, 1);
      pair.server.endpoint.handle(helloRecord(other), from, pair.world.now);
      const cookie = cookieIn(pair.server.drain(pair.world.now)[0]?.datagram);
      pair.server.endpoint.handle(helloRecord({ ...other, cookie }, 1), from, pair.world.now);
      assert.equal(pair.server.endpoint.handshakes, 1);
      pair.world.run(80_000);
    },
    'by a look-up without answer': (pair) => {
      begins(pair, host, 1);
      const exchange = messageRecord(HandshakeType.clientKeyExchange, Uint8Array.of(0, 1, 65), 2);
      pair.server.endpoint.handle(exchange, addressOf(host, 1), pair.world.now);
      pair.world.run(80_000);
    },
    'by close': (pair) => {
      begins(pair, host, 1);
      for (const { association } of pair.server.all('psk-lookup')) {
        pair.server.endpoint.close(association, pair.world.now);
      }
      pair.world.run(80_000);
    },
    'in an association that was closed': (pair) => {
      const client = joins(pair, host, 1);
      const own = lastEstablished(client);
      assert.ok(own);
      client.endpoint.close(own.association, pair.world.now);
      pair.world.run(40_000);
    },
  };
  for (const [what, end] of Object.entries(ways)) {
    test(what, () => {
      const pair = pairOf(mode, 3, {
        server: { limits: { maxHandshakes: 1, maxHandshakesPerHost: 1, maxAssociationsPerHost: 1 } },
        answers: what.includes('look-up') ? {} : { psk: () => ({ key: sharedKey, credentialId: 'x' }) },
      });
      end(pair);
      pair.server.drain(pair.world.now);
      assert.deepEqual([pair.server.endpoint.handshakes, pair.server.endpoint.associations], [0, 0]);
      assert.equal(pair.server.endpoint.deadline, undefined);
      assert.ok(begins(pair, host, 1), 'the next handshake is taken');
    });
  }
});

test('a flood of hellos from spoofed addresses leaves nothing behind (checklist 1, 5)', () => {
  const pair = limited({});
  const { server, world } = pair;
  let sent = 0;
  let received = 0;
  for (let count = 0; count < 3000; count += 1) {
    const hello = helloRecord({ random: new Uint8Array(32).fill(count & 0xff) }, count);
    sent += hello.length;
    server.endpoint.handle(hello, addressOf(`198.18.${count >> 8}.${count & 255}`, count + 1), world.now);
    received += server.drain(world.now).reduce((sum, { datagram }) => sum + datagram.length, 0);
  }
  assert.ok(received <= sent);
  assert.deepEqual([server.endpoint.associations, server.endpoint.deadline], [0, undefined]);
  assert.deepEqual(server.outputs, []);
  server.endpoint.handle(noBytes, addressOf('198.18.0.1', 1), world.now);
  assert.deepEqual(server.drain(world.now), []);
});
