import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { UsageError } from '@dunlin/base';
import { Device } from '@dunlin/lwm2m';

import { objectInstances } from '@dunlin/client';

import { probeObject } from './support/probe-device.ts';
import { completeDevice, Probe } from './support/reference-device.ts';
import { text, World } from './support/world.ts';

const open = () => World.registered({ objects: [completeDevice(), probeObject()] });

describe('the values of a device, as its author sees them', () => {
  test('get and set are typed by the reference', async () => {
    const { client } = await open();
    const name: string | undefined = client.get(Device.manufacturer);
    const voltages: ReadonlyMap<number, number | bigint> | undefined = client.get(Device.powerSourceVoltage);
    assert.equal(name, 'Open Mobile Alliance');
    assert.equal(voltages?.get(1), 5000);
    client.set(Device.manufacturer, 'Acme');
    // @ts-expect-error A manufacturer is a text.
    assert.throws(() => client.set(Device.manufacturer, 5), UsageError);
    assert.equal(client.get(Device.manufacturer), 'Acme');
    assert.equal(client.get(Probe(9).level), undefined);
  });

  test('the device may set what Servers cannot', async () => {
    const world = await open();
    world.client.set(Probe(0).count, 99);
    assert.equal((await world.read('/26241/0/2', text)).text, '99');
  });

  test('a value that does not fit is a UsageError that names the Resource, and changes nothing', async () => {
    const { client } = await open();
    assert.throws(() => client.set(Probe(0).limit, 101), /26241\/0\/6 \(Limit\)/);
    assert.throws(() => client.set(Probe(0).count, 1.5), UsageError);
    assert.throws(() => client.set(Probe(9).level, 1), /does not exist/);
    assert.equal(client.get(Probe(0).limit), 50);
  });

  test('a change of several values is made whole or not at all', async () => {
    const { client } = await open();
    assert.throws(() =>
      client.change((objects) => {
        objects.set(Probe(0).label, 'new');
        objects.remove(Probe(0).flags);
        objects.set(Probe(0).limit, 101);
      }),
    );
    assert.deepEqual([client.get(Probe(0).label), client.get(Probe(0).flags)?.size], ['probe', 2]);
    client.change((objects) => {
      objects.set(Probe(0).label, 'new');
      objects.remove(Probe(0).flags);
    });
    assert.deepEqual([client.get(Probe(0).label), client.get(Probe(0).flags)], ['new', undefined]);
  });

  test('instances are created with what the template gives, and checked', async () => {
    const { client } = await open();
    client.createInstance(Probe, 8, { level: 3 });
    assert.deepEqual([client.get(Probe(8).level), client.get(Probe(8).count)], [3, 0]);
    assert.throws(() => client.createInstance(Probe, 8, { level: 3 }), /exists/);
    assert.throws(() => client.createInstance(Probe, 9, {}), /mandatory/);
    assert.throws(() => client.createInstance(Probe, 65_535, { level: 3 }), UsageError);
    client.deleteInstance(Probe(8).path);
    assert.throws(() => client.deleteInstance(Probe(8).path), /does not exist/);
    assert.deepEqual(client.objects.instanceIds(26_241), [0, 3]);
  });

  test('a listener may use the client while it is told', async () => {
    const world = await open();
    world.client.updated.subscribe(() => world.client.set(Probe(0).label, 'told'));
    world.client.update();
    await world.pass(1);
    assert.equal(world.client.get(Probe(0).label), 'told');
  });
});

test('a handler may change values while it runs: the answer goes first, then the notification', async () => {
  const run = (): void => {
    world.client.set(Probe(0).label, 'ran');
    world.client.update();
  };
  const probe = objectInstances(Probe, { 0: { level: 0, count: 0, label: 'idle', run } });
  const world: World = await World.registered({ objects: [completeDevice(), probe] });
  const watch = await world.observe('/26241/0/1', text);
  const sent: number[] = [];
  world.network.watch(({ from, datagram }) => {
    if (from.address === '192.0.2.7') sent.push(datagram[1] ?? 0);
  });
  assert.equal((await world.execute('/26241/0/4')).code, '2.04');
  await world.pass(1);
  assert.deepEqual(
    watch.notifications.map((notification) => notification.text),
    ['idle', 'ran'],
  );
  assert.equal(sent[0], 0x44);
  assert.deepEqual(world.server.lines, ['POST /rd', 'POST /rd/1']);
});

describe('what a client remembers', () => {
  test('the sizes count observations and attributes, and go back to nothing', async () => {
    const world = await open();
    await world.observe('/26241/0/1');
    await world.writeAttributes('/26241/0/1', 'pmin=1');
    assert.deepEqual([world.client.sizes.observations, world.client.sizes.attributePaths], [1, 1]);
    world.client.restart();
    await world.pass(400);
    assert.deepEqual([world.client.sizes.observations, world.client.sizes.pendingOutputs], [0, 0]);
  });
});
