import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { utf8Encode } from '@dunlin/base';

import { encodeClientHello } from '../../src/wire/client-hello.ts';
import { ContentType } from '../../src/wire/content-type.ts';
import { encodeHandshakeFragment } from '../../src/wire/handshake-header.ts';
import { HandshakeType } from '../../src/wire/handshake-type.ts';
import { establishedPair } from '../support/established.ts';
import { keyCredential, modeOf, pairOf } from '../support/modes.ts';
import { lastEstablished, sendText } from '../support/party.ts';
import { firstTypeOf, plainHello, plainRecord } from '../support/raw.ts';
import { contentsOf, Rogue } from '../support/rogue.ts';

const mode = modeOf('TLS_PSK_WITH_AES_128_CCM_8');
const closeNotify = [ContentType.alert, 1, 0];

describe('closing', () => {
  test('tells the peer, which answers, and both are rid of the association (RFC 5246 §7.2.1, checklist 24)', () => {
    const pair = establishedPair(mode, 1);
    pair.client.endpoint.close(pair.own, pair.world.now);
    pair.world.run(3000);
    assert.deepEqual(
      [pair.client, pair.server].map((party) => party.all('closed').map(({ reason }) => reason)),
      [['closed-here'], ['closed-by-peer']],
    );
    assert.equal(pair.world.sent.length, 2, 'one close_notify each, no loop');
    assert.deepEqual([pair.client.endpoint.associations, pair.server.endpoint.associations], [0, 0]);
    assert.equal(sendText(pair.world, pair.server, pair.made, 'late'), 'unknown-association');
  });

  test('delivers no record after close_notify, but those it overtook (checklist 24)', () => {
    const pair = establishedPair(mode, 2);
    const rogue = new Rogue(pair);
    const data = (text: string): Uint8Array => rogue.seal(ContentType.applicationData, utf8Encode(text));
    const before = data('before');
    const close = rogue.seal(ContentType.alert, Uint8Array.of(1, 0));
    const after = data('after');
    assert.deepEqual(contentsOf(rogue.say(close)), [closeNotify]);
    assert.deepEqual(rogue.say(after), []);
    assert.deepEqual(rogue.say(before), []);
    assert.deepEqual(pair.server.texts(), ['before']);
    assert.equal(sendText(pair.world, pair.server, pair.made, 'x'), 'closed');
    pair.world.run(2000);
    assert.deepEqual(
      pair.server.all('closed').map(({ reason }) => reason),
      ['closed-by-peer'],
    );
  });

  test('during a handshake ends it without a word', () => {
    const { world, client, server } = pairOf(mode, 3);
    const id = client.endpoint.connect(server.address, mode.client, world.now);
    client.endpoint.close(id, world.now);
    world.run(100_000);
    assert.deepEqual(
      client.all('failed').map(({ reason }) => reason),
      ['closed-here'],
    );
    assert.deepEqual([client.endpoint.associations, server.endpoint.associations], [0, 0]);
  });
});

describe('alerts', () => {
  test('in plaintext do nothing to an established association (checklist 10, 24)', () => {
    const pair = establishedPair(mode, 4);
    for (const [level, description] of [
      [2, 40],
      [1, 0],
      [2, 0],
      [2, 20],
      [9, 200],
    ] as const) {
      const alert = plainRecord(ContentType.alert, Uint8Array.of(level, description), { sequenceNumber: 99 });
      pair.server.endpoint.handle(alert, pair.client.address, pair.world.now);
      pair.client.endpoint.handle(alert, pair.server.address, pair.world.now);
    }
    sendText(pair.world, pair.client, pair.own, 'still');
    pair.world.run(2000);
    assert.deepEqual(pair.server.texts(), ['still']);
    assert.equal(pair.world.sent.length, 1);
  });

  test('in plaintext, forged, do not end a handshake that goes on (checklist 24)', () => {
    const { world, client, server } = pairOf(mode, 5);
    const alert = plainRecord(ContentType.alert, Uint8Array.of(2, 40), { sequenceNumber: 9 });
    world.path = (flying) => [{ ...flying, datagram: alert }, flying];
    client.endpoint.connect(server.address, mode.client, world.now);
    world.run(5000);
    assert.ok(lastEstablished(client) && lastEstablished(server));
  });

  test('in plaintext end a handshake when nothing else comes (checklist 24)', () => {
    const { world, client, server } = pairOf(mode, 6, {
      server: { suites: [modeOf('TLS_PSK_WITH_AES_128_GCM').suite] },
    });
    client.endpoint.connect(server.address, mode.client, world.now);
    world.run(1500);
    assert.deepEqual(
      client.all('failed').map(({ reason, alert }) => [reason, alert]),
      [['alert', 40]],
    );
    assert.deepEqual(
      server.all('diagnostic').map(({ problem }) => problem),
      ['not-acceptable'],
    );
    assert.equal(server.endpoint.associations, 0);
  });

  test('that are authentic and fatal end an association, and its session (RFC 5246 §7.2.2, checklist 24)', () => {
    const pair = establishedPair(mode, 7);
    const { session } = pair.clientSide;
    const rogue = new Rogue(pair);
    assert.deepEqual(
      rogue.say(rogue.seal(ContentType.alert, Uint8Array.of(2, 20))),
      [],
      'an alert gets no answer',
    );
    assert.deepEqual(
      pair.server.all('closed').map(({ reason }) => reason),
      ['failed'],
    );
    pair.client.endpoint.connect(pair.server.address, { ...mode.client, resume: session }, pair.world.now);
    pair.world.run(3000);
    assert.equal(lastEstablished(pair.server)?.isResumed, false);
  });

  test('of level warning and unknown kind are passed over; of unknown level they are fatal (checklist 24)', () => {
    const pair = establishedPair(mode, 8);
    const rogue = new Rogue(pair);
    for (const description of [90, 100, 112, 255]) {
      assert.deepEqual(rogue.say(rogue.seal(ContentType.alert, Uint8Array.of(1, description))), []);
    }
    for (const content of [[], [1], [1, 0, 0]]) {
      assert.deepEqual(rogue.say(rogue.seal(ContentType.alert, Uint8Array.from(content))), []);
    }
    assert.equal(pair.server.endpoint.associations, 1);
    rogue.say(rogue.seal(ContentType.alert, Uint8Array.of(3, 255)));
    assert.equal(pair.server.endpoint.associations, 0);
  });
});

describe('renegotiation', () => {
  const noRenegotiation = [ContentType.alert, 1, 100];
  for (const [what, type, body] of [
    ['ClientHello', HandshakeType.clientHello, encodeClientHello(plainHello)],
    ['HelloRequest', HandshakeType.helloRequest, new Uint8Array(0)],
  ] as const) {
    test(`by ${what} is refused with no_renegotiation, once a second, and the association kept (checklist 23)`, () => {
      const pair = establishedPair(mode, 9);
      const rogue = new Rogue(pair);
      const ask = (): Uint8Array =>
        rogue.seal(
          ContentType.handshake,
          encodeHandshakeFragment({
            type,
            length: body.length,
            messageSeq: 3,
            fragmentOffset: 0,
            fragment: body,
          }),
        );
      assert.deepEqual(contentsOf(rogue.say(ask())), [noRenegotiation]);
      assert.deepEqual(rogue.say(ask()), []);
      pair.world.run(1100);
      assert.deepEqual(contentsOf(rogue.say(ask())), [noRenegotiation]);
      rogue.say(rogue.seal(ContentType.applicationData, utf8Encode('still')));
      assert.deepEqual(pair.server.texts(), ['still']);
    });
  }
});

describe('protected records that say nothing', () => {
  test('without content are legal and not delivered (RFC 5246 §6.2.1, checklist 7)', () => {
    const pair = establishedPair(mode, 10);
    const rogue = new Rogue(pair);
    assert.deepEqual(rogue.say(rogue.seal(ContentType.applicationData, new Uint8Array(0))), []);
    assert.deepEqual(pair.server.all('received'), []);
    assert.equal(pair.server.endpoint.associations, 1);
  });

  test('a ChangeCipherSpec in either epoch changes nothing (CVE-2017-7243, checklist 10)', () => {
    const pair = establishedPair(mode, 11);
    const rogue = new Rogue(pair);
    for (const content of [[1], [], [2], [1, 1]]) {
      rogue.say(rogue.seal(ContentType.changeCipherSpec, Uint8Array.from(content)));
      rogue.say(plainRecord(ContentType.changeCipherSpec, Uint8Array.from(content), { sequenceNumber: 50 }));
    }
    rogue.say(rogue.seal(ContentType.applicationData, utf8Encode('still')));
    assert.deepEqual(pair.server.texts(), ['still']);
  });

  test('data in plaintext is never delivered (CVE-2020-24585, checklist 10)', () => {
    const pair = establishedPair(mode, 12);
    const forged = plainRecord(ContentType.applicationData, utf8Encode('forged'), { sequenceNumber: 77 });
    pair.server.endpoint.handle(forged, pair.client.address, pair.world.now);
    pair.world.run(100);
    const { world, client, server } = pairOf(mode, 13);
    world.path = (flying) => [{ ...flying, datagram: forged }, flying];
    client.endpoint.connect(server.address, mode.client, world.now);
    world.run(3000);
    assert.ok(lastEstablished(server));
    assert.deepEqual([pair.server.texts(), server.texts(), client.texts()], [[], [], []]);
  });
});

describe('a repeated Finished', () => {
  test('asks for the last flight again, not more often than every half second, and only if it is authentic (checklist 18)', () => {
    const { world, client, server } = pairOf(mode, 14);
    const finisheds: Uint8Array[] = [];
    world.path = (flying) => {
      if (flying.to.key === server.address.key && flying.datagram.includes(ContentType.changeCipherSpec)) {
        finisheds.push(flying.datagram);
      }
      // The server's last flight is lost again and again.
      return lastEstablished(server) !== undefined && flying.to.key === client.address.key ? [] : [flying];
    };
    client.endpoint.connect(server.address, { credential: keyCredential() }, world.now);
    world.run(800);
    assert.ok(lastEstablished(server));
    const [flight] = finisheds;
    assert.ok(flight);
    const before = world.sent.length;
    for (let copy = 0; copy < 20; copy += 1) server.endpoint.handle(flight, client.address, world.now);
    world.flush();
    assert.equal(world.sent.length, before, 'a replayed record is no repetition');
    world.run(600);
    assert.ok(world.sent.length > before, 'a repetition by its timer is');
    world.path = (flying) => [flying];
    world.run(10_000);
    assert.ok(lastEstablished(client));
    assert.equal(
      firstTypeOf(world.sent.at(-1)?.datagram ?? new Uint8Array(0)),
      `record ${ContentType.changeCipherSpec}`,
    );
  });
});
