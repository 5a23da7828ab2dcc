// The Connectivity Statistics Object counts what really passes the socket of a device.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { Secret } from '@dunlin/base';
import { connectivityStatistics, device, LwM2mClient } from '@dunlin/client';
import { ConnectivityStatistics } from '@dunlin/lwm2m';
import { clientDtls, deviceDtlsCredentials, dtls, now, udp } from '@dunlin/node';
import { DeviceCredentials, LwM2mServer, MemoryCredentialStore } from '@dunlin/server';

import { UdpRelay } from '../support/udp-relay.ts';

const endpoint = 'urn:dev:ops:32473-meter-7';
const key = (): Secret => new Secret(new TextEncoder().encode('0123456789abcdef'));

/** The headers of UDP and IPv4. */
const headers = 28;

/** What the statistics of a device say after something happened between Start and Stop, and what the wire says. */
async function compare(
  server: LwM2mServer,
  relay: UdpRelay,
  client: LwM2mClient,
  between: () => Promise<void>,
): Promise<void> {
  await client.whenRegistered(AbortSignal.timeout(60_000));
  const { toServer, toClient } = relay.lengths;
  const begin = { toServer: toServer.length, toClient: toClient.length };
  await server.device(endpoint).execute(ConnectivityStatistics.start);
  await between();
  await server.device(endpoint).execute(ConnectivityStatistics.stop);
  const sent = relay.lengths.toServer.slice(begin.toServer, -1).map((length) => length + headers);
  const received = relay.lengths.toClient.slice(begin.toClient + 1).map((length) => length + headers);
  const all = [...sent, ...received];
  const sum = (sizes: readonly number[]): number => sizes.reduce((total, size) => total + size, 0);
  const { txData, rxData, maxMessageSize, averageMessageSize } = ConnectivityStatistics;
  assert.deepEqual(
    [txData, rxData, maxMessageSize, averageMessageSize].map((reference) => client.get(reference)),
    [
      Math.floor(sum(sent) / 1024),
      Math.floor(sum(received) / 1024),
      Math.max(...all),
      Math.round(sum(all) / all.length),
    ],
  );
}

const objects = () => [device({ manufacturer: 'Acme', onReboot: () => undefined }), connectivityStatistics()];

describe('the statistics of a device on real sockets (R-1071)', () => {
  it('are those of the wire, over UDP', async () => {
    await using server = await LwM2mServer.open({ listen: [udp({ address: '127.0.0.1', port: 0 })] });
    await using relay = await UdpRelay.open(server.local[0]?.port ?? 0);
    await using client = await LwM2mClient.open({
      endpoint,
      servers: [{ uri: `coap://127.0.0.1:${relay.port}`, shortServerId: 1 }],
      objects: objects(),
      binding: udp({ address: '127.0.0.1', port: 0 }),
    });
    await compare(server, relay, client, async () => {
      for (let count = 0; count < 20; count += 1) await server.device(endpoint).readContent('/3/0');
    });
  });

  it('are those of the wire, over DTLS, a handshake included', async () => {
    const credentials = new DeviceCredentials(new MemoryCredentialStore());
    const proof = { kind: 'psk', identity: endpoint } as const;
    await credentials.put({ id: '1', endpointName: endpoint, proof, key: key(), createdAt: now() });
    await using server = await LwM2mServer.open({
      listen: [
        dtls({
          address: '127.0.0.1',
          port: 0,
          credentials: deviceDtlsCredentials(credentials),
          connectionIdLength: 'none',
        }),
      ],
      credentials,
    });
    await using relay = await UdpRelay.open(server.local[0]?.port ?? 0);
    await using client = await LwM2mClient.open({
      endpoint,
      servers: [
        {
          uri: `coaps://127.0.0.1:${relay.port}`,
          shortServerId: 1,
          security: { mode: 'psk', identity: endpoint, key: key() },
        },
      ],
      objects: objects(),
      secureBinding: clientDtls({ address: '127.0.0.1', port: 0 }),
    });
    await compare(server, relay, client, async () => {
      const { promise, resolve } = Promise.withResolvers<void>();
      using _registered = client.registered.subscribe(() => resolve());
      using _updated = client.updated.subscribe(() => resolve());
      await client.networkChanged();
      await promise;
      for (let count = 0; count < 20; count += 1) await server.device(endpoint).readContent('/3/0');
    });
  });
});
