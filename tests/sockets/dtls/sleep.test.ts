// Associations over the sleep of a device.
import assert from 'node:assert/strict';
import { copyFileSync } from 'node:fs';
import { describe, it } from 'node:test';

import { Secret } from '@dunlin/base';
import type { Peer } from '@dunlin/coap';

import { deviceKey, keyOfClient, ServerCredentials } from '../../support/dtls-credentials.ts';
import { type DtlsParty, reach, startClient, startServer } from '../../support/dtls-pair.ts';
import { freePort } from '../../support/free-port.ts';
import { StateFolder } from '../../support/state-folder.ts';
import { until } from '../../support/until.ts';

describe('a DTLS client that sleeps: saves, closes, opens and goes on', () => {
  /** A device before and after its sleep. */
  async function sleep(
    test: (client: DtlsParty, before: Peer, server: DtlsParty) => Promise<void>,
    options: {
      readonly server?: Parameters<typeof startServer>[0];
      readonly client?: Parameters<typeof startClient>[0];
      readonly awake?: Parameters<typeof startClient>[0];
    } = {},
  ): Promise<void> {
    using folder = new StateFolder();
    await using server = await startServer(options.server);
    const asleep = await startClient({ savedState: folder.state(), ...options.client });
    const before = await reach(asleep, server.port);
    assert.equal(await asleep.role.ask(before, 'before'), 'before: ');
    await asleep[Symbol.asyncDispose]();
    await using client = await startClient({
      savedState: folder.state(),
      ...options.client,
      ...options.awake,
    });
    await test(client, before, server);
  }

  it('is the same peer to the server, from another port, when it has a connection id', async () => {
    await sleep(async (client, before, server) => {
      const known = server.role.lastSource;
      const peer = await reach(client, server.port);
      assert.equal(peer.key, before.key);
      assert.equal(peer.association?.isResumed, true);
      assert.equal(await client.role.ask(peer, 'after'), 'after: ');
      assert.equal(server.role.lastSource.key, known.key);
      assert.notEqual(server.role.lastSource.port, known.port);
      assert.deepEqual(server.handshakes, ['full']);
      assert.deepEqual(server.role.lost, []);
    });
  });

  it('is reached by the server before it has asked for anything, at the same port', async () => {
    const port = await freePort();
    await sleep(
      async (_client, _before, server) => {
        assert.equal(await server.role.ask(server.role.lastSource, 'read'), 'read: ');
      },
      { client: { port } },
    );
  });

  it('resumes its session when it has no connection id and comes from another port', async () => {
    await sleep(
      async (client, before, server) => {
        assert.deepEqual(client.log.ofKind('state-restored')[0]?.refused, ['Its peer would not find it.']);
        const peer = await reach(client, server.port);
        assert.notEqual(peer.key, before.key);
        assert.equal(peer.association?.isResumed, true);
        assert.equal(await client.role.ask(peer, 'after'), 'after: ');
        assert.deepEqual(server.handshakes, ['full', 'resumed']);
      },
      { server: { connectionIdLength: 'none' } },
    );
  });

  it('goes on without connection id from the same port', async () => {
    const port = await freePort();
    await sleep(
      async (client, before, server) => {
        const peer = await reach(client, server.port);
        assert.equal(peer.key, before.key);
        assert.equal(await client.role.ask(peer, 'after'), 'after: ');
        assert.deepEqual(server.handshakes, ['full']);
      },
      { server: { connectionIdLength: 'none' }, client: { port } },
    );
  });

  it('neither goes on nor resumes when its credential is another one than before', async () => {
    const credentials = new ServerCredentials();
    await sleep(
      async (client, before, server) => {
        const peer = await reach(client, server.port);
        assert.notEqual(peer.key, before.key);
        assert.equal(peer.association?.isResumed, false);
        assert.equal(await client.role.ask(peer, 'after'), 'after: ');
        await until(() => server.role.lost.length > 0 || server.handshakes.length === 2);
        assert.deepEqual(server.handshakes, ['full', 'full']);
      },
      {
        server: {
          credentials: {
            pskFor: (identity) =>
              Promise.resolve({ key: new Secret(deviceKey.slice()), credentialId: identity }),
            trusts: (evidence) => credentials.trusts(evidence),
          },
        },
        client: { credential: keyOfClient(deviceKey, 'summer') },
        awake: { credential: keyOfClient(deviceKey, 'winter') },
      },
    );
  });

  it('uses a state once, as a server does', async () => {
    using folder = new StateFolder();
    await using server = await startServer();
    const asleep = await startClient({ savedState: folder.state() });
    await reach(asleep, server.port);
    await asleep[Symbol.asyncDispose]();
    copyFileSync(folder.path, folder.copy);
    await using first = await startClient({ savedState: folder.state() });
    copyFileSync(folder.copy, folder.path);
    await using second = await startClient({ savedState: folder.state() });
    assert.equal(first.log.ofKind('state-restored').length, 1);
    assert.equal(second.log.ofKind('state-not-restored')[0]?.problem, 'already-used');
    await reach(first, server.port);
    assert.deepEqual(server.handshakes, ['full']);
    assert.equal((await reach(second, server.port)).association?.isResumed, false);
  });
});
