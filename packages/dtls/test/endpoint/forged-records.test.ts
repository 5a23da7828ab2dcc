import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { ContentType } from '../../src/wire/content-type.ts';
import { encodeHandshakeFragment } from '../../src/wire/handshake-header.ts';
import { HandshakeType } from '../../src/wire/handshake-type.ts';
import { encodeRecord } from '../../src/wire/record.ts';
import { AdversaryClient } from '../support/adversary-client.ts';
import { keyCredential, modeOf, type Pair, pairOf, sharedKey } from '../support/modes.ts';
import { type Flying, lastEstablished } from '../support/party.ts';
import { messageRecord, plainRecord, recordsOf } from '../support/raw.ts';

const mode = modeOf('TLS_PSK_WITH_AES_128_CCM_8');

/** The message number of the client's Finished behind a cookie exchange: after ClientHello and ClientKeyExchange. */
const finishedSeq = 3;

/** A record of the protected epoch that nobody sealed. */
function unauthentic(sequenceNumber: number): Uint8Array {
  return plainRecord(ContentType.handshake, new Uint8Array(40).fill(0xaa), { epoch: 1, sequenceNumber });
}

/** Delivers the flight of the client with ClientKeyExchange record by record, each with what is forged around it. */
function forgedAround(pair: Pair, forge: (index: number) => readonly Uint8Array[]): void {
  const { world, server, client } = pair;
  let isDone = false;
  world.path = (flying) => {
    const records = recordsOf(flying.datagram);
    const isLast = records.some(({ type }) => type === ContentType.changeCipherSpec);
    if (isDone || flying.to.key !== server.address.key || !isLast) return [flying];
    isDone = true;
    const datagrams = [...forge(-1)];
    for (const [index, record] of records.entries()) datagrams.push(encodeRecord(record), ...forge(index));
    const { from, to } = flying;
    return datagrams.map((datagram): Flying => ({ from, to, datagram }));
  };
  client.endpoint.connect(server.address, mode.client, world.now);
  world.run(900);
  assert.ok(isDone);
}

function assertComplete({ server, client }: Pair): void {
  assert.ok(lastEstablished(server) !== undefined && lastEstablished(client) !== undefined);
  assert.deepEqual([server.all('failed'), client.all('failed')], [[], []]);
}

describe('a handshake with a peer whose key is right is not ended', () => {
  test('by a forged record of the protected epoch, before or after the real one (checklist 8, 25)', () => {
    for (const at of [-1, 0, 1, 2]) {
      const pair = pairOf(mode, 1);
      forgedAround(pair, (index) => (index === at ? [unauthentic(70 + at)] : []));
      assertComplete(pair);
    }
  });

  test('by forged records that came while its key was looked up (checklist 8, 25)', () => {
    for (const at of [-1, 2]) {
      const pair = pairOf(mode, 2, { answers: {} });
      forgedAround(pair, (index) => (index === at ? [unauthentic(80), unauthentic(81)] : []));
      const [question] = pair.server.all('psk-lookup');
      assert.ok(question);
      pair.server.endpoint.answerPskLookup(
        question.lookup,
        { key: sharedKey, credentialId: 'x' },
        pair.world.now,
      );
      pair.world.run(500);
      assertComplete(pair);
    }
  });

  test('by messages in plaintext in the place of its Finished, once the keys are there (checklist 10)', () => {
    const whole = messageRecord(HandshakeType.certificateVerify, new Uint8Array(8), finishedSeq);
    const part = plainRecord(
      ContentType.handshake,
      encodeHandshakeFragment({
        type: HandshakeType.certificateVerify,
        length: 100,
        messageSeq: finishedSeq,
        fragmentOffset: 50,
        fragment: new Uint8Array(10),
      }),
    );
    const finished = messageRecord(HandshakeType.finished, new Uint8Array(12), finishedSeq);
    const forgeries: readonly (readonly [number, Uint8Array])[] = [
      [0, finished],
      [1, finished],
      [1, whole],
      [1, part],
      [0, part],
    ];
    for (const [at, forged] of forgeries) {
      const pair = pairOf(mode, 3);
      forgedAround(pair, (index) => (index === at ? [forged] : []));
      assertComplete(pair);
    }
  });

  test('by an alert in plaintext while its key is looked up (checklist 24)', () => {
    const pair = pairOf(mode, 4, { answers: {} });
    const alert = plainRecord(ContentType.alert, Uint8Array.of(2, 40));
    forgedAround(pair, (index) => (index === 2 ? [alert] : []));
    pair.world.run(5000);
    const [question] = pair.server.all('psk-lookup');
    assert.ok(question);
    pair.server.endpoint.answerPskLookup(
      question.lookup,
      { key: sharedKey, credentialId: 'x' },
      pair.world.now,
    );
    pair.world.run(4000);
    assertComplete(pair);
  });
});

test('a peer whose data was authentic has the right key, whatever is forged before its Finished (checklist 25)', () => {
  const adversary = new AdversaryClient(mode);
  for (const step of ['client-key-exchange', 'change-cipher-spec', 'application data'] as const) {
    adversary.play(step);
  }
  adversary.forge(unauthentic(90));
  adversary.wait(1500);
  assert.equal(adversary.isRefused, false);
  adversary.play('finished');
  assert.ok(adversary.isTrusted);
});

test('a wrong key is still told, within a second or so (checklist 25)', () => {
  const { world, server, client } = pairOf(mode, 5);
  client.endpoint.connect(server.address, { credential: keyCredential(new Uint8Array(16)) }, world.now);
  world.run(1200);
  assert.deepEqual(
    server.all('failed').map(({ reason, alert }) => [reason, alert]),
    [['wrong-key', 51]],
  );
  world.run(1200);
  assert.deepEqual(
    client.all('failed').map(({ reason, alert }) => [reason, alert]),
    [['alert', 51]],
  );
});
