import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { Secret, StorageError, utf8Decode, utf8Encode } from '@dunlin/base';
import { type ClientOptions, type ClientStateStore, device } from '@dunlin/client';
import { ContentFormat } from '@dunlin/coap';
import { AccessControl, Device, Security, Server } from '@dunlin/lwm2m';

import { BootstrapWorld, managementUri } from '../support/bootstrap-world.ts';
import { probeObject } from '../support/probe-device.ts';
import { completeDevice, Probe } from '../support/reference-device.ts';
import { ScriptedAssociations } from '../support/scripted-associations.ts';
import { TwoServers } from '../support/two-servers.ts';
import { bytes, hex, lifetime, serverUri, World } from '../support/world.ts';

const { text, tlv } = ContentFormat;

/** A store that keeps what was saved last, and counts. */
class MemoryStateStore implements ClientStateStore {
  saved: Uint8Array | undefined;
  saves = 0;
  failure: StorageError | undefined;

  load(): Promise<Uint8Array | undefined> {
    return Promise.resolve(this.saved);
  }

  save(state: Uint8Array): Promise<void> {
    this.saves += 1;
    if (this.failure !== undefined) return Promise.reject(this.failure);
    this.saved = state;
    return Promise.resolve();
  }
}

/** Opens a registered client on a store; the one before is gone without a word. */
function start(state: ClientStateStore, options: Partial<ClientOptions> = {}): Promise<World> {
  return World.registered({ state, objects: [completeDevice(), probeObject()], ...options });
}

describe('the state of a device', () => {
  test('is what it was after a restart: values that Servers wrote, instances that they created and deleted', async () => {
    const store = new MemoryStateStore();
    const before = await start(store);
    assert.equal((await before.put('/1/0/1', text, bytes('777'))).code, '2.04');
    assert.equal((await before.put('/3/0/14', text, bytes('+05:30'))).code, '2.04');
    assert.equal((await before.post(`/${Probe.definition.id}`, tlv, hex('c4003fc00000'))).code, '2.01');
    assert.equal((await before.delete(`/${Probe.definition.id}/3`)).code, '2.02');
    const { client } = await start(store);
    assert.equal(client.get(Server(0).lifetime), 777);
    assert.equal(client.get(Device.utcOffset), '+05:30');
    assert.deepEqual(client.objects.instanceIds(Probe.definition.id), [0, 1]);
    assert.equal(client.get(Probe(1).level), 1.5);
    // What the device itself gives an instance comes from the device.
    assert.equal(client.get(Probe(1).count), 0);
  });

  test('does not take the place of what the device itself says', async () => {
    const store = new MemoryStateStore();
    const before = await start(store);
    await before.put('/3/0/14', text, bytes('+05:30'));
    const after = await start(store, {
      objects: [
        device({ onReboot: () => undefined, manufacturer: 'Other', firmwareVersion: '2' }),
        probeObject(),
      ],
    });
    assert.equal(after.client.get(Device.manufacturer), 'Other');
    assert.equal(after.client.get(Device.firmwareVersion), '2');
    assert.equal(after.client.get(Device.utcOffset), '+05:30');
  });

  test('has nothing left of an Object that a new firmware does not have (R-1058)', async () => {
    const store = new MemoryStateStore();
    const before = await TwoServers.registered(undefined, { state: store });
    assert.equal((await before.post(101, `/${Probe.definition.id}`, tlv, hex('c4003fc00000'))).code, '2.01');
    await before.world.pass(1);
    const after = await TwoServers.registered(undefined, { state: store, objects: [completeDevice()] });
    const { client } = after.world;
    assert.deepEqual(client.objects.instanceIds(Probe.definition.id), []);
    const governed = client.objects.instanceIds(2).map((id) => client.get(AccessControl(id).objectId));
    assert.ok(!governed.includes(Probe.definition.id), `access rights are for ${governed.join(', ')}`);
  });

  test('keeps attributes, by Server (R-522)', async () => {
    const store = new MemoryStateStore();
    const before = await start(store);
    assert.equal((await before.writeAttributes('/3/0/13', 'pmin=7', 'pmax=90')).code, '2.04');
    const after = await start(store);
    assert.match((await after.discover('/3/0/13')).text, /<\/3\/0\/13>;pmin=7;pmax=90/);
  });

  test('keeps accounts that a Bootstrap-Server brought: the device registers without another bootstrap (R-220)', async () => {
    const store = new MemoryStateStore();
    const first = await BootstrapWorld.started({ state: store });
    assert.equal((await first.provision()).code, '2.04');
    await first.world.until(() => first.management.lines.length > 0);
    const second = await BootstrapWorld.open({}, { state: store });
    await second.world.until(() => second.management.lines.length > 0);
    assert.deepEqual(second.management.lines, ['POST /rd']);
    assert.deepEqual(second.kinds, []);
    assert.equal(second.world.client.get(Security(1).lwm2mServerUri), managementUri);
    // Its executables are there as well.
    assert.equal(await second.readAt('/1/0/1'), '2.05');
  });

  test('keeps keys', async () => {
    const store = new MemoryStateStore();
    const key = new Secret(utf8Encode('a key of 16 byte'));
    const open = async (): Promise<ScriptedAssociations> => {
      const networks: World['network'][] = [];
      const associations = new ScriptedAssociations(() => {
        const [network] = networks;
        if (network === undefined) throw new Error('the network is not there yet');
        return network.binding('192.0.2.8', 56_840);
      });
      const servers = [
        { uri: 'coaps://192.0.2.1:5683', shortServerId: 1, security: { mode: 'psk', identity: 'id', key } },
      ] as const;
      const world = await World.open(
        { state: store, servers, secureBinding: associations.binding },
        (_server, network) => networks.push(network),
      );
      await world.until(() => world.events.length > 0);
      await world.put('/1/0/1', text, bytes('500'));
      return associations;
    };
    await open();
    const { credentials } = await open();
    assert.deepEqual(credentials[0]?.kind === 'psk' && credentials[0].key.reveal(), key.reveal());
  });

  test('keeps access rights, and makes none up besides', async () => {
    const store = new MemoryStateStore();
    const before = await TwoServers.registered(undefined, { state: store });
    const rights = before.world.client.objects.instanceIds(2);
    assert.equal((await before.post(101, `/${Probe.definition.id}`, tlv, hex('c4003fc00000'))).code, '2.01');
    const after = await TwoServers.registered(undefined, { state: store });
    const { client } = after.world;
    assert.equal(client.objects.instanceIds(2).length, rights.length + 1);
    const last = client.objects.instanceIds(2).at(-1) ?? 0;
    assert.equal(client.get(AccessControl(last).accessControlOwner), 101);
  });
});

describe('saving', () => {
  test('happens when something changed from outside, and not for what a sensor measures', async () => {
    const store = new MemoryStateStore();
    const world = await start(store);
    assert.equal(store.saves, 0);
    world.client.set(Device.batteryLevel, 3);
    world.client.set(Device.memoryFree, 3);
    await world.pass(1);
    assert.equal(store.saves, 0);
    await world.put('/3/0/14', text, bytes('+05:30'));
    await world.pass(1);
    assert.equal(store.saves, 1);
  });

  test('that fails is told, and tried again with the next change', async () => {
    const store = new MemoryStateStore();
    const world = await start(store);
    store.failure = new StorageError('the disk is full');
    await world.put('/3/0/14', text, bytes('+05:30'));
    await world.pass(1);
    const told = world.diagnostics.find(({ kind }) => kind === 'state-not-saved');
    assert.ok(told?.kind === 'state-not-saved' && told.error === store.failure);
    store.failure = undefined;
    await world.put('/3/0/14', text, bytes('+04:30'));
    await world.pass(1);
    assert.match(utf8Decode(store.saved ?? new Uint8Array(0)) ?? '', /\+04:30/);
  });

  test('is one at a time, and the last state is saved', async () => {
    const releases: (() => void)[] = [];
    const states: Uint8Array[] = [];
    const store: ClientStateStore = {
      load: () => Promise.resolve(undefined),
      save: async (state) => {
        states.push(state);
        await new Promise<void>((resolve) => {
          releases.push(resolve);
        });
      },
    };
    const world = await start(store);
    for (const offset of ['+01:00', '+02:00', '+03:00']) await world.put('/3/0/14', text, bytes(offset));
    assert.equal(states.length, 1);
    const closing = world.client.close();
    releases.shift()?.();
    await world.pass(1);
    assert.equal(states.length, 2);
    assert.match(utf8Decode(states[1] ?? new Uint8Array(0)) ?? '', /\+03:00/);
    releases.shift()?.();
    await world.pass(1);
    await closing;
  });
});

describe('a state that cannot be used', () => {
  const refused = async (state: string, reason: RegExp): Promise<void> => {
    const store = new MemoryStateStore();
    store.saved = utf8Encode(state);
    await assert.rejects(
      start(store),
      (error) =>
        error instanceof StorageError && reason.test(error.message) && /begin as new/.test(error.message),
    );
  };
  test('is refused with the reason, whatever it is', async () => {
    await refused('', /no JSON/);
    await refused('[]', /no JSON object/);
    await refused('{"version":2}', /layout/);
    await refused('{"version":1}', /missing/);
    await refused('{"version":1,"objects":{"x":{}},"attributes":{}}', /no id/);
    await refused('{"version":1,"objects":{"1":{"kind":"object"}},"attributes":{}}', /cannot be used/);
    await refused('{"version":1,"objects":{},"attributes":{"1":{"/x":{"pmin":1}}}}', /no path/);
    await refused('{"version":1,"objects":{},"attributes":{"1":{"/3/0":{"pmin":"x"}}}}', /no attribute/);
  });
});

describe('factory reset (R-1031)', () => {
  test('brings back what the device began with: accounts, values and instances, without attributes', async () => {
    const store = new MemoryStateStore();
    const world = await start(store, {
      servers: [{ uri: serverUri, shortServerId: 101, lifetime: lifetime(300) }],
    });
    await world.put('/1/0/1', text, bytes('777'));
    await world.delete(`/${Probe.definition.id}/3`);
    await world.writeAttributes('/3/0/13', 'pmin=7');
    world.client.factoryReset();
    await world.until(() => world.events.filter(({ kind }) => kind === 'registered').length > 1);
    assert.equal(world.client.get(Server(0).lifetime), 300);
    assert.deepEqual(world.client.objects.instanceIds(Probe.definition.id), [0, 3]);
    assert.doesNotMatch((await world.discover('/3/0/13')).text, /pmin/);
    const after = await start(store);
    assert.equal(after.client.get(Server(0).lifetime), 300);
  });

  test('lets a device that was bootstrapped be bootstrapped again', async () => {
    const it = await BootstrapWorld.started();
    await it.provision();
    await it.world.until(() => it.management.lines.length > 0);
    it.world.client.factoryReset();
    await it.until('bootstrap-started', 2);
    assert.deepEqual(it.world.client.objects.instanceIds(1), []);
    assert.deepEqual(it.world.client.objects.instanceIds(0), [0]);
  });
});
