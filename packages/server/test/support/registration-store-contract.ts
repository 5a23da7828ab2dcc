import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import {
  addDuration,
  type Instant,
  instantFrom,
  milliseconds,
  seconds,
  StorageError,
  toMilliseconds,
} from '@dunlin/base';
import { Method, type Peer, udpPeer } from '@dunlin/coap';
import type { ObjectList } from '@dunlin/lwm2m';
import type { Registration, RegistrationStore, StoredObservation } from '@dunlin/server';

/** When the devices of these tests registered. */
export const start: Instant = instantFrom(Date.UTC(2030, 0, 1));

const model: ObjectList = {
  rootPath: '/',
  contentFormats: [11543],
  objects: new Map([
    [1, { instances: [0] }],
    [3, { instances: [0] }],
    [3303, { version: '1.1', instances: [0, 1] }],
    [5, { instances: [] }],
  ]),
};

/** A registration as a server would make one. */
export function registrationOf(endpointName: string, changes: Partial<Registration> = {}): Registration {
  const lifetime = changes.lifetime ?? seconds(300);
  return {
    endpointName,
    id: `id-${endpointName}`,
    lifetime,
    version: '1.0',
    bindingMode: 'U',
    smsNumber: undefined,
    peer: udpPeer('10.0.0.2', 40_000),
    localUri: 'coap://10.0.0.1:5683',
    ...model,
    additional: {},
    registeredAt: start,
    updatedAt: start,
    expiresAt: addDuration(start, toMilliseconds(lifetime)),
    ...changes,
  };
}

/** An observation of a registration. */
export function observationOf(
  registrationId: string,
  path: string,
  peer: Peer = udpPeer('10.0.0.2', 40_000),
): StoredObservation {
  const uriPath = path.split('/').slice(1);
  const request = { method: Method.get, uriPath, uriQuery: undefined, accept: 11542 };
  const token = Uint8Array.from([1, 2, 3, path.length]);
  return { registrationId, path, observedAt: start, record: { peer, token, request } };
}

/** How the tests get a store of the kind under test. */
export interface RegistrationStoreFactory {
  /** An empty store. */
  readonly open: () => Promise<RegistrationStore>;
}

/** What every `RegistrationStore` does. */
export function registrationStoreContract(name: string, factory: RegistrationStoreFactory): void {
  describe(`${name} as a RegistrationStore`, () => {
    describeRegistrations(factory);
    describeLifetimes(factory);
    describeQueries(factory);
    describeObservations(factory);
  });
}

function after(duration: number): Instant {
  return addDuration(start, milliseconds(duration));
}

function describeRegistrations({ open }: RegistrationStoreFactory): void {
  test('gives a registration back as it was kept, by id, endpoint and peer', async () => {
    await using store = await open();
    const kept = registrationOf('a', {
      smsNumber: '491701234567',
      additional: { vendor: 'Acme', Ω: '' },
      bindingMode: 'UQS',
      rootPath: '/lwm2m',
      peer: { ...udpPeer('2001:db8::1', 5683), security: { kind: 'psk', identity: 'a' } },
    });
    assert.equal(await store.register(kept), undefined);
    assert.deepEqual(await store.findById(kept.id), kept);
    assert.deepEqual(await store.findByEndpoint('a'), kept);
    assert.deepEqual(await store.findByPeer(kept.peer.key), [kept]);
  });

  test('keeps peers with every kind of credentials', async () => {
    await using store = await open();
    const securities: Peer['security'][] = [
      { kind: 'none' },
      { kind: 'raw-public-key', publicKey: Uint8Array.from([0, 255]) },
      { kind: 'certificate', certificate: Uint8Array.from([1]) },
    ];
    for (const [index, security] of securities.entries()) {
      const registration = registrationOf(`n${index}`, { peer: { ...udpPeer('10.0.0.9', index), security } });
      await store.register(registration);
      assert.deepEqual((await store.findById(registration.id))?.peer, registration.peer);
    }
  });

  test('replaces the registration of the same endpoint by one act and gives it back with its observations (R-313)', async () => {
    await using store = await open();
    const first = registrationOf('a', { id: 'first' });
    const second = registrationOf('a', { id: 'second' });
    await store.register(first);
    await store.addObservation(observationOf('first', '/3/0/9'));
    const replaced = await store.register(second);
    assert.deepEqual(replaced, { registration: first, observations: [observationOf('first', '/3/0/9')] });
    assert.equal(await store.findById('first'), undefined);
    assert.deepEqual(await store.observationsOf('first'), []);
    assert.deepEqual(await store.observationsOf('second'), []);
    assert.deepEqual(await store.findByPeer(first.peer.key), [second]);
    assert.equal(await store.count(), 1);
  });

  test('exchanges what is known of a registration and leaves its observations (R-506)', async () => {
    await using store = await open();
    await store.register(registrationOf('a'));
    await store.addObservation(observationOf('id-a', '/3/0/9'));
    const changed = registrationOf('a', {
      lifetime: seconds(60),
      bindingMode: 'UQ',
      peer: udpPeer('10.0.0.3', 1),
      objects: new Map([[1, { instances: [0] }]]),
      updatedAt: after(1000),
      expiresAt: after(61_000),
    });
    assert.equal(await store.update(changed), true);
    assert.deepEqual(await store.findByEndpoint('a'), changed);
    assert.deepEqual(await store.findByPeer(changed.peer.key), [changed]);
    assert.deepEqual(await store.findByPeer(udpPeer('10.0.0.2', 40_000).key), []);
    assert.equal((await store.observationsOf('id-a')).length, 1);
  });

  test('does not exchange a registration that is not there', async () => {
    await using store = await open();
    assert.equal(await store.update(registrationOf('a')), false);
    assert.equal(await store.count(), 0);
  });

  test('takes a registration out with its observations, once (R-341)', async () => {
    await using store = await open();
    await store.register(registrationOf('a'));
    await store.addObservation(observationOf('id-a', '/3/0/9'));
    await store.addObservation(observationOf('id-a', '/3/0/13'));
    const removed = await store.remove('id-a');
    assert.deepEqual(removed?.registration, registrationOf('a'));
    assert.deepEqual(
      removed?.observations.map(({ path }) => path),
      ['/3/0/13', '/3/0/9'],
    );
    assert.equal(await store.remove('id-a'), undefined);
    assert.equal(await store.findByEndpoint('a'), undefined);
    assert.deepEqual(await store.allObservations(), []);
  });
}

function describeLifetimes({ open }: RegistrationStoreFactory): void {
  test('a touch begins the lifetime anew (R-332)', async () => {
    await using store = await open();
    const registration = registrationOf('a');
    await store.register(registration);
    assert.equal(await store.touch('id-a', registration.peer, after(1000)), 'touched');
    const touched = await store.findById('id-a');
    assert.equal(touched?.updatedAt, after(1000));
    assert.equal(touched?.expiresAt, after(301_000));
    assert.equal(touched?.registeredAt, start);
  });

  test('a touch follows the device to another address (R-332)', async () => {
    await using store = await open();
    await store.register(registrationOf('a'));
    const elsewhere = udpPeer('10.0.0.7', 7);
    assert.equal(await store.touch('id-a', elsewhere, after(1)), 'moved');
    assert.deepEqual(
      (await store.findByPeer(elsewhere.key)).map(({ id }) => id),
      ['id-a'],
    );
    assert.deepEqual(await store.findByPeer(registrationOf('a').peer.key), []);
    assert.equal(await store.countAtAddress('10.0.0.7'), 1);
    assert.equal(await store.countAtAddress('10.0.0.2'), 0);
  });

  test('a touch notes the new address of a peer that is known by something else than its address', async () => {
    await using store = await open();
    const { peer } = registrationOf('a');
    const secured: Peer = { ...peer, key: 'dtls:1', security: { kind: 'psk', identity: 'a' } };
    await store.register(registrationOf('a', { peer: secured }));
    const moved = { ...secured, address: '10.0.0.7', port: 7 };
    assert.equal(await store.touch('id-a', moved, after(1)), 'touched');
    assert.deepEqual((await store.findById('id-a'))?.peer, moved);
    assert.equal(await store.countAtAddress('10.0.0.7'), 1);
    assert.equal(await store.countAtAddress(peer.address), 0);
  });

  test('a touch does not revive what has expired or is not there (R-333, R-340)', async () => {
    await using store = await open();
    const { peer, expiresAt } = registrationOf('a');
    await store.register(registrationOf('a'));
    assert.equal(await store.touch('id-a', peer, expiresAt), 'unknown');
    assert.equal(await store.touch('id-b', peer, start), 'unknown');
  });

  test('takes out what has ended, with its observations, and nothing that was refreshed (R-340)', async () => {
    await using store = await open();
    await store.register(registrationOf('a', { lifetime: seconds(10) }));
    await store.register(registrationOf('b', { lifetime: seconds(10) }));
    await store.register(registrationOf('c', { lifetime: seconds(20) }));
    await store.addObservation(observationOf('id-b', '/3/0/9'));
    await store.touch('id-a', registrationOf('a').peer, after(5000));
    assert.deepEqual(await store.takeExpired(after(9999), 10), []);
    const taken = await store.takeExpired(after(10_000), 10);
    assert.deepEqual(
      taken.map(({ registration }) => registration.endpointName),
      ['b'],
    );
    assert.equal(taken[0]?.observations.length, 1);
    assert.equal(await store.count(), 2);
    assert.deepEqual(await store.takeExpired(after(10_000), 10), []);
  });

  test('takes out no more than it is asked for', async () => {
    await using store = await open();
    for (const name of ['a', 'b', 'c']) await store.register(registrationOf(name));
    assert.equal((await store.takeExpired(after(300_000), 2)).length, 2);
    assert.equal((await store.takeExpired(after(300_000), 2)).length, 1);
  });

  test('names the next end of a lifetime, never too late', async () => {
    await using store = await open();
    assert.equal(await store.nextExpiry(), undefined);
    await store.register(registrationOf('a', { lifetime: seconds(100) }));
    await store.register(registrationOf('b', { lifetime: seconds(10) }));
    assert.ok(((await store.nextExpiry()) ?? Infinity) <= after(10_000));
    await store.update(registrationOf('a', { lifetime: seconds(5) }));
    assert.ok(((await store.nextExpiry()) ?? Infinity) <= after(5000));
    await store.remove('id-a');
    await store.remove('id-b');
    assert.equal(await store.nextExpiry(), undefined);
  });
}

function describeQueries({ open }: RegistrationStoreFactory): void {
  test('knows several devices at one address apart', async () => {
    await using store = await open();
    const peer = udpPeer('10.0.0.2', 40_000);
    for (const name of ['a', 'b', 'c']) await store.register(registrationOf(name, { peer }));
    assert.deepEqual((await store.findByPeer(peer.key)).map(({ id }) => id).sort(), ['id-a', 'id-b', 'id-c']);
    assert.equal(await store.countAtAddress('10.0.0.2'), 3);
    await store.remove('id-b');
    assert.deepEqual((await store.findByPeer(peer.key)).map(({ id }) => id).sort(), ['id-a', 'id-c']);
    await store.remove('id-a');
    await store.remove('id-c');
    assert.deepEqual(await store.findByPeer(peer.key), []);
    assert.equal(await store.countAtAddress('10.0.0.2'), 0);
  });

  test('gives pages in the order of endpoint names, whatever comes and goes between them', async () => {
    await using store = await open();
    const names = async (after_?: string, limit = 2): Promise<string[]> =>
      (await store.page({ after: after_, limit })).map(({ endpointName }) => endpointName);
    for (const name of ['d', 'b', 'a']) await store.register(registrationOf(name));
    assert.deepEqual(await names(), ['a', 'b']);
    await store.register(registrationOf('c'));
    await store.remove('id-a');
    assert.deepEqual(await names(), ['b', 'c']);
    assert.deepEqual(await names('b'), ['c', 'd']);
    await store.register(registrationOf('a'));
    await store.register(registrationOf('B'));
    assert.deepEqual(await names(undefined, 10), ['B', 'a', 'b', 'c', 'd']);
    assert.deepEqual(await names('d'), []);
    assert.deepEqual(await names('aa', 1), ['b']);
  });

  test('gives pages of what a filter lets through', async () => {
    await using store = await open();
    for (const name of ['a1', 'b1', 'a2', 'a3']) await store.register(registrationOf(name));
    const page = await store.page({ limit: 2, filter: ({ endpointName }) => endpointName.startsWith('a') });
    assert.deepEqual(
      page.map(({ endpointName }) => endpointName),
      ['a1', 'a2'],
    );
  });

  test('finds nothing where nothing is', async () => {
    await using store = await open();
    assert.equal(await store.findById('x'), undefined);
    assert.equal(await store.findByEndpoint('x'), undefined);
    assert.deepEqual(await store.findByPeer('udp:10.0.0.1:1'), []);
    assert.deepEqual(await store.page({ limit: 5 }), []);
    assert.equal(await store.count(), 0);
  });
}

function describeObservations({ open }: RegistrationStoreFactory): void {
  test('keeps observations as they were, in the order of their paths', async () => {
    await using store = await open();
    await store.register(registrationOf('a'));
    await store.register(registrationOf('b', { peer: udpPeer('10.0.0.3', 2) }));
    await store.addObservation(observationOf('id-a', '/3/0/9'));
    await store.addObservation(observationOf('id-a', '/3/0'));
    await store.addObservation(observationOf('id-b', '/1'));
    assert.deepEqual(await store.observationsOf('id-a'), [
      observationOf('id-a', '/3/0'),
      observationOf('id-a', '/3/0/9'),
    ]);
    assert.equal((await store.allObservations()).length, 3);
  });

  test('has one observation of a path: another replaces it, and the one before is given back', async () => {
    await using store = await open();
    await store.register(registrationOf('a'));
    const first = observationOf('id-a', '/3/0/9');
    const second = { ...first, record: { ...first.record, token: Uint8Array.from([9]) } };
    assert.equal(await store.addObservation(first), undefined);
    assert.deepEqual(await store.addObservation(second), first);
    assert.deepEqual(await store.observationsOf('id-a'), [second]);
  });

  test('notes the order of the newest notification of an observation (CR-8.8)', async () => {
    await using store = await open();
    await store.register(registrationOf('a'));
    const observation = observationOf('id-a', '/3/0/9');
    await store.addObservation(observation);
    store.noteNewest('id-a', '/3/0/9', { sequence: 7, at: after(1000) });
    store.noteNewest('id-a', '/3/0/9', { sequence: 8, at: after(2000) });
    store.noteNewest('id-a', '/3/0/8', { sequence: 9, at: after(2000) });
    store.noteNewest('id-b', '/3/0/9', { sequence: 9, at: after(2000) });
    const record = { ...observation.record, newest: { sequence: 8, at: after(2000) } };
    assert.deepEqual(await store.observationsOf('id-a'), [{ ...observation, record }]);
  });

  test('takes an observation out, once', async () => {
    await using store = await open();
    await store.register(registrationOf('a'));
    await store.addObservation(observationOf('id-a', '/3/0/9'));
    assert.deepEqual(await store.removeObservation('id-a', '/3/0/9'), observationOf('id-a', '/3/0/9'));
    assert.equal(await store.removeObservation('id-a', '/3/0/9'), undefined);
    assert.equal(await store.removeObservation('id-b', '/3/0/9'), undefined);
    assert.deepEqual(await store.observationsOf('id-a'), []);
  });

  test('refuses an observation of a registration that is gone', async () => {
    await using store = await open();
    await assert.rejects(
      async () => await store.addObservation(observationOf('id-a', '/3/0/9')),
      StorageError,
    );
    assert.deepEqual(await store.allObservations(), []);
  });
}
