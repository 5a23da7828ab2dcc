import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import type { DtlsEndpointOptions } from '../../src/dtls-endpoint-options.ts';
import { ContentType } from '../../src/wire/content-type.ts';
import { establishedPair, type EstablishedPair } from '../support/established.ts';
import { modeOf, modes, pairOf } from '../support/modes.ts';
import { lastEstablished, sendText } from '../support/party.ts';
import { recordsOf } from '../support/raw.ts';
import { Rogue } from '../support/rogue.ts';

const mode = modeOf('TLS_PSK_WITH_AES_128_CCM_8');
type Options = Partial<DtlsEndpointOptions>;

function pairWith(client: Options, server: Options = {}, seed = 1): EstablishedPair {
  return establishedPair(mode, seed, { client, server });
}

/** Checks how long the longest text is that each side can send, and that the other side takes it. */
function assertLongest(pair: EstablishedPair, up: number, down: number): void {
  const { world, client, server } = pair;
  const made = lastEstablished(server)?.association ?? pair.made;
  const own = lastEstablished(client)?.association ?? pair.own;
  assert.equal(sendText(world, client, own, 'x'.repeat(up + 1)), 'too-long');
  assert.equal(sendText(world, client, own, 'x'.repeat(up)), 'sent');
  assert.equal(sendText(world, server, made, 'x'.repeat(down + 1)), 'too-long');
  assert.equal(sendText(world, server, made, 'x'.repeat(down)), 'sent');
  world.run(1000);
  assert.equal(server.texts().at(-1)?.length, up);
  assert.equal(client.texts().at(-1)?.length, down);
}

describe('max_fragment_length (RFC 6066 §4)', () => {
  test('limits records in both directions, and in a resumption too', () => {
    const pair = pairWith({ maxFragmentLength: 512 });
    assertLongest(pair, 512, 512);
    const options = { ...mode.client, resume: pair.clientSide.session };
    pair.client.endpoint.connect(pair.server.address, options, pair.world.now);
    pair.world.run(2000);
    assert.equal(lastEstablished(pair.server)?.isResumed, true);
    assertLongest(pair, 512, 512);
  });

  test('counts the type of a record with connection id as content, to be sure', () => {
    const ids = { connectionId: { length: 4 } };
    assertLongest(pairWith({ maxFragmentLength: 1024, ...ids }, ids), 1023, 1023);
  });

  test('is held to by a handshake with certificates that are longer', () => {
    for (const certified of modes.filter(({ identity }) => identity === 'certificate')) {
      const pair = establishedPair(certified, 2, { client: { maxFragmentLength: 512 } });
      assert.equal(lastEstablished(pair.server)?.peer.kind, 'certificate');
    }
  });
});

describe('record_size_limit (RFC 8449 §4)', () => {
  test('is of each side for what it receives', () => {
    assertLongest(pairWith({ recordSizeLimit: 200 }), 16_384, 200);
    assertLongest(pairWith({ recordSizeLimit: 200 }, { recordSizeLimit: 100 }), 100, 200);
  });

  test('goes before max_fragment_length where a client offers both (RFC 8449 §5)', () => {
    assertLongest(pairWith({ recordSizeLimit: 300, maxFragmentLength: 512 }), 16_384, 300);
  });

  test('may be as small as 64 bytes, for every suite', () => {
    for (const each of modes) {
      const pair = establishedPair(each, 3, {
        client: { recordSizeLimit: 64 },
        server: { recordSizeLimit: 64 },
      });
      assertLongest(pair, 64, 64);
    }
  });

  test('does not bind a peer that it was not announced to', () => {
    assertLongest(pairWith({}, { recordSizeLimit: 100 }), 16_384, 16_384);
  });

  test('makes longer records count for nothing once it was agreed on (checklist 7)', () => {
    const pair = pairWith({ recordSizeLimit: 200 }, { recordSizeLimit: 100 });
    const rogue = new Rogue(pair);
    rogue.say(rogue.seal(ContentType.applicationData, new Uint8Array(101).fill(65)));
    assert.deepEqual(pair.server.texts(), []);
    rogue.say(rogue.seal(ContentType.applicationData, new Uint8Array(100).fill(66)));
    assert.deepEqual(pair.server.texts(), ['B'.repeat(100)]);
  });
});

test('no plaintext of a record is ever longer than 2^14 bytes (RFC 5246 §6.2.1, checklist 7)', () => {
  const pair = pairWith({});
  assertLongest(pair, 16_384, 16_384);
  for (const { datagram } of pair.world.sent) {
    assert.ok(recordsOf(datagram).every(({ fragment }) => fragment.length <= 16_384 + 2048));
  }
});

test('what waited for the handshake and turns out too long for the peer is told, not just lost', () => {
  const { world, client, server } = pairOf(mode, 4, { client: { maxFragmentLength: 512 } });
  const id = client.endpoint.connect(server.address, mode.client, world.now);
  assert.equal(sendText(world, client, id, 'x'.repeat(513)), 'queued');
  assert.equal(sendText(world, client, id, 'short'), 'queued');
  world.run(2000);
  assert.deepEqual(server.texts(), ['short']);
  assert.deepEqual(
    client.all('diagnostic').map(({ problem, detail }) => [problem, detail]),
    [['not-sent', 'A plaintext of 513 bytes waited for the handshake and is not sent: too-long.']],
  );
});
