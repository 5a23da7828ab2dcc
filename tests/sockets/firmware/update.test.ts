// Firmware updates of whole devices: our server, our client, files and servers of packages, on real sockets.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';

import { Secret, seconds, utf8Encode } from '@dunlin/base';
import {
  type ClientOptions,
  device,
  firmwareUpdate,
  type FirmwareUpdateOptions,
  type FirmwareUpdateSetup,
  LwM2mClient,
} from '@dunlin/client';
import { Device, FirmwareUpdate } from '@dunlin/lwm2m';
import {
  clientDtls,
  clientStateFile,
  deviceDtlsCredentials,
  dtls,
  firmwareDownloader,
  firmwareStorageFile,
  now,
  udp,
} from '@dunlin/node';
import { DeviceCredentials, LwM2mServer, MemoryCredentialStore } from '@dunlin/server';

import { CoapPackageServer } from '../../support/coap-package-server.ts';
import { packageOf } from '../../support/download.ts';
import { psk, pskOnly } from '../../support/dtls-keys.ts';
import { TemporaryFolder } from '../../support/dunlin-server.ts';
import { PackageServer } from '../../support/package-server.ts';
import { waitUntil } from '../../support/wait-until.ts';

const endpoint = 'urn:dev:ops:32473-valve-7';
const image = packageOf(81_920);

/** A device whose package is in a file, and whose firmware is what was installed last. */
class Valve implements AsyncDisposable {
  readonly client: LwM2mClient;
  readonly firmware: FirmwareUpdateSetup;

  static async open(
    folder: TemporaryFolder,
    options: Pick<ClientOptions, 'servers' | 'binding' | 'secureBinding' | 'coap'>,
    firmwareOptions: Partial<FirmwareUpdateOptions> = {},
  ): Promise<Valve> {
    const opened: { client?: LwM2mClient } = {};
    const credentialOf = (shortServerId: number) => {
      assert.ok(opened.client !== undefined);
      return opened.client.credentialOf(shortServerId);
    };
    let version = '1.0';
    const firmware = await firmwareUpdate({
      storage: firmwareStorageFile(join(folder.path, 'firmware.bin')),
      state: clientStateFile(join(folder.path, 'firmware.json')),
      downloader: firmwareDownloader({ credentialOf }),
      limits: { retryDelay: seconds(1) },
      verify: async (storage) => {
        const hash = createHash('sha256');
        for await (const piece of storage.read()) hash.update(piece);
        assert.equal(hash.digest('hex'), createHash('sha256').update(image).digest('hex'));
        return { name: 'valve', version: '2.0' };
      },
      install: (_, { version: next = '' }) => {
        version = next;
      },
      onInstalled: () => opened.client?.restart(),
      ...firmwareOptions,
    });
    const client = await LwM2mClient.open({
      endpoint,
      objects: [
        device({ firmwareVersion: () => version, onReboot: () => opened.client?.restart() }),
        firmware,
      ],
      ...options,
    });
    opened.client = client;
    await client.whenRegistered(AbortSignal.timeout(10_000));
    return new Valve(client, firmware);
  }

  private constructor(client: LwM2mClient, firmware: FirmwareUpdateSetup) {
    this.client = client;
    this.firmware = firmware;
  }

  /** Waits for a state and result. */
  async reaches(state: number, result: number): Promise<void> {
    const look = (): true | undefined => {
      const { status } = this.firmware;
      return status.state === state && status.result === result ? true : undefined;
    };
    await waitUntil(look, () => `${state}/${result}, it is ${JSON.stringify(this.firmware.status)}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client.close();
    await this.firmware[Symbol.asyncDispose]();
  }
}

const plainServer = () => LwM2mServer.open({ listen: [udp({ address: '127.0.0.1', port: 0 })] });

const plain = (server: LwM2mServer) => ({
  servers: [{ uri: server.local[0]?.uri ?? '', shortServerId: 1 }],
  binding: udp({ address: '127.0.0.1', port: 0 }),
});

/** Executes Update, and waits until the device has registered with its new firmware. */
async function install(server: LwM2mServer, valve: Valve): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  using _registered = valve.client.registered.subscribe(() => resolve());
  await server.device(endpoint).execute(FirmwareUpdate.update);
  await promise;
  assert.equal(await server.device(endpoint).read(FirmwareUpdate.state), 0);
  assert.equal(await server.device(endpoint).read(FirmwareUpdate.updateResult), 1);
  assert.equal(await server.device(endpoint).read(Device.firmwareVersion), '2.0');
}

describe('a firmware update on real sockets (1.0 §E.6)', () => {
  it('is pushed, 80 KiB in 640 blocks of 128 bytes (int-770)', async () => {
    using folder = new TemporaryFolder();
    await using server = await plainServer();
    const coap = { blockwise: { blockSize: 128 } };
    await using valve = await Valve.open(folder, { ...plain(server), coap });
    let parts = 0;
    valve.firmware.events.subscribe(({ kind }) => void (parts += kind === 'progress' ? 1 : 0));
    await server.device(endpoint).write(FirmwareUpdate.package, image, { format: 42 });
    await valve.reaches(2, 0);
    // The first block was sent before the device could ask for smaller ones.
    assert.equal(parts, 640 - 8 + 1);
    assert.deepEqual(new Uint8Array(readFileSync(join(folder.path, 'firmware.bin'))), image);
    await install(server, valve);
  });

  it('is pulled over HTTP, goes on after a cut, and is installed (int-771)', async () => {
    using folder = new TemporaryFolder();
    await using packages = await PackageServer.open(image);
    packages.cutAfter = 30_000;
    await using server = await plainServer();
    await using valve = await Valve.open(folder, plain(server));
    valve.firmware.events.subscribe((event) => {
      if (event.kind === 'progress' && event.received === 30_000) packages.cut();
    });
    await server.device(endpoint).write(FirmwareUpdate.packageUri, packages.uri());
    await valve.reaches(2, 0);
    assert.deepEqual(packages.requests, ['GET /fw', 'GET /fw bytes=30000- "v1"']);
    await install(server, valve);
  });

  it('is pulled over CoAP from our own server, and installed (int-771)', async () => {
    using folder = new TemporaryFolder();
    await using packages = await CoapPackageServer.open(image);
    await using server = await plainServer();
    await using valve = await Valve.open(folder, plain(server));
    await server.device(endpoint).write(FirmwareUpdate.packageUri, packages.uri);
    await valve.reaches(2, 0);
    await install(server, valve);
  });

  it('is pulled over CoAPs with the credential of the Server, and installed', async () => {
    using folder = new TemporaryFolder();
    const secured = { address: '127.0.0.1', port: 0 };
    await using packages = await CoapPackageServer.open(image, dtls({ ...secured, credentials: pskOnly() }));
    const credentials = new DeviceCredentials(new MemoryCredentialStore());
    const key = (): Secret => new Secret(utf8Encode(psk.key));
    const proof = { kind: 'psk', identity: psk.identity } as const;
    await credentials.put({ id: '1', endpointName: endpoint, proof, key: key(), createdAt: now() });
    await using server = await LwM2mServer.open({
      listen: [dtls({ ...secured, credentials: deviceDtlsCredentials(credentials) })],
      credentials,
    });
    await using valve = await Valve.open(folder, {
      servers: [
        {
          uri: server.local[0]?.uri ?? '',
          shortServerId: 1,
          security: { mode: 'psk', identity: psk.identity, key: key() },
        },
      ],
      secureBinding: clientDtls(secured),
    });
    await server.device(endpoint).write(FirmwareUpdate.packageUri, packages.uri);
    await valve.reaches(2, 0);
    await install(server, valve);
  });

  it('goes on where it was after the device was off in the middle', async () => {
    using folder = new TemporaryFolder();
    await using packages = await PackageServer.open(image);
    await using server = await plainServer();
    packages.answer = ({ headers }, response) => {
      if (headers.range !== undefined) return false;
      response.writeHead(200, { etag: '"v1"', 'content-length': image.length });
      response.write(image.subarray(0, 40_000));
      return true;
    };
    {
      await using valve = await Valve.open(folder, plain(server));
      const { promise, resolve } = Promise.withResolvers<void>();
      valve.firmware.events.subscribe((event) => {
        if (event.kind === 'progress' && event.received === 40_000) resolve();
      });
      await server.device(endpoint).write(FirmwareUpdate.packageUri, packages.uri());
      await promise;
    }
    await using again = await Valve.open(folder, plain(server));
    await again.reaches(2, 0);
    assert.deepEqual(packages.requests, ['GET /fw', 'GET /fw bytes=40000- "v1"']);
    await install(server, again);
  });

  it('that failed to install stays, and is installed after the device was off (int-779)', async () => {
    using folder = new TemporaryFolder();
    await using server = await plainServer();
    {
      const failing = { install: () => Promise.reject(new Error('the flash is locked')) };
      await using valve = await Valve.open(folder, plain(server), failing);
      await server.device(endpoint).write(FirmwareUpdate.package, image, { format: 42 });
      await valve.reaches(2, 0);
      await server.device(endpoint).execute(FirmwareUpdate.update);
      await valve.reaches(2, 8);
    }
    await using again = await Valve.open(folder, plain(server));
    assert.equal(await server.device(endpoint).read(FirmwareUpdate.updateResult), 8);
    await install(server, again);
  });
});
