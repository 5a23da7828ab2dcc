import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { establishedPair } from '../support/established.ts';
import { keyCredential, modeOf, sharedKey } from '../support/modes.ts';
import {
  addressOf,
  type Flying,
  lastEstablished,
  Party,
  randomOf,
  sendText,
  type World,
} from '../support/party.ts';
import { cookieIn, helloRecord, messageRecord } from '../support/raw.ts';
import { HandshakeType } from '../../src/wire/handshake-type.ts';

const mode = modeOf('TLS_PSK_WITH_AES_128_CCM_8');

/** Another client at the same address, as after a restart of the device, or behind the same NAT. */
function another(first: Party, seed: number): Party {
  return new Party(first.address, { random: randomOf(seed), role: 'client', suites: [mode.suite] });
}

/** Lets a client and a server talk, datagram by datagram, without the first client hearing any of it. */
function converse(world: World, client: Party, server: Party): void {
  for (let round = 0; round < 10; round += 1) {
    for (const { datagram, from } of client.drain(world.now))
      server.endpoint.handle(datagram, from, world.now);
    for (const { datagram, from } of server.drain(world.now))
      client.endpoint.handle(datagram, from, world.now);
  }
}

describe('a handshake from the address of an association (RFC 6347 §4.2.8, checklist 22)', () => {
  test('leaves it as it is until the Finished of the new one is verified', () => {
    const { world, client, server, own, made } = establishedPair(mode, 1);
    const next = another(client, 21);
    next.endpoint.connect(server.address, mode.client, world.now);
    const steps: Flying[][] = [];
    // Step by step; at each the old association carries data both ways.
    for (let step = 0; step < 4 && lastEstablished(server)?.association === made; step += 1) {
      const sent = [...next.drain(world.now)];
      steps.push(sent);
      sendText(world, client, own, `up ${step}`);
      world.run(100);
      assert.equal(server.texts().at(-1), `up ${step}`);
      assert.equal(sendText(world, server, made, `down ${step}`), 'sent');
      world.run(100);
      assert.equal(client.texts().at(-1), `down ${step}`);
      assert.deepEqual(server.all('closed'), []);
      for (const { datagram, from } of sent) server.endpoint.handle(datagram, from, world.now);
      for (const { datagram, from } of server.drain(world.now))
        next.endpoint.handle(datagram, from, world.now);
    }
    assert.equal(steps.length, 3, 'two hellos, and the flight with the Finished');
    next.drain(world.now);
    assert.ok(lastEstablished(next));
    assert.deepEqual(
      server.all('closed').map(({ association, reason }) => [association, reason]),
      [[made, 'replaced']],
    );
  });

  test('does nothing to it when the key is wrong, or the handshake is never ended', () => {
    const { world, client, server, own } = establishedPair(mode, 2);
    const wrong = another(client, 22);
    wrong.endpoint.connect(server.address, { credential: keyCredential(new Uint8Array(16)) }, world.now);
    converse(world, wrong, server);
    const silent = another(client, 23);
    silent.endpoint.connect(server.address, mode.client, world.now);
    for (const { datagram, from } of silent.drain(world.now))
      server.endpoint.handle(datagram, from, world.now);
    world.run(200_000);
    assert.deepEqual(server.all('closed'), []);
    sendText(world, client, own, 'still');
    world.run(100);
    assert.deepEqual(server.texts(), ['still']);
  });

  test('is one at a time, however many hellos come (botan #5696)', () => {
    const { world, client, server, own } = establishedPair(mode, 3);
    for (let count = 0; count < 30; count += 1) {
      const random = new Uint8Array(32).fill(count + 1);
      server.endpoint.handle(helloRecord({ random }), client.address, world.now);
      const cookie = cookieIn(server.drain(world.now).at(-1)?.datagram);
      server.endpoint.handle(helloRecord({ random, cookie }, 1), client.address, world.now);
      server.drain(world.now);
      assert.equal(server.endpoint.handshakes, 1);
      assert.equal(server.endpoint.associations, 2);
    }
    sendText(world, client, own, 'still');
    world.run(100);
    assert.deepEqual(server.texts(), ['still']);
  });

  test('is not begun anew by a retransmitted hello, nor by its first one', () => {
    const { world, client, server } = establishedPair(mode, 4);
    const random = new Uint8Array(32).fill(9);
    server.endpoint.handle(helloRecord({ random }), client.address, world.now);
    const cookie = cookieIn(server.drain(world.now)[0]?.datagram);
    const second = helloRecord({ random, cookie }, 1);
    server.endpoint.handle(second, client.address, world.now);
    const [flight] = server.drain(world.now);
    world.run(600);
    server.endpoint.handle(second, client.address, world.now);
    const [again] = server.drain(world.now);
    const [randomOfFlight, randomOfRepetition] = [flight, again].map((flying) =>
      flying?.datagram.subarray(27, 59),
    );
    assert.ok(randomOfFlight !== undefined && randomOfFlight.length === 32);
    assert.deepEqual(randomOfRepetition, randomOfFlight, 'the same flight');
    server.endpoint.handle(helloRecord({ random }, 2), client.address, world.now);
    assert.equal(server.endpoint.handshakes, 1);
    assert.deepEqual(server.all('failed'), []);
  });

  test('has nothing to do with a peer that was there and went on elsewhere by its connection id', () => {
    const pair = establishedPair(mode, 5, {
      server: { connectionId: { length: 8 } },
      client: { connectionId: { length: 0 } },
    });
    const { world, client, server, own, made } = pair;
    const before = client.address;
    client.address = addressOf('198.51.100.99', 1024);
    sendText(world, client, own, 'elsewhere');
    world.run(100);
    assert.equal(server.all('address-changed').length, 1);
    const next = new Party(before, { random: randomOf(24), role: 'client', suites: [mode.suite] });
    next.endpoint.connect(server.address, mode.client, world.now);
    converse(world, next, server);
    assert.ok(lastEstablished(next));
    assert.deepEqual(server.all('closed'), []);
    assert.equal(sendText(world, server, made, 'hello'), 'sent');
    world.run(100);
    assert.deepEqual(client.texts(), ['hello']);
  });
});

test('forged plaintext does nothing to an association beside which no handshake is under way (checklist 10, 22)', () => {
  const { world, client, server, own } = establishedPair(mode, 6);
  for (const type of Object.values(HandshakeType)) {
    server.endpoint.handle(
      messageRecord(type, Uint8Array.from([sharedKey.length]), 1),
      client.address,
      world.now,
    );
    client.endpoint.handle(
      messageRecord(type, Uint8Array.from([sharedKey.length]), 1),
      server.address,
      world.now,
    );
  }
  sendText(world, client, own, 'still');
  world.run(100);
  assert.deepEqual(server.texts(), ['still']);
  assert.deepEqual([server.all('closed'), client.all('closed')], [[], []]);
});
