// What becomes of a registration and its observations when what is below them changes: LwM2M over real DTLS sockets.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { Device } from '@dunlin/lwm2m';

import { NatRelay } from '../../support/nat-relay.ts';
import { SecureDevice, SecureServer, type SecureServerOptions } from '../../support/secure-lwm2m.ts';
import { StateFolder } from '../../support/state-folder.ts';
import { Notebook } from '../../support/test-objects.ts';
import { until } from '../../support/until.ts';

/** The content type of alerts (RFC 5246 §6.2.1). */
const alert = 21;

/** A registered device behind a NAT, whose reading is observed. */
interface Situation {
  readonly server: SecureServer;
  readonly device: SecureDevice;
  readonly relay: NatRelay;
  readonly folder: StateFolder;
}

async function observed(
  options: Pick<SecureServerOptions, 'connectionIdLength'> & {
    readonly lifetime?: number;
    readonly isSaved?: boolean;
  },
  test: (situation: Situation) => Promise<void>,
): Promise<void> {
  const { lifetime, isSaved = false, connectionIdLength } = options;
  using folder = new StateFolder();
  await using server = await SecureServer.open({
    folder: folder.folder,
    ...(connectionIdLength === undefined ? {} : { connectionIdLength }),
    ...(isSaved ? { savedState: folder.state() } : {}),
  });
  await using relay = await NatRelay.open(server.port);
  await using device = await SecureDevice.open(relay.port, lifetime === undefined ? {} : { lifetime });
  await device.client.whenRegistered();
  await server.device.observe(Notebook(0).reading).started();
  await test({ server, device, relay, folder });
}

/** The device tells a reading of its own accord, and the server is told. */
async function assertObserved(server: SecureServer, device: SecureDevice, reading: number): Promise<void> {
  device.read(reading);
  await until(() => server.readings.includes(reading));
}

describe('a registration over DTLS', () => {
  it('carries reads, writes and observations', async () => {
    await observed({}, async ({ server, device }) => {
      assert.equal(await server.device.read(Device.manufacturer), 'Dunlin');
      const long = 'a text of several blocks '.repeat(100);
      await server.device.write(Notebook(0).text, long);
      assert.equal(device.client.get(Notebook(0).text), long);
      await assertObserved(server, device, 2);
      assert.deepEqual(server.handshakes, ['full']);
      assert.deepEqual(server.told, ['registered']);
    });
  });

  it('outlives a change of address without a word when there is a connection id (RFC 9146 §6, R-737)', async () => {
    await observed({}, async ({ server, device, relay }) => {
      await relay.changeAddress();
      // The first record from there says where the device is now.
      await assertObserved(server, device, 2);
      assert.deepEqual(server.moves, [relay.outerPort]);
      assert.equal(await server.device.read(Device.manufacturer), 'Dunlin');
      assert.deepEqual(server.told, ['registered']);
      device.client.update();
      await device.seen('updated');
      assert.equal(await server.registeredPort(), relay.outerPort);
      assert.deepEqual(server.handshakes, ['full']);
      assert.deepEqual(device.events, ['registered', 'updated']);
    });
  });

  it('outlives one by resumption and an Update when there is none (R-342, R-737)', async () => {
    await observed({ connectionIdLength: 'none' }, async ({ server, device, relay }) => {
      await relay.changeAddress();
      const startedAt = performance.now();
      device.client.update();
      await device.seen('updated');
      // 1.9 s at most until the Update counts as unanswered; what follows is a matter of milliseconds.
      assert.ok(performance.now() - startedAt < 30_000);
      assert.deepEqual(server.handshakes, ['full', 'resumed']);
      assert.deepEqual(server.told, ['registered', 'updated']);
      assert.equal(await server.registeredPort(), relay.outerPort);
      await assertObserved(server, device, 2);
      assert.equal(await server.device.read(Device.manufacturer), 'Dunlin');
      assert.deepEqual(device.events, ['registered', 'failed', 'updated']);
    });
  });

  it('outlives a change of network that the device knows of, in either case (R-342)', async () => {
    for (const connectionIdLength of [8, 'none'] as const) {
      await observed({ connectionIdLength }, async ({ server, device }) => {
        await device.client.networkChanged();
        await device.seen('updated');
        assert.deepEqual(server.handshakes, connectionIdLength === 8 ? ['full'] : ['full', 'resumed']);
        assert.deepEqual(server.told, ['registered', 'updated']);
        await assertObserved(server, device, 2);
      });
    }
  });
});

describe('a device that is off for a while', () => {
  it('registers without a handshake when it comes back with its associations (R-704)', async () => {
    using folder = new StateFolder();
    await using server = await SecureServer.open({ folder: folder.folder });
    const before = await SecureDevice.open(server.port, { savedState: folder.state() });
    await before.client.whenRegistered();
    await before.client.suspend();
    assert.deepEqual(server.told, ['registered']);
    await using after = await SecureDevice.open(server.port, { savedState: folder.state() });
    await after.client.whenRegistered();
    assert.equal(await server.device.read(Device.manufacturer), 'Dunlin');
    assert.deepEqual(server.handshakes, ['full']);
    assert.deepEqual(server.told, ['registered', 'registered']);
  });
});

describe('a registration over DTLS whose server', () => {
  it('stops and starts with its associations goes on with the next notification and the next Update (R-704)', async () => {
    await observed({ isSaved: true }, async ({ server, device, folder }) => {
      const { port } = server;
      await server[Symbol.asyncDispose]();
      await using next = await SecureServer.open({ port, folder: folder.folder, savedState: folder.state() });
      await assertObserved(next, device, 2);
      device.client.update();
      await device.seen('updated');
      assert.equal(await next.device.read(Device.manufacturer), 'Dunlin');
      assert.deepEqual(next.handshakes, []);
      assert.deepEqual(next.told, ['updated']);
      assert.deepEqual(device.events, ['registered', 'updated']);
    });
  });

  it('is killed, and its associations with it, is made anew when the next Update has no answer (R-736)', async () => {
    await observed({ lifetime: 2 }, async ({ server, device, relay, folder }) => {
      // Nothing that a process says while it ends comes out of one that is killed.
      relay.passes = () => false;
      const { port } = server;
      await server[Symbol.asyncDispose]();
      await until(() => relay.firstTypes('client').at(-1) === alert);
      await using next = await SecureServer.open({ port, folder: folder.folder });
      relay.passes = () => true;
      const killedAt = performance.now();
      await device.seen('registered', 2);
      // Half a lifetime to the Update, 1.9 s at most without an answer, a short pause, and the handshake.
      assert.ok(performance.now() - killedAt < 30_000);
      assert.deepEqual(next.handshakes, ['full']);
      assert.deepEqual(next.told, ['registered']);
      await next.device.observe(Notebook(0).reading).started();
      await assertObserved(next, device, 2);
    });
  });
});
