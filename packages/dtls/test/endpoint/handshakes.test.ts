import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { lastEstablished, sendText } from '../support/party.ts';
import { modes, type Pair, pairOf } from '../support/modes.ts';
import type { ConnectOptions } from '../../src/dtls-endpoint-options.ts';
import type { Session } from '../../src/session.ts';

/** Connects and sends a text each way; gives the session of the client. */
function exchange({ world, server, client }: Pair, options: ConnectOptions, text: string): Session {
  const id = client.endpoint.connect(server.address, options, world.now);
  sendText(world, client, id, `${text} up`);
  world.run(3000);
  assert.equal(server.texts().at(-1), `${text} up`);
  const made = lastEstablished(server);
  const own = lastEstablished(client);
  assert.ok(made !== undefined && own !== undefined);
  assert.equal(sendText(world, server, made.association, `${text} down`), 'sent');
  world.run(3000);
  assert.equal(client.texts().at(-1), `${text} down`);
  assert.ok(own.session);
  return own.session;
}

for (const mode of modes) {
  describe(mode.name, () => {
    test('is agreed on and carries data both ways (RFC 5246 §7.3)', () => {
      const pair = pairOf(mode, 1);
      exchange(pair, mode.client, 'full');
      assert.equal(lastEstablished(pair.server)?.suite, mode.suite.name);
      assert.equal(lastEstablished(pair.server)?.peer.kind, mode.identity);
      assert.equal(lastEstablished(pair.client)?.suite, mode.suite.name);
      assert.deepEqual([pair.server.all('failed'), pair.client.all('failed')], [[], []]);
    });

    test('is resumed by session id, on both sides (RFC 5246 §7.3 Figure 2)', () => {
      const pair = pairOf(mode, 2);
      const session = exchange(pair, mode.client, 'full');
      exchange(pair, { ...mode.client, resume: session }, 'resumed');
      assert.deepEqual(
        [pair.server, pair.client].map((party) => party.all('established').map(({ isResumed }) => isResumed)),
        [
          [false, true],
          [false, true],
        ],
      );
      assert.equal(lastEstablished(pair.server)?.peer.kind, mode.identity);
      assert.deepEqual(
        pair.server.all('closed').map(({ reason }) => reason),
        ['replaced'],
      );
    });

    test('uses connection ids in both directions, after a resumption too (RFC 9146 §3)', () => {
      const connectionIds = {
        server: { connectionId: { length: 6 } },
        client: { connectionId: { length: 3 } },
      };
      const pair = pairOf(mode, 3, connectionIds);
      const session = exchange(pair, mode.client, 'full');
      exchange(pair, { ...mode.client, resume: session }, 'resumed');
      for (const party of [pair.server, pair.client]) {
        for (const { ownConnectionId } of party.all('established')) {
          assert.equal(ownConnectionId.length, party === pair.server ? 6 : 3);
        }
      }
      const [first, second] = pair.server.all('established');
      assert.notDeepEqual(first?.ownConnectionId, second?.ownConnectionId);
      const isLast = pair.world.sent.at(-1)?.datagram;
      assert.equal(isLast?.[0], 25);
    });
  });
}
