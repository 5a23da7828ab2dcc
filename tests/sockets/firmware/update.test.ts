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
import { DeviceCredentials, type FirmwareOptions, LwM2mServer, MemoryCredentialStore } from '@dunlin/server';

import { CoapPackageServer } from '../../support/coap-package-server.ts';
import { packageOf } from '../../support/download.ts';
import { psk, pskOnly } from '../../support/dtls-keys.ts';
import { TemporaryFolder } from '../../support/dunlin-server.ts';
import { PackageServer } from '../../support/package-server.ts';
import { until } from '../../support/until.ts';

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
    await client.whenRegistered(AbortSignal.timeout(120_000));
    return new Valve(client, firmware);
  }

  private constructor(client: LwM2mClient, firmware: FirmwareUpdateSetup) {
    this.client = client;
    this.firmware = firmware;
  }

  /** Waits for a state and result. */
  async reaches(state: number, result: number): Promise<void> {
    await until(
      () => this.firmware.status.state === state && this.firmware.status.result === result,
      () => `${state}/${result}, it is ${JSON.stringify(this.firmware.status)}`,
    );
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

const secured = { address: '127.0.0.1', port: 0 };
const preSharedKey = (): Secret => new Secret(utf8Encode(psk.key));

/** A server that knows the valve by its key. */
async function securedServer(): Promise<LwM2mServer> {
  const credentials = new DeviceCredentials(new MemoryCredentialStore());
  const proof = { kind: 'psk', identity: psk.identity } as const;
  await credentials.put({ id: '1', endpointName: endpoint, proof, key: preSharedKey(), createdAt: now() });
  return await LwM2mServer.open({
    listen: [dtls({ ...secured, credentials: deviceDtlsCredentials(credentials) })],
    credentials,
  });
}

const securedBy = (server: LwM2mServer) => ({
  servers: [
    {
      uri: server.local[0]?.uri ?? '',
      shortServerId: 1,
      security: { mode: 'psk', identity: psk.identity, key: preSharedKey() } as const,
    },
  ],
  secureBinding: clientDtls(secured),
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
    await using packages = await CoapPackageServer.open(image, dtls({ ...secured, credentials: pskOnly() }));
    await using server = await securedServer();
    await using valve = await Valve.open(folder, securedBy(server));
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

describe('an update by our server, on real sockets (1.0 §E.6)', () => {
  const updated = async (server: LwM2mServer, options: FirmwareOptions): Promise<void> => {
    const stored = await server.firmware.add(inPieces(image), { name: 'valve.bin', version: '2.0' });
    const { state, log } = await server.device(endpoint).firmware.update(stored, options);
    assert.equal(state.kind, 'succeeded', log.map(({ message }) => message).join('\n'));
    assert.equal(await server.device(endpoint).read(Device.firmwareVersion), '2.0');
  };

  for (const options of [
    { method: 'push' },
    { method: 'push', blockSize: 128 },
    { method: 'pull' },
  ] as const) {
    const how = Object.values(options).join(' in blocks of ');

    it(`is a ${how} over CoAP`, async () => {
      using folder = new TemporaryFolder();
      await using server = await plainServer();
      await using _valve = await Valve.open(folder, plain(server));
      await updated(server, options);
    });

    it(`is a ${how} over DTLS`, async () => {
      using folder = new TemporaryFolder();
      await using server = await securedServer();
      await using _valve = await Valve.open(folder, securedBy(server));
      await updated(server, options);
    });
  }

  it('goes on after the device was off in the middle', async () => {
    using folder = new TemporaryFolder();
    await using server = await plainServer();
    const stored = await server.firmware.add(inPieces(image), { name: 'valve.bin', version: '2.0' });
    const { firmware } = server.device(endpoint);
    let update: Promise<unknown>;
    {
      await using valve = await Valve.open(folder, plain(server));
      const { promise, resolve } = Promise.withResolvers<void>();
      valve.firmware.events.subscribe((event) => {
        if (event.kind === 'progress' && event.received > 20_000) resolve();
      });
      update = firmware.update(stored, { method: 'pull' });
      await promise;
    }
    await using _again = await Valve.open(folder, plain(server));
    await update;
    const { log = [] } = (await firmware.status()) ?? {};
    assert.equal(await server.device(endpoint).read(Device.firmwareVersion), '2.0', JSON.stringify(log));
  });
});

async function* inPieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 10_000) {
    yield bytes.subarray(at, at + 10_000);
    await Promise.resolve();
  }
}
