import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { addDuration, type Instant, instantFrom, milliseconds, seconds } from '@dunlin/base';
import { ContentFormat } from '@dunlin/coap';
import { pathOf, type ResourceContent, rootPath } from '@dunlin/lwm2m';
import type {
  DesiredItem,
  DeviceStore,
  DeviceStoreLimits,
  KnownValue,
  NewOperation,
  OperationRequest,
  OperationState,
  QueuedOperation,
} from '@dunlin/server';

import { describeFirmwareUpdates, firmwareUpdateOf } from './firmware-update-records.ts';

/** The hour at which everything in these tests begins. */
export const start: Instant = instantFrom(Date.UTC(2030, 0, 1));

/** So many milliseconds after the start. */
export function after(duration: number): Instant {
  return addDuration(start, milliseconds(duration));
}

const hour = 3_600_000;

/** An operation as a server would keep it. */
export function operationOf(
  endpointName: string,
  request: OperationRequest = { name: 'read', path: pathOf(3, 0, 0) },
  expiresAt: Instant = after(hour),
): NewOperation {
  return { endpointName, request, queuedAt: start, expiresAt };
}

/** A value of one Resource. */
export function valueOf(path: string, value: number | string, more: Partial<KnownValue> = {}): KnownValue {
  const type = typeof value === 'string' ? 'string' : 'integer';
  return { path, resource: { kind: 'single', type, value }, origin: 'read', knownAt: start, ...more };
}

/** How the tests get a store of the kind under test. */
export interface DeviceStoreFactory {
  /** An empty store. */
  readonly open: (limits?: Partial<DeviceStoreLimits>) => Promise<DeviceStore>;
}

/** What every `DeviceStore` does. */
export function deviceStoreContract(name: string, factory: DeviceStoreFactory): void {
  describe(`${name} as a DeviceStore`, () => {
    describeDevices(factory);
    describeOperations(factory);
    describeExpiry(factory);
    describeDesired(factory);
    describeFirmwareUpdates(factory);
    describeValues(factory);
  });
}

/** One request of every kind, with everything that a request may say. */
export const everyRequest: readonly OperationRequest[] = [
  { name: 'read', path: pathOf(3) },
  { name: 'read', path: pathOf(3, 0, 9), format: ContentFormat.json },
  { name: 'discover', path: pathOf(3, 0) },
  {
    name: 'write-replace',
    path: pathOf(3, 0, 14),
    content: { kind: 'resource', resource: { kind: 'single', type: 'string', value: '+01:00 "Ω"' } },
  },
  {
    name: 'write-update',
    path: pathOf(1, 0),
    content: {
      kind: 'object-instance',
      resources: new Map<number, ResourceContent>([
        [1, { kind: 'single', type: 'integer', value: 2n ** 60n }],
        [9, { kind: 'multiple', type: 'opaque', values: new Map([[7, Uint8Array.of(0, 255)]]) }],
      ]),
    },
    format: ContentFormat.tlv,
  },
  {
    name: 'create',
    path: pathOf(3303),
    content: { kind: 'object', instances: new Map([[4, new Map()]]) },
  },
  { name: 'write-attributes', path: pathOf(3, 0, 9), change: { pmin: seconds(5), pmax: null, gt: 1.5 } },
  { name: 'execute', path: pathOf(3, 0, 4), arguments: "0='on',1" },
  { name: 'delete', path: pathOf(3303, 4) },
];

const everyFinalState: readonly OperationState[] = [
  {
    kind: 'done',
    at: after(1),
    result: {
      kind: 'content',
      content: { kind: 'resource', resource: { kind: 'single', type: 'float', value: 0.5 } },
    },
  },
  {
    kind: 'done',
    at: after(1),
    result: {
      kind: 'links',
      links: [
        { path: pathOf(3), version: '1.1', attributes: { pmin: seconds(1), pmax: seconds(9) } },
        { path: pathOf(3, 0, 6), dimension: 2, attributes: {} },
      ],
    },
  },
  { kind: 'done', at: after(1), result: { kind: 'created', path: pathOf(3303, 4) } },
  { kind: 'done', at: after(1), result: { kind: 'done' } },
  { kind: 'done', at: after(1), result: { kind: 'too-long', length: 100_000 } },
  {
    kind: 'failed',
    at: after(2),
    failure: { reason: 'refused', message: 'a refused it', coapCode: '4.05', diagnostic: 'not this one' },
  },
  { kind: 'failed', at: after(2), failure: { reason: 'outcome-unknown', message: 'a may have done it' } },
  { kind: 'expired', at: after(3) },
  { kind: 'cancelled', at: after(3) },
];

function describeDevices({ open }: DeviceStoreFactory): void {
  test('knows a device from when it was last seen, or has anything of its own', async () => {
    await using store = await open();
    assert.equal(await store.findDevice('a'), undefined);
    await store.remember('a', start);
    await store.remember('a', after(5));
    assert.deepEqual(await store.findDevice('a'), { endpointName: 'a', lastSeen: after(5) });
    await store.addOperation(operationOf('b'));
    assert.deepEqual(await store.findDevice('b'), { endpointName: 'b' });
    await store.putDesired('c', { kind: 'observation', path: '/3/0/9', since: start });
    assert.deepEqual(await store.findDevice('c'), { endpointName: 'c' });
    await store.putValues('d', [valueOf('/3/0/9', 1)]);
    assert.deepEqual(await store.findDevice('d'), { endpointName: 'd' });
  });

  test('keeps awake windows of single devices (R-804)', async () => {
    await using store = await open();
    await store.setAwakeWindow('a', milliseconds(20_000));
    await store.setAwakeWindow('b', milliseconds(1500));
    await store.setAwakeWindow('b', undefined);
    await store.setAwakeWindow('stranger', undefined);
    await store.remember('a', start);
    assert.deepEqual(await store.awakeWindows(), new Map([['a', 20_000]]));
    assert.deepEqual(await store.findDevice('a'), {
      endpointName: 'a',
      lastSeen: start,
      awakeWindow: 20_000,
    });
    assert.equal(await store.findDevice('stranger'), undefined);
  });

  test('forgets all that is kept of a device, and nothing of others', async () => {
    await using store = await open();
    for (const name of ['a', 'b']) {
      await store.remember(name, start);
      await store.setAwakeWindow(name, milliseconds(1));
      await store.addOperation(operationOf(name));
      await store.putDesired(name, { kind: 'observation', path: '/3/0/9', since: start });
      await store.putValues(name, [valueOf('/3/0/9', 1)]);
    }
    assert.equal(await store.forget('a'), true);
    assert.equal(await store.forget('a'), false);
    assert.equal(await store.findDevice('a'), undefined);
    assert.deepEqual(await store.operationsOf('a', { limit: 9 }), []);
    assert.deepEqual(await store.desiredOf('a'), []);
    assert.deepEqual(await store.valuesOf('a', rootPath), []);
    assert.deepEqual(await store.endpointsWithOpenOperations(), ['b']);
    assert.deepEqual(await store.endpointsWithDesired(), ['b']);
    assert.deepEqual(await store.awakeWindows(), new Map([['b', 1]]));
    assert.deepEqual(
      (await store.expireOperations(after(hour), 9)).map(({ endpointName }) => endpointName),
      ['b'],
    );
  });

  test('takes any endpoint name for what it is', async () => {
    await using store = await open();
    const names = ["'; DROP TABLE device; --", 'urn:dev:ops:32473-a/b', '%_', 'Ω"\u0000x', '__proto__'];
    for (const name of names) {
      await store.remember(name, start);
      await store.addOperation(operationOf(name));
    }
    for (const name of names) {
      assert.deepEqual(await store.findDevice(name), { endpointName: name, lastSeen: start });
      assert.equal((await store.operationsOf(name, { limit: 9 })).length, 1);
    }
  });

  test('makes room by forgetting those seen longest ago, but none of which something is to be done', async () => {
    await using store = await open({ knownDevices: 4 });
    await store.remember('wished', start);
    await store.putDesired('wished', { kind: 'observation', path: '/3', since: start });
    await store.remember('asked', after(1));
    await store.addOperation(operationOf('asked'));
    await store.remember('updated', after(1));
    await store.putFirmwareUpdate(firmwareUpdateOf('updated'));
    await store.remember('old', after(2));
    await store.putFirmwareUpdate(firmwareUpdateOf('old', { state: { kind: 'cancelled', at: start } }));
    await store.remember('new', after(3));
    // Whoever asks for the values of a device has what waits to be written of it written.
    for (const name of ['old', 'new']) await store.valuesOf(name, rootPath);
    assert.equal(await store.findDevice('old'), undefined);
    for (const name of ['wished', 'asked', 'updated', 'new']) assert.ok(await store.findDevice(name), name);
  });
}

function describeOperations({ open }: DeviceStoreFactory): void {
  test('keeps requests of every kind, numbered for each device', async () => {
    await using store = await open();
    const kept: QueuedOperation[] = [];
    for (const request of everyRequest) kept.push(await store.addOperation(operationOf('a', request)));
    assert.equal((await store.addOperation(operationOf('b'))).id, 1);
    for (const [index, request] of everyRequest.entries()) {
      const expected: QueuedOperation = {
        ...operationOf('a', request),
        id: index + 1,
        attempts: 0,
        state: { kind: 'waiting' },
      };
      assert.deepEqual(kept[index], expected);
      assert.deepEqual(await store.findOperation('a', index + 1), expected);
    }
    assert.deepEqual(await store.operationsOf('a', { limit: 99 }), kept);
    assert.equal(await store.findOperation('a', 99), undefined);
    assert.equal(await store.findOperation('nobody', 1), undefined);
  });

  test('keeps final states of every kind', async () => {
    await using store = await open();
    for (const state of everyFinalState) {
      const { id } = await store.addOperation(operationOf('a'));
      const changed = await store.changeOperation('a', id, { from: 'waiting', to: state });
      assert.deepEqual(changed?.state, state);
      assert.deepEqual((await store.findOperation('a', id))?.state, state);
    }
    assert.deepEqual(await store.endpointsWithOpenOperations(), []);
  });

  test('changes an operation only when it is in the state that is meant', async () => {
    await using store = await open();
    await store.addOperation(operationOf('a'));
    const sent: OperationState = { kind: 'sent', at: after(1) };
    assert.equal(
      (await store.changeOperation('a', 1, { from: 'waiting', to: sent, attempts: 1 }))?.attempts,
      1,
    );
    const cancelled: OperationState = { kind: 'cancelled', at: after(2) };
    assert.equal(await store.changeOperation('a', 1, { from: 'waiting', to: cancelled }), undefined);
    assert.deepEqual(await store.findOperation('a', 1), {
      ...operationOf('a'),
      id: 1,
      attempts: 1,
      state: sent,
    });
    assert.equal(await store.changeOperation('a', 2, { from: 'waiting', to: cancelled }), undefined);
    const back = await store.changeOperation('a', 1, { from: 'sent', to: { kind: 'waiting' } });
    assert.equal(back?.attempts, 1);
  });

  test('names the devices with open operations, and what is sent', async () => {
    await using store = await open();
    for (const name of ['a', 'b', 'c', 'c']) await store.addOperation(operationOf(name));
    await store.changeOperation('b', 1, { from: 'waiting', to: { kind: 'sent', at: start } });
    await store.changeOperation('a', 1, { from: 'waiting', to: { kind: 'cancelled', at: start } });
    assert.deepEqual([...(await store.endpointsWithOpenOperations())].sort(), ['b', 'c']);
    assert.deepEqual(
      (await store.sentOperations()).map(({ endpointName, id }) => [endpointName, id]),
      [['b', 1]],
    );
  });

  test('pages the operations of a device by id and state', async () => {
    await using store = await open();
    for (let count = 0; count < 5; count += 1) await store.addOperation(operationOf('a'));
    await store.changeOperation('a', 3, { from: 'waiting', to: { kind: 'cancelled', at: start } });
    const ids = async (page: Parameters<DeviceStore['operationsOf']>[1]): Promise<readonly number[]> =>
      (await store.operationsOf('a', page)).map(({ id }) => id);
    assert.deepEqual(await ids({ limit: 2 }), [1, 2]);
    assert.deepEqual(await ids({ limit: 2, after: 2 }), [3, 4]);
    assert.deepEqual(await ids({ limit: 9, states: new Set(['waiting']) }), [1, 2, 4, 5]);
    assert.deepEqual(await ids({ limit: 9, after: 1, states: new Set(['cancelled', 'done']) }), [3]);
    assert.deepEqual(await ids({ limit: 9, states: new Set() }), []);
  });

  test('takes out finished operations only, and never gives an id twice', async () => {
    await using store = await open();
    await store.addOperation(operationOf('a'));
    await store.addOperation(operationOf('a'));
    assert.equal(await store.removeOperation('a', 2), false);
    await store.changeOperation('a', 2, { from: 'waiting', to: { kind: 'cancelled', at: start } });
    assert.equal(await store.removeOperation('a', 2), true);
    assert.equal(await store.removeOperation('a', 2), false);
    assert.equal((await store.addOperation(operationOf('a'))).id, 3);
  });

  test('trims the oldest finished operations and leaves open ones', async () => {
    await using store = await open();
    for (let count = 0; count < 6; count += 1) await store.addOperation(operationOf('a'));
    for (const id of [2, 3, 4, 6])
      await store.changeOperation('a', id, { from: 'waiting', to: { kind: 'cancelled', at: start } });
    await store.trimOperations('a', 2);
    await store.trimOperations('nobody', 2);
    const left = await store.operationsOf('a', { limit: 9 });
    assert.deepEqual(
      left.map(({ id }) => id),
      [1, 4, 5, 6],
    );
  });
}

function describeExpiry({ open }: DeviceStoreFactory): void {
  test('lets waiting operations expire when their time is over, and no others', async () => {
    await using store = await open();
    await store.addOperation(operationOf('a', undefined, after(1000)));
    await store.addOperation(operationOf('a', undefined, after(3000)));
    await store.addOperation(operationOf('b', undefined, after(2000)));
    await store.addOperation(operationOf('c', undefined, after(500)));
    await store.changeOperation('c', 1, { from: 'waiting', to: { kind: 'sent', at: start } });
    assert.equal(await store.nextOperationExpiry(), after(1000));
    assert.deepEqual(await store.expireOperations(after(999), 9), []);
    const expired = await store.expireOperations(after(2000), 9);
    assert.deepEqual(
      expired.map(({ endpointName, id, state }) => [endpointName, id, state]),
      [
        ['a', 1, { kind: 'expired', at: after(2000) }],
        ['b', 1, { kind: 'expired', at: after(2000) }],
      ],
    );
    assert.deepEqual(await store.findOperation('a', 1), expired[0]);
    assert.equal(await store.nextOperationExpiry(), after(3000));
  });

  test('lets an operation expire that went back to waiting', async () => {
    await using store = await open();
    await store.addOperation(operationOf('a', undefined, after(1000)));
    await store.changeOperation('a', 1, { from: 'waiting', to: { kind: 'sent', at: start } });
    assert.equal(await store.nextOperationExpiry(), undefined);
    await store.changeOperation('a', 1, { from: 'sent', to: { kind: 'waiting' } });
    assert.equal(await store.nextOperationExpiry(), after(1000));
    assert.equal((await store.expireOperations(after(1000), 9)).length, 1);
  });

  test('takes no more at once than it is asked for', async () => {
    await using store = await open();
    for (let count = 0; count < 5; count += 1)
      await store.addOperation(operationOf('a', undefined, after(1000 - count)));
    assert.deepEqual(
      (await store.expireOperations(after(1000), 2)).map(({ id }) => id),
      [5, 4],
    );
    assert.equal((await store.expireOperations(after(1000), 9)).length, 3);
    assert.equal(await store.nextOperationExpiry(), undefined);
  });
}

function describeDesired({ open }: DeviceStoreFactory): void {
  const items: readonly DesiredItem[] = [
    {
      kind: 'attributes',
      path: '/3/0/9',
      since: start,
      change: { pmin: seconds(5), gt: -0.5, lt: null },
      outcome: { kind: 'failed', registrationId: 'r', at: after(1), reason: 'no answer' },
    },
    {
      kind: 'observation',
      path: '/3/0/9',
      since: start,
      format: ContentFormat.tlv,
      outcome: { kind: 'refused', registrationId: 'r', at: after(2), reason: 'no', coapCode: '4.04' },
    },
    {
      kind: 'observation',
      path: '/3/0/13',
      since: after(1),
      outcome: { kind: 'established', registrationId: 'r', at: after(2) },
    },
    { kind: 'observation', path: '/10/0', since: after(1) },
  ];

  test('keeps wishes by path in numeric order, attributes before the observation', async () => {
    await using store = await open();
    for (const item of [...items].reverse()) await store.putDesired('a', item);
    assert.deepEqual(await store.desiredOf('a'), items);
    assert.deepEqual(await store.desiredOf('b'), []);
    assert.deepEqual(await store.endpointsWithDesired(), ['a']);
  });

  test('replaces the wish of the same kind and path, and takes wishes out', async () => {
    await using store = await open();
    for (const item of items) await store.putDesired('a', item);
    await store.putDesired('a', { kind: 'observation', path: '/3/0/9', since: after(7) });
    assert.deepEqual((await store.desiredOf('a'))[1], {
      kind: 'observation',
      path: '/3/0/9',
      since: after(7),
    });
    assert.equal(await store.removeDesired('a', 'observation', '/3/0/9'), true);
    assert.equal(await store.removeDesired('a', 'observation', '/3/0/9'), false);
    assert.equal((await store.desiredOf('a'))[0]?.kind, 'attributes');
    for (const { kind, path } of items) await store.removeDesired('a', kind, path);
    assert.deepEqual(await store.endpointsWithDesired(), []);
  });
}

function describeValues({ open }: DeviceStoreFactory): void {
  test('keeps the last values with time and origin, of a path and below it in numeric order', async () => {
    await using store = await open();
    const values: readonly KnownValue[] = [
      valueOf('/3/0/9', 80, { origin: 'notified', measuredAt: after(-5000), knownAt: after(1) }),
      {
        path: '/3/0/11',
        resource: { kind: 'multiple', type: 'integer', values: new Map([[0, 2n ** 60n]]) },
        origin: 'written',
        knownAt: after(2),
      },
      valueOf('/3/1/9', 1),
      valueOf('/33/0/1', 2),
    ];
    await store.putValues('a', [...values].reverse());
    assert.deepEqual(await store.valuesOf('a', rootPath), values);
    assert.deepEqual(await store.valuesOf('a', pathOf(3)), values.slice(0, 3));
    assert.deepEqual(await store.valuesOf('a', pathOf(3, 0)), values.slice(0, 2));
    assert.deepEqual(await store.valuesOf('a', pathOf(3, 0, 9)), values.slice(0, 1));
    assert.deepEqual(await store.valuesOf('a', pathOf(5)), []);
    assert.deepEqual(await store.valuesOf('b', rootPath), []);
  });

  test('replaces the value of the same path', async () => {
    await using store = await open();
    await store.putValues('a', [valueOf('/3/0/9', 80)]);
    await store.putValues('a', [valueOf('/3/0/9', 79, { knownAt: after(1), origin: 'written' })]);
    assert.deepEqual(await store.valuesOf('a', rootPath), [
      valueOf('/3/0/9', 79, { knownAt: after(1), origin: 'written' }),
    ]);
  });

  test('forgets the values at and below a path', async () => {
    await using store = await open();
    await store.putValues(
      'a',
      ['/3/0/9', '/3/0/91', '/3/1/9', '/30/0/9'].map((path) => valueOf(path, 1)),
    );
    await store.removeValues('a', pathOf(3, 0, 9));
    await store.removeValues('a', pathOf(3, 1));
    await store.removeValues('b', pathOf(3));
    const left = await store.valuesOf('a', rootPath);
    assert.deepEqual(
      left.map(({ path }) => path),
      ['/3/0/91', '/30/0/9'],
    );
  });

  test('keeps so many values of a device, those heard of last, and none that is too long', async () => {
    await using store = await open({ valuesPerDevice: 2, valueLength: 10 });
    await store.putValues('a', [valueOf('/3/0/1', 1), valueOf('/3/0/2', 2)]);
    await store.putValues('a', [valueOf('/3/0/1', 3, { knownAt: after(1) })]);
    await store.putValues('a', [valueOf('/3/0/3', 4, { knownAt: after(2) })]);
    await store.putValues('a', [valueOf('/3/0/4', 'x'.repeat(11), { knownAt: after(3) })]);
    const left = await store.valuesOf('a', rootPath);
    assert.deepEqual(
      left.map(({ path }) => path),
      ['/3/0/1', '/3/0/3'],
    );
  });
}
