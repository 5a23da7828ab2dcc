import assert from 'node:assert/strict';

import { reportLocation } from '@dunlin/client';
import { ConnectivityMonitoring, Device } from '@dunlin/lwm2m';

import { type EnablerCase, runCases } from './support/cases.ts';
import { connected, counting, located, powered } from './support/configurations.ts';
import type { EnablerWorld } from './support/enabler-world.ts';
import type { Watch } from './support/manager.ts';
import { expectCode, expectPeriods, instanceOf, text, utf8, valueIn } from './support/verdicts.ts';

/** Sets the voltage and the current of the first power source, as a battery that runs down. */
function drain(world: EnablerWorld, level: number): void {
  world.client.change((objects) => {
    objects.set(Device.powerSourceVoltage, new Map([[0, 3800 - level]]));
    objects.set(Device.powerSourceCurrent, new Map([[0, 125 + level]]));
  });
}

/** Observes voltage and current with the periods of int-301. */
async function observePower(world: EnablerWorld): Promise<readonly [voltage: Watch, current: Watch]> {
  expectCode(await world.writeAttributes('/3/0/7', 'pmin=5', 'pmax=15'), '2.04');
  expectCode(await world.writeAttributes('/3/0/8', 'pmin=10', 'pmax=20'), '2.04');
  return [await world.observe('/3/0/7'), await world.observe('/3/0/8')];
}

/** Cancels one observation after the other; the other goes on until its turn. */
async function cancelInTurn(world: EnablerWorld, way: 'active' | 'passive'): Promise<void> {
  const [voltage, current] = await observePower(world);
  await world.pass(30);
  await world.cancel(voltage, way);
  drain(world, 1);
  await world.pass(25);
  const told = [voltage.notified.length, current.notified.length];
  drain(world, 2);
  await world.pass(45);
  assert.equal(voltage.notified.length, told[0], 'no notification of the voltage');
  assert.ok(current.notified.length > (told[1] ?? 0), 'the current goes on');
  await world.cancel(current, way);
  drain(world, 3);
  await world.pass(25);
  const sent = notificationsSent(world);
  drain(world, 4);
  await world.pass(60);
  assert.equal(notificationsSent(world), sent, 'the device is silent');
}

/** Notifications that the device sent, repetitions not counted. */
function notificationsSent(world: EnablerWorld): number {
  return world.asked.reduce(
    (sum, { responses }) => sum + responses.filter(({ observe }) => observe !== undefined).length,
    0,
  );
}

const rest: EnablerCase['run'] = async (world) => {
  const [voltage, current] = await observePower(world);
  for (let minute = 0; minute < 3; minute += 1) {
    drain(world, minute);
    await world.pass(7);
    drain(world, minute + 10);
    await world.pass(53);
  }
  assert.ok(voltage.notified.length > 180 / 15 - 1 && current.notified.length > 180 / 20 - 1);
  expectPeriods(voltage.notified, 5, 15);
  expectPeriods(current.notified, 10, 20);
};

const cases: readonly EnablerCase[] = [
  {
    name: '1.0-int-301: notifies each observed Resource within its own pmin and pmax',
    configuration: powered,
    run: async (world) => {
      expectCode(await world.read('/3/0/6'), '2.05');
      await rest(world);
      const first = world.asked.find(({ observe }) => observe === 0)?.responses[0];
      assert.deepEqual([first?.code, first?.observe !== undefined], ['2.05', true]);
    },
  },
  {
    name: '1.0-int-301: does so with confirmable notifications too',
    configuration: powered,
    notifications: 'confirmable',
    run: rest,
  },
  {
    name: '1.0-int-302: ends an observation when a non-confirmable notification is answered with Reset (X-IR-3)',
    configuration: powered,
    notifications: 'non-confirmable',
    run: async (world) => {
      await cancelInTurn(world, 'passive');
      assert.equal(world.wire.resets.length, 2, 'one Reset each');
    },
  },
  {
    name: '1.0-int-302: ends an observation when a confirmable notification is answered with Reset',
    configuration: powered,
    notifications: 'confirmable',
    run: async (world) => {
      await cancelInTurn(world, 'passive');
      assert.equal(world.wire.resets.length, 2, 'one Reset each');
    },
  },
  {
    name: '1.0-int-303: ends an observation by GET with Observe 1, answered with 2.05 without Observe',
    configuration: powered,
    run: async (world) => {
      await cancelInTurn(world, 'active');
      const cancels = world.asked.filter(({ observe }) => observe === 1);
      assert.deepEqual(
        cancels.map(({ line }) => line),
        ['GET /3/0/7', 'GET /3/0/8'],
      );
      for (const { token, line, responses } of cancels) {
        assert.deepEqual([responses[0]?.code, responses[0]?.observe], ['2.05', undefined]);
        const begun = world.asked.find((each) => each.line === line && each.observe === 0);
        assert.equal(token, begun?.token, 'with the token of the observation');
      }
    },
  },
  {
    name: '1.0-int-701: reads the Connectivity Monitoring Object',
    configuration: connected,
    run: async (world) => {
      const values = instanceOf(await world.read('/4/0'));
      assert.deepEqual(
        { ...values },
        {
          0: 0,
          1: { 0: 0 },
          2: 92,
          3: 2,
          4: { 0: '192.168.0.100' },
          5: { 0: '192.168.1.1' },
          6: 5,
          7: { 0: 'internet' },
        },
      );
    },
  },
  {
    name: '1.0-int-710: notifies the Connectivity Monitoring Object within pmin and pmax',
    configuration: connected,
    run: async (world) => {
      expectCode(await world.writeAttributes('/4/0', 'pmin=2', 'pmax=10'), '2.04');
      const watch = await world.observe('/4/0');
      for (let strength = 91; strength > 60; strength -= 1) {
        world.client.set(ConnectivityMonitoring.radioSignalStrength, strength);
        await world.pass(1.5);
      }
      await world.pass(30);
      assert.ok(watch.notified.length > 20);
      expectPeriods(watch.notified, 2, 10);
    },
  },
  {
    name: '1.0-int-801: reads the Location Object',
    configuration: located,
    run: async (world) => {
      const values = instanceOf(await world.read('/6/0'));
      assert.deepEqual([values[0], values[1], values[5]], [43.5723, 153.2176, 1_367_491_215]);
      assert.deepEqual([values[2], values[3], values[6]], [140, 100, 3]);
    },
  },
  {
    name: '1.0-int-810: notifies the Location Object within pmin and pmax, with its own time',
    configuration: located,
    run: async (world) => {
      expectCode(await world.writeAttributes('/6/0', 'pmin=2', 'pmax=10'), '2.04');
      const watch = await world.observe('/6/0');
      for (let step = 1; step < 10; step += 1) {
        reportLocation(world.client, {
          latitude: 43.5723 + step / 100,
          longitude: 153.2176,
          timestamp: 1_367_491_215 + step,
        });
        await world.pass(3);
      }
      await world.pass(25);
      expectPeriods(watch.notified, 2, 10);
      const newest = watch.notified.at(-1)?.content;
      assert.ok(newest?.kind === 'object-instance');
      const time = newest.resources.get(5);
      assert.equal(time?.kind === 'single' ? time.value : undefined, 1_367_491_224);
    },
  },
  {
    name: '1.0-int-901: collects statistics between Start and Stop',
    configuration: counting,
    run: async (world) => {
      expectCode(await world.execute('/7/0/6'), '2.04');
      await world.pass(5);
      expectCode(await world.execute('/7/0/7'), '2.04');
      const first = instanceOf(await world.read('/7/0'));
      assert.deepEqual([first[0], first[1], first[2], first[3]], [0, 0, 0, 0], 'less than a kilobyte');
      assert.ok(Number(first[4]) >= Number(first[5]) && Number(first[5]) > 0, 'the answer to Start and Stop');
      assert.deepEqual(instanceOf(await world.read('/7/0')), first, 'nothing is counted after Stop');
    },
  },
  {
    name: '1.0-int-905: sets the collection period',
    configuration: counting,
    run: async (world) => {
      assert.equal(instanceOf(await world.read('/7/0'))[8], 0);
      expectCode(await world.put('/7/0/8', text, utf8('30')), '2.04');
      assert.equal(instanceOf(await world.read('/7/0'))[8], 30);
    },
  },
  {
    name: '1.0-int-910: notifies statistics within pmin and pmax, until cancelled',
    configuration: counting,
    run: async (world) => {
      expectCode(await world.writeAttributes('/7/0', 'pmin=2', 'pmax=10'), '2.04');
      expectCode(await world.put('/7/0/8', text, utf8('0')), '2.04');
      const watch = await world.observe('/7/0');
      expectCode(await world.execute('/7/0/6'), '2.04');
      await world.pass(60);
      expectCode(await world.execute('/7/0/7'), '2.04');
      assert.ok(watch.notified.length >= 6);
      expectPeriods(watch.notified, 2, 10);
      await world.cancel(watch, 'active');
      const count = watch.notified.length;
      await world.pass(30);
      assert.equal(watch.notified.length, count);
    },
  },
];

runCases('Information reporting (int-301 to 303, 701 to 910)', cases);

const conditions: readonly EnablerCase[] = [
  ...(
    [
      ['gt=45&st=10', [20, 35, 50, 40, 20], [35, 50, 40, 20]],
      ['gt=45', [20, 35, 50, 60, 40, 42, 48], [50, 40, 48]],
      ['lt=20', [30, 17, 10, 24, 30], [17, 24]],
      ['st=10', [0, 9, 10, 15, 20, 11, 10], [10, 20, 10]],
      ['lt=20&gt=85&st=10', [17, 24, 75, 90, 50, 10], [24, 75, 90, 50, 10]],
    ] as const
  ).map(([query, values, expected]): EnablerCase => ({
    name: `X-IR-1: notifies with ${query} when the condition holds and only then`,
    configuration: powered,
    run: async (world) => {
      const [first, ...later] = values;
      world.client.set(Device.batteryLevel, first);
      expectCode(await world.writeAttributes('/3/0/9', ...query.split('&')), '2.04');
      const watch = await world.observe('/3/0/9');
      for (const value of later) {
        world.client.set(Device.batteryLevel, value);
        await world.pass(1);
      }
      assert.deepEqual(
        watch.notified.slice(1).map(({ content }) => valueIn(content)),
        expected,
      );
    },
  })),
  {
    name: 'X-IR-2: takes each period from the innermost level that sets it, and unsets it there',
    configuration: powered,
    run: async (world) => {
      expectCode(await world.writeAttributes('/3', 'pmin=40', 'pmax=50'), '2.04');
      expectCode(await world.writeAttributes('/3/0', 'pmax=30', 'pmin=20'), '2.04');
      expectCode(await world.writeAttributes('/3/0/9', 'pmax=10', 'pmin=5'), '2.04');
      const watch = await world.observe('/3/0/9');
      const periods = async (): Promise<number> => {
        const from = watch.notified.length;
        await world.pass(200);
        const times = watch.notified.slice(from).map(({ at }) => at);
        return Math.round(((times.at(-1) ?? 0) - (times.at(-2) ?? 0)) / 1000);
      };
      assert.equal(await periods(), 10, 'of the Resource');
      expectCode(await world.writeAttributes('/3/0/9', 'pmax', 'pmin'), '2.04');
      assert.equal(await periods(), 30, 'of the instance');
      expectCode(await world.writeAttributes('/3/0', 'pmax', 'pmin'), '2.04');
      assert.equal(await periods(), 50, 'of the Object');
    },
  },
];

runCases('Information reporting (own cases)', conditions);
