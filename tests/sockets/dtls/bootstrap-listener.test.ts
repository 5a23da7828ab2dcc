// A device that waits for its Bootstrap-Server as a DTLS server, over real sockets.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { Secret, seconds, SecurityError, utf8Encode } from '@dunlin/base';
import { LwM2mBootstrapServer, MemoryBootstrapConfigurationStore } from '@dunlin/bootstrap';
import { type BootstrapEvent, device, LwM2mClient } from '@dunlin/client';
import { isMalformed, pskCredential } from '@dunlin/dtls';
import { clientDtls, clientDtlsListener, dtlsClient, now, udp } from '@dunlin/node';

import { freePort } from '../../support/free-port.ts';
import { until } from '../../support/until.ts';

const local = { port: 0, address: '127.0.0.1' };
const key = utf8Encode('a key of sixteen');

/** A Bootstrap-Server that has an identity and a key of its own, and something to give to the device. */
async function openServer(identity: string, ownKey: Uint8Array): Promise<LwM2mBootstrapServer> {
  const credential = pskCredential(identity, ownKey);
  assert.ok(!isMalformed(credential));
  const configurations = new MemoryBootstrapConfigurationStore();
  configurations.put({
    configuration: {
      target: { kind: 'endpoint', endpointName: 'waiting' },
      servers: [{ uri: 'coap://127.0.0.1:2', shortServerId: 7, security: { kind: 'none' } }],
    },
    updatedAt: now(),
  });
  return await LwM2mBootstrapServer.open({
    listen: [udp(local)],
    connect: [dtlsClient({ ...local, credentialFor: () => ({ credential }) })],
    configurations,
  });
}

async function waiting(
  test: (uri: string, client: LwM2mClient, events: readonly BootstrapEvent['kind'][]) => Promise<void>,
): Promise<void> {
  const port = await freePort();
  const client = await LwM2mClient.open({
    endpoint: 'waiting',
    servers: [],
    bootstrapServer: {
      uri: 'coaps://127.0.0.1:1',
      security: { mode: 'psk', identity: 'waiting', key: new Secret(key.slice()) },
      clientHoldOffTime: seconds(3600),
    },
    objects: [device({ manufacturer: 'Dunlin', onReboot: () => undefined })],
    binding: udp(local),
    secureBinding: clientDtls(local),
    bootstrapListener: clientDtlsListener({ port, address: '127.0.0.1' }),
  });
  try {
    const events: BootstrapEvent['kind'][] = [];
    client.bootstrapEvents.subscribe(({ kind }) => events.push(kind));
    await test(`coaps://127.0.0.1:${port}`, client, events);
  } finally {
    await client.suspend();
  }
}

describe('a device that listens for its Bootstrap-Server', () => {
  it('is bootstrapped by whoever has the key of that account, again and again', async () => {
    await waiting(async (uri, client, events) => {
      for (let count = 1; count <= 2; count += 1) {
        await using server = await openServer('waiting', key);
        await server.start('waiting', uri);
        await until(() => events.filter((kind) => kind === 'bootstrap-finished').length === count);
      }
      assert.deepEqual(
        client.servers.map(({ shortServerId }) => shortServerId),
        [7],
      );
    });
  });

  it('makes no association with anybody else, and stays as it is', async () => {
    await waiting(async (uri, client, events) => {
      for (const [identity, ownKey] of [
        ['waiting', utf8Encode('another key 16 b')],
        ['somebody', key],
      ] as const) {
        await using server = await openServer(identity, ownKey);
        await assert.rejects(server.start('waiting', uri), SecurityError);
      }
      assert.deepEqual(events, []);
      assert.deepEqual(client.servers, []);
    });
  });
});
