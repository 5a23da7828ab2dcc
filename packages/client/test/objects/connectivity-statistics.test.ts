import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { seconds, UsageError } from '@dunlin/base';
import { ConnectivityStatistics } from '@dunlin/lwm2m';
import { connectivityStatistics, type ConnectivityStatisticsOptions } from '@dunlin/client';

import { completeDevice } from '../support/reference-device.ts';
import { bytes, json, text, World } from '../support/world.ts';

const open = (options: ConnectivityStatisticsOptions = {}): Promise<World> =>
  World.registered({ objects: [completeDevice(), connectivityStatistics(options)] });

interface Figures {
  readonly sms: readonly [sent: number, received: number];
  readonly kilobytes: readonly [sent: number, received: number];
  readonly largest: number;
  readonly average: number;
}

/** The figures as the device has them, without traffic on their account. */
function figures({ client }: World): Figures {
  const { smsTxCounter, smsRxCounter, txData, rxData, maxMessageSize, averageMessageSize } =
    ConnectivityStatistics;
  const read = (reference: typeof txData): number => Number(client.get(reference));
  return {
    sms: [read(smsTxCounter), read(smsRxCounter)],
    kilobytes: [read(txData), read(rxData)],
    largest: read(maxMessageSize),
    average: read(averageMessageSize),
  };
}

/** The sizes of the IP packets that the device sends and receives from now on: UDP and IPv4 add 28 bytes. */
function packetsOf(world: World): { readonly sent: number[]; readonly received: number[] } {
  const packets = { sent: [] as number[], received: [] as number[] };
  world.network.watch(({ from, datagram }) => {
    const list = from.address === '192.0.2.7' ? packets.sent : packets.received;
    list.push(datagram.length + 28);
  });
  return packets;
}

const sum = (sizes: readonly number[]): number => sizes.reduce((total, size) => total + size, 0);

/** Lets some kilobytes pass in both directions. */
async function talk(world: World, times = 40): Promise<void> {
  for (let count = 0; count < times; count += 1) await world.read('/3/0', json);
}

describe('the Connectivity Statistics Object (1.0 §E.8)', () => {
  test('counts nothing before Start', async () => {
    const world = await open();
    await talk(world);
    assert.deepEqual(figures(world), { sms: [0, 0], kilobytes: [0, 0], largest: 0, average: 0 });
  });

  test('counts the IP packets from Start until Stop, and keeps the figures (R-1070, R-1071)', async () => {
    const world = await open();
    const packets = packetsOf(world);
    assert.equal((await world.execute('/7/0/6')).code, '2.04');
    // The answer to Start leaves after it; Start itself came before.
    packets.received.length = 0;
    await talk(world);
    assert.equal((await world.execute('/7/0/7')).code, '2.04');
    packets.sent.pop();
    const { sent, received } = packets;
    const all = [...sent, ...received];
    const expected = {
      sms: [0, 0],
      kilobytes: [Math.floor(sum(sent) / 1024), Math.floor(sum(received) / 1024)],
      largest: Math.max(...all),
      average: Math.round(sum(all) / all.length),
    };
    assert.ok(sum(sent) > 4096 && sum(received) > 1024, 'there was traffic');
    assert.deepEqual(figures(world), expected);
    await talk(world);
    assert.deepEqual(figures(world), expected);
  });

  test('Start sets everything to 0, also while it collects (R-1070)', async () => {
    const world = await open();
    await world.execute('/7/0/6');
    await talk(world);
    assert.ok(figures(world).kilobytes[0] > 0);
    await world.execute('/7/0/6');
    const { kilobytes, largest } = figures(world);
    assert.deepEqual(kilobytes, [0, 0]);
    assert.ok(largest < 60, 'the answer to Start');
  });

  test('stops by itself when the Collection Period is over (R-1070)', async () => {
    const world = await open({ collectionPeriod: seconds(30) });
    await world.execute('/7/0/6');
    await world.pass(29);
    await talk(world, 10);
    const during = figures(world);
    assert.ok(during.kilobytes[0] > 0);
    await world.pass(10);
    await talk(world);
    const after = figures(world);
    await talk(world);
    assert.deepEqual(figures(world), after);
    assert.ok(after.kilobytes[0] <= during.kilobytes[0] + 1);
  });

  test('a period that is written counts from Start on, 0 means until Stop (R-1070)', async () => {
    const world = await open({ collectionPeriod: seconds(3600) });
    await world.execute('/7/0/6');
    await world.pass(100);
    assert.equal((await world.put('/7/0/8', text, bytes('50'))).code, '2.04');
    await world.pass(1);
    const stopped = figures(world);
    await talk(world);
    assert.deepEqual(figures(world), stopped, 'the 50 s are over');
    assert.equal((await world.put('/7/0/8', text, bytes('0'))).code, '2.04');
    await world.execute('/7/0/6');
    await world.pass(86_400);
    await talk(world);
    assert.ok(figures(world).kilobytes[0] > 0);
  });

  test('a Replace that leaves the Collection Period out removes it: until Stop (R-440)', async () => {
    const world = await open({ collectionPeriod: seconds(10) });
    assert.equal((await world.put('/7/0', json, bytes('{"e":[]}'))).code, '2.04');
    assert.equal((await world.read('/7/0/8')).code, '4.04');
    await world.execute('/7/0/6');
    await world.pass(60);
    await talk(world);
    assert.ok(figures(world).kilobytes[0] > 0);
  });

  test('a period that cannot be is refused, and the one before stays', async () => {
    const world = await open({ collectionPeriod: seconds(10) });
    for (const period of ['-1', '2147483648', '9223372036854775807', 'x', '1.5', '']) {
      assert.equal((await world.put('/7/0/8', text, bytes(period))).code, '4.00', period);
    }
    assert.equal((await world.read('/7/0/8', text)).text, '10');
    for (const period of [-1, 2 ** 31, NaN]) {
      assert.throws(() => connectivityStatistics({ collectionPeriod: seconds(period) }), UsageError);
    }
    assert.throws(() => connectivityStatistics({ reviewInterval: seconds(0) }), UsageError);
  });

  test('figures cannot be written, and Start and Stop not be read', async () => {
    const world = await open();
    for (const id of [0, 1, 2, 3, 4, 5, 6, 7]) {
      assert.equal((await world.put(`/7/0/${id}`, text, bytes('1'))).code, '4.05', `/7/0/${id}`);
    }
    assert.equal((await world.read('/7/0/6')).code, '4.05');
  });

  test('short messages are counted from Start until Stop', async () => {
    const sms = { sent: 7, received: 9 };
    const world = await open({ smsCounters: () => sms });
    await world.execute('/7/0/6');
    sms.sent += 3;
    sms.received += 1;
    assert.deepEqual(figures(world).sms, [3, 1]);
    await world.execute('/7/0/7');
    sms.sent += 5;
    assert.deepEqual(figures(world).sms, [3, 1]);
  });

  test('an observer is told of kilobytes, and its notifications do not cause each other', async () => {
    const world = await open();
    const watch = await world.observe('/7/0', json);
    await world.execute('/7/0/6');
    await world.pass(3600);
    const quiet = watch.notifications.length;
    assert.ok(quiet >= 2 && quiet < 10, `Start, and what it came to: ${quiet}`);
    await talk(world);
    await world.pass(20);
    assert.ok(watch.notifications.length > quiet);
    assert.match(watch.notifications.at(-1)?.text ?? '', /"n":"2","v":[1-9]/);
    await world.execute('/7/0/7');
    await world.pass(1);
    const stopped = watch.notifications.length;
    await talk(world);
    await world.pass(3600);
    assert.equal(watch.notifications.length, stopped);
  });

  test('two observers of all figures for a day settle down as well', async () => {
    const world = await open({ reviewInterval: seconds(1) });
    const watches = [];
    for (const path of ['/7/0', '/7/0/2', '/7/0/3', '/7/0/4', '/7/0/5', '/7'])
      watches.push(await world.observe(path, json));
    await world.execute('/7/0/6');
    await talk(world);
    await world.pass(86_400);
    const told = watches.reduce((total, { notifications }) => total + notifications.length, 0);
    assert.ok(told < 100, `${told} notifications`);
  });
});
