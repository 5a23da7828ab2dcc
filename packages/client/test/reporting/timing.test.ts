import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { Device } from '@dunlin/lwm2m';

import { completeDevice, Probe } from '../support/reference-device.ts';
import { probeObject } from '../support/probe-device.ts';
import type { Watch } from '../support/scripted-server.ts';
import { bytes, lifetime, serverUri, text, tlv, World } from '../support/world.ts';

const open = (periods: { readonly pmin?: number; readonly pmax?: number } = {}) =>
  World.registered({
    objects: [completeDevice(), probeObject()],
    servers: [
      {
        uri: serverUri,
        shortServerId: 101,
        ...(periods.pmin !== undefined && { defaultMinimumPeriod: lifetime(periods.pmin) }),
        ...(periods.pmax !== undefined && { defaultMaximumPeriod: lifetime(periods.pmax) }),
      },
    ],
  });
const texts = (watch: Watch) => watch.notifications.map((notification) => notification.text);

describe('pmin and pmax (1.0 §5.1.2)', () => {
  test('a change within pmin is reported when pmin ends, with the value of that time (R-530)', async () => {
    const world = await open();
    await world.writeAttributes('/26241/0/6', 'pmin=10');
    const watch = await world.observe('/26241/0/6', text);
    await world.pass(2);
    world.client.set(Probe(0).limit, 1);
    await world.pass(2);
    world.client.set(Probe(0).limit, 2);
    await world.pass(30);
    assert.deepEqual(world.times(watch), [0, 10]);
    assert.deepEqual(texts(watch), ['50', '2']);
  });

  test('without a change one goes out each pmax, whatever gt, lt and st say (R-531)', async () => {
    const world = await open();
    await world.writeAttributes('/26241/0/6', 'pmax=20', 'gt=90');
    const watch = await world.observe('/26241/0/6');
    await world.pass(65);
    assert.deepEqual(world.times(watch), [0, 20, 40, 60]);
  });

  test('without pmax there is no periodic notification; a pmax of 0 or below pmin counts as none (R-531)', async () => {
    for (const query of [[], ['pmax=0'], ['pmin=10', 'pmax=5']]) {
      const world = await open();
      if (query.length > 0) await world.writeAttributes('/26241/0/6', ...query);
      const watch = await world.observe('/26241/0/6');
      await world.pass(200);
      assert.equal(watch.notifications.length, 1, query.join('&'));
    }
  });

  test('pmin=10, pmax=60, changes at 5 s and 50 s: notifications at 10 s, 50 s and 110 s (R-538, R-532)', async () => {
    const world = await open();
    await world.writeAttributes('/26241/0/6', 'pmin=10', 'pmax=60');
    const watch = await world.observe('/26241/0/6');
    await world.pass(5);
    world.client.set(Probe(0).limit, 1);
    await world.pass(45);
    world.client.set(Probe(0).limit, 2);
    await world.pass(65);
    assert.deepEqual(world.times(watch), [0, 10, 50, 110]);
  });

  test('pmin equal to pmax: one each period', async () => {
    const world = await open();
    await world.writeAttributes('/26241/0/6', 'pmin=5', 'pmax=5');
    const watch = await world.observe('/26241/0/6');
    world.client.set(Probe(0).limit, 1);
    await world.pass(12);
    assert.deepEqual(world.times(watch), [0, 5, 10]);
  });

  test('the defaults of the Server instance count where no attribute does (R-521, R-522)', async () => {
    const world = await open({ pmin: 2, pmax: 8 });
    const watch = await world.observe('/26241/0/6');
    world.client.set(Probe(0).limit, 1);
    await world.pass(11);
    assert.deepEqual(world.times(watch), [0, 2, 10]);
  });

  test('X-IR-2: Resource before instance before Object before default, each attribute on its own (R-521)', async () => {
    const world = await open({ pmin: 1, pmax: 100 });
    await world.writeAttributes('/26241', 'pmax=50', 'pmin=30');
    await world.writeAttributes('/26241/0', 'pmax=20');
    await world.writeAttributes('/26241/0/6', 'pmin=3');
    const watch = await world.observe('/26241/0/6');
    world.client.set(Probe(0).limit, 1);
    await world.pass(24);
    assert.deepEqual(world.times(watch), [0, 3, 23]);
  });

  test('an observation of an instance has the periods of that level (R-523)', async () => {
    const world = await open();
    await world.writeAttributes('/26241', 'pmax=10');
    await world.writeAttributes('/26241/0/6', 'pmax=3');
    const watch = await world.observe('/26241/0');
    await world.pass(25);
    assert.deepEqual(world.times(watch), [0, 10, 20]);
  });

  test('attributes count at once for what is observed already (R-456)', async () => {
    const world = await open();
    const watch = await world.observe('/26241/0/6');
    await world.pass(10);
    await world.writeAttributes('/26241/0/6', 'pmax=30');
    await world.pass(25);
    assert.deepEqual(world.times(watch), [0, 30]);
    await world.writeAttributes('/26241', 'pmin=40');
    await world.writeAttributes('/26241/0/6', 'pmax');
    world.client.set(Probe(0).limit, 1);
    await world.pass(60);
    assert.deepEqual(world.times(watch), [0, 30, 70]);
  });

  test('the default periods may be written while observing (R-522)', async () => {
    const world = await open();
    const watch = await world.observe('/26241/0/6');
    assert.equal((await world.put('/1/0/3', text, bytes('15'))).code, '2.04');
    await world.pass(31);
    assert.deepEqual(world.times(watch), [0, 15, 30]);
  });

  test('the content of a notification stays fresh until the next one is due (CR-8.15)', async () => {
    const world = await open();
    await world.writeAttributes('/26241/0/6', 'pmax=300');
    const watch = await world.observe('/26241/0/6', tlv);
    world.client.set(Probe(0).limit, 1);
    await world.pass(1);
    assert.deepEqual(
      watch.notifications.map(({ maxAge }) => maxAge),
      [300, 300],
    );
  });
});

const notified = async (attributes: readonly string[], values: readonly number[]) => {
  const [first = 0, ...others] = values;
  const world = await open();
  world.client.set(Probe(0).level, first);
  await world.writeAttributes('/26241/0/0', ...attributes);
  const watch = await world.observe('/26241/0/0', text);
  for (const value of others) {
    world.client.set(Probe(0).level, value);
    await world.pass(1);
  }
  return texts(watch).slice(1).map(Number);
};

describe('gt, lt and st (1.0 §5.1.2)', () => {
  for (const [attributes, values, expected] of [
    [['gt=45', 'st=10'], [20, 35], [35]],
    [['gt=45', 'st=10'], [45, 50], [50]],
    [['gt=45', 'st=10'], [50, 40], [40]],
    [['gt=45', 'st=10'], [35, 20], [20]],
    [['lt=20', 'gt=85', 'st=10'], [17, 24], [24]],
    [['lt=20', 'gt=85', 'st=10'], [75, 90], [90]],
    [['lt=20', 'gt=85', 'st=10'], [50, 10], [10]],
    [['lt=20', 'gt=85', 'st=10'], [87, 99], [99]],
    [['gt=45'], [20, 45, 46, 50, 45, 44], [46, 44]],
    [['lt=20'], [30, 20, 19, 10, 20, 21], [19, 21]],
    [['st=5'], [0, 4, 8, 3], [8, 3]],
  ] as const) {
    test(`X-IR-1: ${attributes.join('&')}: ${values.join(' → ')} notifies ${expected.join(', ')} (R-533 to R-537)`, async () => {
      assert.deepEqual(await notified(attributes, values), expected);
    });
  }

  test('with a condition a plain change is not reported, and pmin still holds (R-533, R-536)', async () => {
    const world = await open();
    await world.writeAttributes('/26241/0/6', 'gt=60', 'pmin=10');
    const watch = await world.observe('/26241/0/6', text);
    world.client.set(Probe(0).limit, 55);
    await world.pass(20);
    assert.equal(watch.notifications.length, 1);
    world.client.set(Probe(0).limit, 65);
    await world.pass(1);
    world.client.set(Probe(0).limit, 70);
    await world.pass(20);
    assert.deepEqual(texts(watch), ['50', '65']);
  });

  test('conditions on a Resource filter its changes for an observation above it (R-523)', async () => {
    const world = await open();
    await world.writeAttributes('/26241/0/6', 'gt=60');
    const instance = await world.observe('/26241/0');
    const object = await world.observe('/26241');
    world.client.set(Probe(0).limit, 55);
    await world.pass(1);
    assert.deepEqual([instance.notifications.length, object.notifications.length], [1, 1]);
    world.client.set(Probe(0).label, 'x');
    await world.pass(1);
    assert.deepEqual([instance.notifications.length, object.notifications.length], [2, 2]);
    world.client.set(Probe(0).limit, 65);
    await world.pass(1);
    assert.deepEqual([instance.notifications.length, object.notifications.length], [3, 3]);
  });

  test('each Resource Instance of a Multiple Resource is judged on its own (R-540)', async () => {
    const world = await open();
    await world.writeAttributes('/3/0/7', 'gt=4500');
    const watch = await world.observe('/3/0/7');
    world.client.set(
      Device.powerSourceVoltage,
      new Map([
        [0, 3900],
        [1, 5100],
      ]),
    );
    await world.pass(1);
    assert.equal(watch.notifications.length, 1);
    world.client.set(
      Device.powerSourceVoltage,
      new Map([
        [0, 4600],
        [1, 5100],
      ]),
    );
    await world.pass(1);
    assert.equal(watch.notifications.length, 2);
  });
});
