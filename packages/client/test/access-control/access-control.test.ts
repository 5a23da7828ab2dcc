import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { accessControl, type AccessControlEntry } from '@dunlin/client';
import { ContentFormat } from '@dunlin/coap';
import { AccessControl, Device, maxId } from '@dunlin/lwm2m';

import { completeDevice, Probe } from '../support/reference-device.ts';
import { TwoServers } from '../support/two-servers.ts';
import { bytes, hex, serverUri, World } from '../support/world.ts';

const { text, tlv, json } = ContentFormat;
const probe = Probe.definition.id;

/** The Access Control instances of the reference configuration, for the Objects that the device has. */
const reference: readonly AccessControlEntry[] = [
  { objectId: 1, objectInstanceId: 0, owner: 101, rights: { 101: 'RWED' } },
  { objectId: 1, objectInstanceId: 1, owner: 102, rights: { 102: 'RWED' } },
  { objectId: 3, objectInstanceId: 0, owner: 101, rights: { 101: 'RWED', 102: 'R' } },
  { objectId: probe, objectInstanceId: 0, owner: 101, rights: { 101: 'R', 0: 'R' } },
  { objectId: probe, rights: { 101: 'C' } },
];

/** The TLV of a probe with level 1.5 and count 2, which a Server may create. */
const newProbe = hex('c4003fc00000c10202');

describe('with one Server', () => {
  test('it may do everything, with Access Control instances or without (R-601)', async () => {
    const entry: AccessControlEntry = { objectId: 3, objectInstanceId: 0, owner: 7, rights: {} };
    const world = await World.registered({ objects: [completeDevice(), accessControlWith(entry)] });
    assert.equal((await world.read('/3/0/0')).code, '2.05');
    assert.equal((await world.put('/3/0/14', text, bytes('+01:00'))).code, '2.04');
  });

  test('there is no Access Control Object unless it was asked for', async () => {
    const world = await World.registered();
    assert.equal((await world.read('/2')).code, '4.04');
  });
});

describe('the decision (1.0 §7.3.2)', () => {
  test('is by the entry of the Server: without the right it is 4.01 (R-620)', async () => {
    const it = await TwoServers.registered(reference);
    assert.equal((await it.read(101, '/3/0/0')).code, '2.05');
    assert.equal((await it.read(102, '/3/0/0')).code, '2.05');
    assert.equal((await it.put(101, '/3/0/14', text, bytes('+01:00'))).code, '2.04');
    assert.equal((await it.put(102, '/3/0/14', text, bytes('+02:00'))).code, '4.01');
    assert.equal((await it.post(102, '/3/0/4')).code, '4.01');
    assert.equal((await it.read(102, '/1/0')).code, '4.01');
    assert.equal((await it.read(102, '/1/1/1')).code, '2.05');
  });

  test('is by the entry 0 for those that have none of their own, but never for the owner', async () => {
    const owned = { objectId: 3, objectInstanceId: 0, owner: 101 };
    const byDefault = await TwoServers.registered([{ ...owned, rights: { 0: 'R' } }]);
    assert.equal((await byDefault.read(102, '/3/0/0')).code, '2.05');
    assert.equal((await byDefault.put(102, '/3/0/14', text, bytes('+01:00'))).code, '4.01');
    assert.equal((await byDefault.put(101, '/3/0/14', text, bytes('+01:00'))).code, '2.04');
    const limited = await TwoServers.registered([{ ...owned, rights: { 0: 'RWED', 101: 'R' } }]);
    assert.equal((await limited.put(101, '/3/0/14', text, bytes('+01:00'))).code, '4.01');
    assert.equal((await limited.put(102, '/3/0/14', text, bytes('+01:00'))).code, '2.04');
  });

  test('grants an owner without an entry everything', async () => {
    const it = await TwoServers.registered([
      { objectId: 3, objectInstanceId: 0, owner: 102, rights: { 101: 'R' } },
    ]);
    assert.equal((await it.put(102, '/3/0/14', text, bytes('+01:00'))).code, '2.04');
  });

  test('a Resource that does not support the operation is 4.05 with the right, 4.01 without', async () => {
    const it = await TwoServers.registered(reference);
    assert.equal((await it.put(101, '/3/0/0', text, bytes('x'))).code, '4.05');
    assert.equal((await it.put(102, '/3/0/0', text, bytes('x'))).code, '4.01');
  });

  test('attributes take the right to read, Discover takes none', async () => {
    const it = await TwoServers.registered(reference);
    const attributes = { method: 3 as const, uriPath: ['1', '0', '1'], uriQuery: ['pmin=1'] };
    assert.equal((await it.send(102, attributes)).code, '4.01');
    assert.equal((await it.send(101, attributes)).code, '2.04');
    assert.equal((await it.discover(102, '/1/0')).code, '2.05');
  });

  test('a Read of an Object tells the instances that may be read, if only none (R-621)', async () => {
    const it = await TwoServers.registered(reference);
    const answer = await it.read(102, '/1');
    assert.equal(answer.code, '2.05');
    // Instance 1 alone, as TLV: its header begins 08 01.
    assert.deepEqual(answer.payload.slice(0, 2), Uint8Array.of(0x08, 0x01));
    const none = await TwoServers.registered([
      { objectId: 1, objectInstanceId: 0, owner: 101, rights: {} },
      { objectId: 1, objectInstanceId: 1, owner: 101, rights: {} },
    ]);
    const empty = await none.read(102, '/1');
    assert.equal(empty.code, '2.05');
    assert.equal(empty.payload.length, 0);
  });

  test('counts accounts, not registrations: a Server that cannot be reached counts as well (R-601)', async () => {
    const world = await World.open({
      servers: [
        { uri: serverUri, shortServerId: 101 },
        { uri: 'coap://192.0.2.66', shortServerId: 102 },
      ],
      objects: [
        completeDevice(),
        accessControlWith({ objectId: 3, objectInstanceId: 0, owner: 102, rights: {} }),
      ],
    });
    await world.until(() => world.events.length > 0);
    assert.equal((await world.read('/3/0/0')).code, '4.01');
  });
});

describe('Create and Delete with several Servers', () => {
  test('Create takes an entry for the Object (R-610)', async () => {
    const it = await TwoServers.registered(reference);
    assert.equal((await it.post(102, `/${probe}`, tlv, newProbe)).code, '4.01');
    assert.equal((await it.post(101, `/${probe}`, tlv, newProbe)).code, '2.01');
    const without = await TwoServers.registered([
      { objectId: 3, objectInstanceId: 0, owner: 101, rights: {} },
    ]);
    assert.equal((await without.post(101, `/${probe}`, tlv, newProbe)).code, '2.01');
  });

  test('what a Server creates is its own (R-611), and is gone with its entry when it is deleted (R-614)', async () => {
    const it = await TwoServers.registered([
      ...reference.slice(0, 4),
      { objectId: probe, rights: { 101: 'C', 102: 'C' } },
    ]);
    const { client } = it.world;
    const before = client.objects.instanceIds(2);
    const created = await it.post(102, `/${probe}`, tlv, newProbe);
    assert.equal(created.code, '2.01');
    const id = Number(created.location?.split('/')[2]);
    const own = client.objects.instanceIds(2).find((candidate) => !before.includes(candidate));
    assert.ok(own !== undefined);
    assert.equal(client.get(AccessControl(own).objectId), probe);
    assert.equal(client.get(AccessControl(own).objectInstanceId), id);
    assert.equal(client.get(AccessControl(own).accessControlOwner), 102);
    assert.deepEqual(client.get(AccessControl(own).acl), new Map([[102, 15]]));
    assert.equal((await it.read(101, `/${probe}/${id}`)).code, '4.01');
    assert.equal((await it.delete(101, `/${probe}/${id}`)).code, '4.01');
    assert.equal((await it.delete(102, `/${probe}/${id}`)).code, '2.02');
    assert.deepEqual(client.objects.instanceIds(2), before);
  });

  test('what the device itself creates belongs to the first Server, and others may read it (R-617)', async () => {
    const it = await TwoServers.registered(reference);
    it.world.client.createInstance(Probe, 9, { level: 3, count: 1 });
    assert.equal((await it.read(102, `/${probe}/9`)).code, '2.05');
    assert.equal((await it.delete(102, `/${probe}/9`)).code, '4.01');
    assert.equal((await it.delete(101, `/${probe}/9`)).code, '2.02');
  });

  test('a Create that is refused leaves no entry', async () => {
    const it = await TwoServers.registered(reference);
    const before = it.world.client.objects.instanceIds(2);
    assert.equal((await it.post(101, `/${probe}`, tlv, hex('c8'))).code, '4.00');
    assert.deepEqual(it.world.client.objects.instanceIds(2), before);
  });
});

describe('the Access Control Object itself', () => {
  const idOf = (it: TwoServers, objectId: number, instanceId: number): number => {
    const { client } = it.world;
    const found = client.objects
      .instanceIds(2)
      .find(
        (id) =>
          client.get(AccessControl(id).objectId) === objectId &&
          client.get(AccessControl(id).objectInstanceId) === instanceId,
      );
    assert.ok(found !== undefined);
    return found;
  };

  test('may be read by everybody, and changed by the owner alone (R-612, R-616)', async () => {
    const it = await TwoServers.registered(reference);
    const id = idOf(it, 3, 0);
    const grant = bytes('{"e":[{"n":"2/102","v":3}]}');
    assert.equal((await it.read(102, `/2/${id}`)).code, '2.05');
    assert.equal((await it.post(102, `/2/${id}`, json, grant)).code, '4.01');
    assert.equal((await it.put(102, '/3/0/14', text, bytes('+02:00'))).code, '4.01');
    assert.equal((await it.post(101, `/2/${id}`, json, grant)).code, '2.04');
    assert.equal((await it.put(102, '/3/0/14', text, bytes('+02:00'))).code, '2.04');
    assert.deepEqual(
      it.world.client.get(AccessControl(id).acl),
      new Map([
        [101, 15],
        [102, 3],
      ]),
    );
  });

  test('is created and deleted by no Server (R-616)', async () => {
    const it = await TwoServers.registered(reference);
    assert.equal((await it.post(101, '/2', tlv, hex('c10003'))).code, '4.01');
    assert.equal((await it.delete(101, `/2/${idOf(it, 3, 0)}`)).code, '4.01');
  });

  test('says of an entry for the creation of instances that it is the Bootstrap-Server’s (R-610, R-615)', async () => {
    const it = await TwoServers.registered(reference);
    const id = idOf(it, probe, maxId);
    assert.equal(it.world.client.get(AccessControl(id).accessControlOwner), maxId);
    assert.equal((await it.post(101, `/2/${id}`, json, bytes('{"e":[{"n":"2/102","v":16}]}'))).code, '4.01');
  });

  test('takes neither 65535 as a Server, nor reserved bits, nor another target (R-613)', async () => {
    const it = await TwoServers.registered(reference);
    const id = idOf(it, 3, 0);
    for (const [path, payload, code] of [
      [`/2/${id}`, '{"e":[{"n":"2/65535","v":1}]}', '4.00'],
      [`/2/${id}`, '{"e":[{"n":"2/102","v":32}]}', '4.00'],
      [`/2/${id}`, '{"e":[{"n":"2/102","v":-1}]}', '4.00'],
      [`/2/${id}`, '{"e":[{"n":"3","v":0}]}', '4.00'],
      [`/2/${id}`, '{"e":[{"n":"0","v":1}]}', '4.05'],
    ] as const) {
      assert.equal((await it.post(101, path, json, bytes(payload))).code, code, payload);
    }
  });

  test('a change of it stops and resumes notifications (R-508)', async () => {
    const it = await TwoServers.registered(reference);
    const id = idOf(it, 3, 0);
    const watch = await it.observe(102, '/3/0/13');
    const grant = (bits: number): Promise<unknown> =>
      it.post(101, `/2/${id}`, json, bytes(`{"e":[{"n":"2/102","v":${bits}}]}`));
    await grant(0);
    it.world.client.set(Device.currentTime, 1_000_000);
    await it.world.pass(5);
    assert.equal(watch.notifications.length, 1);
    await grant(1);
    await it.world.until(() => watch.notifications.length > 1);
  });
});

describe('a client with several Servers and no word about access', () => {
  test('gives all to the first, and the others may read; each has its own Server instance (R-602)', async () => {
    const it = await TwoServers.registered();
    assert.equal((await it.put(101, '/3/0/14', text, bytes('+01:00'))).code, '2.04');
    assert.equal((await it.read(102, '/3/0/0')).code, '2.05');
    assert.equal((await it.put(102, '/3/0/14', text, bytes('+01:00'))).code, '4.01');
    assert.equal((await it.put(102, '/1/1/1', text, bytes('500'))).code, '2.04');
    assert.equal((await it.put(102, '/1/0/1', text, bytes('500'))).code, '4.01');
    assert.equal((await it.put(101, '/1/1/1', text, bytes('500'))).code, '4.01');
    assert.equal((await it.post(101, `/${probe}`, tlv, newProbe)).code, '2.01');
    assert.equal((await it.post(102, `/${probe}`, tlv, newProbe)).code, '4.01');
  });
});

function accessControlWith(entry: AccessControlEntry): ReturnType<typeof accessControl> {
  return accessControl([entry]);
}

test('letters that are no rights are a mistake of the author', () => {
  assert.throws(() => accessControl([{ objectId: 3, rights: { 1: 'X' } }]), /no access right/);
});
