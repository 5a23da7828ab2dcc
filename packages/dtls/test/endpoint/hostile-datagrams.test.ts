import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import fc from 'fast-check';

import { ContentType } from '../../src/wire/content-type.ts';
import { encodeHandshakeFragment } from '../../src/wire/handshake-header.ts';
import { HandshakeType } from '../../src/wire/handshake-type.ts';
import { encodeRecord } from '../../src/wire/record.ts';
import { byteStrings, uint16, uint48 } from '../support/arbitraries.ts';
import { modeOf, type Pair, pairOf } from '../support/modes.ts';
import { addressOf, type Flying } from '../support/party.ts';

const mode = modeOf('TLS_PSK_WITH_AES_128_CCM_8');
const connectionIdLength = 4;

/** A pair whose handshake has come so far that so many datagrams were delivered; the next ones wait. */
function stoppedAfter(delivered: number): Pair & { readonly waiting: readonly Flying[] } {
  const ids = { connectionId: { length: connectionIdLength } };
  const pair = pairOf(mode, 1, { server: ids, client: ids });
  const waiting: Flying[] = [];
  pair.world.path = (flying, index) => {
    if (index < delivered) return [flying];
    waiting.push(flying);
    return [];
  };
  pair.client.endpoint.connect(pair.server.address, mode.client, pair.world.now);
  pair.world.run(500);
  pair.world.path = (flying) => [flying];
  return { ...pair, waiting };
}

/** From before the first answer to after the last flight. */
const stages = fc.integer({ min: 0, max: 6 });
const targets = fc.constantFrom('server', 'client');

const types = fc.constantFrom(...Object.values(ContentType));
const records = fc
  .record({
    type: fc.oneof(types, fc.integer({ min: 0, max: 255 })),
    version: fc.oneof(fc.constantFrom(0xfefd, 0xfeff), uint16),
    epoch: fc.oneof(fc.constantFrom(0, 1, 2), uint16),
    sequenceNumber: uint48,
    fragment: byteStrings(0, 80),
  })
  .map(({ type, ...record }) => {
    const connectionId = new Uint8Array(type === ContentType.tls12Cid ? connectionIdLength : 0);
    const known = encodeRecord({ ...record, type: ContentType.handshake, connectionId });
    known[0] = type;
    return known;
  });

const messages = fc
  .record({
    type: fc.constantFrom(...Object.values(HandshakeType)),
    length: fc.integer({ min: 0, max: 2 ** 24 - 1 }),
    messageSeq: fc.oneof(fc.integer({ min: 0, max: 9 }), uint16),
    fragmentOffset: fc.integer({ min: 0, max: 100 }),
    fragment: byteStrings(0, 80),
    isWhole: fc.boolean(),
    epoch: fc.constantFrom(0, 1),
    sequenceNumber: uint48,
  })
  .map(({ isWhole, epoch, sequenceNumber, ...message }) => {
    const whole = { length: message.fragment.length, fragmentOffset: 0 };
    return encodeRecord({
      type: ContentType.handshake,
      version: 0xfefd,
      epoch,
      sequenceNumber,
      connectionId: new Uint8Array(0),
      fragment: encodeHandshakeFragment(isWhole ? { ...message, ...whole } : message),
    });
  });

/** Gives a party datagrams as if they came from its peer, and from somebody else; then lets things go on to their end. */
function feed(stage: number, target: 'server' | 'client', datagrams: readonly Uint8Array[]): Pair {
  const pair = stoppedAfter(stage);
  const { world, server, client } = pair;
  const [victim, peer] = target === 'server' ? [server, client] : [client, server];
  for (const datagram of datagrams) {
    victim.endpoint.handle(datagram, peer.address, world.now);
    victim.endpoint.handle(datagram, addressOf('203.0.113.66', 1234), world.now);
  }
  for (const flying of pair.waiting) world.put(flying);
  world.run(200_000);
  return pair;
}

/** Whatever came: everything has ended, nothing was read that nobody sent, and nobody half trusts the other. */
function assertUnharmed({ server, client }: Pair): void {
  for (const party of [server, client]) {
    assert.deepEqual(party.all('received'), []);
    assert.equal(party.endpoint.handshakes, 0);
    assert.ok(party.endpoint.associations <= 1);
  }
  if (client.all('established').length > 0) assert.equal(server.all('established').length, 1);
  const [own] = client.all('established');
  const [made] = server.all('established');
  if (own !== undefined) assert.deepEqual(made?.ownConnectionId, own.peerConnectionId);
}

describe('hostile datagrams, in every state of a handshake, on both sides (checklist 28)', () => {
  for (const [what, datagrams] of [
    ['any bytes', byteStrings(0, 200)],
    ['records of any header and content', records],
    ['handshake messages of any header and content', messages],
  ] as const) {
    test(`${what} are survived`, () => {
      fc.assert(
        fc.property(
          stages,
          targets,
          fc.array(datagrams, { minLength: 1, maxLength: 8 }),
          (stage, target, all) => assertUnharmed(feed(stage, target, all)),
        ),
        { numRuns: 150 },
      );
    });
  }
});
