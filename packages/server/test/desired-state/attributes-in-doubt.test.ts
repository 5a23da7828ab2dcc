import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { seconds, TransmissionError } from '@dunlin/base';
import { type IncomingRequest, type Response, ResponseCode } from '@dunlin/coap';
import {
  type DesiredState,
  type DeviceDesires,
  MemoryDeviceStore,
  MemoryRegistrationStore,
} from '@dunlin/server';

import { lineOf, observable } from '../support/observing-device.ts';
import { endpoint, openSleepyBench, type SleepyBench } from '../support/sleepy-device.ts';
import { openTestServer, type TestServer } from '../support/test-server.ts';

const path = '/6/0/0';
const other = '/6/0/1';

async function openBench(
  binding: string,
  options: Parameters<typeof openSleepyBench>[0] = {},
): Promise<SleepyBench> {
  const bench = await openSleepyBench(options);
  bench.device.behaviour = observable;
  await bench.register(binding);
  await bench.pass(100);
  return bench;
}

function desires(bench: TestServer): DeviceDesires {
  return bench.server.device(endpoint).desired;
}

/** What the device was asked since `from`; the same again and again is one request that is not answered. */
function asked(bench: TestServer, from: number): readonly string[] {
  const lines = bench.device.received.slice(from).map(({ request }) => lineOf(request));
  return lines.filter((line, index) => line !== lines[index - 1]);
}

async function wishes(bench: TestServer): Promise<readonly unknown[]> {
  const facts = (wish: DesiredState): unknown =>
    wish.kind === 'attributes' ? [wish.path, wish.change, wish.state] : wish;
  return (await desires(bench).list()).map(facts);
}

const silent = (): 'silence' => 'silence';

describe('Attributes of which nobody knows whether the device took them', () => {
  test('are brought back to what was wished before, when it is heard of again', async () => {
    await using bench = await openBench('U');
    await bench.finish(desires(bench).setAttributes(path, { pmin: seconds(5) }));
    bench.device.behaviour = silent;
    const change = { pmin: seconds(9), gt: 1 };
    await assert.rejects(bench.finish(desires(bench).setAttributes(path, change)), TransmissionError);
    assert.deepEqual(await wishes(bench), [[path, { pmin: 5, gt: null }, 'pending']]);
    bench.device.behaviour = observable;
    const count = bench.device.received.length;
    await bench.update();
    await bench.pass(1000);
    assert.deepEqual(asked(bench, count), [`attributes ${path} pmin=5&gt`]);
    assert.deepEqual(await wishes(bench), [[path, { pmin: 5 }, 'active']]);
  });

  test('are unset when nothing was wished before', async () => {
    await using bench = await openBench('U');
    bench.device.behaviour = silent;
    await assert.rejects(
      bench.finish(desires(bench).setAttributes(path, { pmin: seconds(5) })),
      TransmissionError,
    );
    bench.device.behaviour = observable;
    const count = bench.device.received.length;
    await bench.update();
    await bench.pass(1000);
    assert.deepEqual(asked(bench, count), [`attributes ${path} pmin`]);
    assert.deepEqual(await wishes(bench), []);
  });

  test('are brought back too when the server ended before it knew', async () => {
    const stores = { store: new MemoryRegistrationStore(), deviceStore: new MemoryDeviceStore() };
    const bench = await openBench('U', stores);
    await bench.finish(desires(bench).setAttributes(path, { pmin: seconds(5) }));
    bench.device.behaviour = silent;
    const changing = desires(bench).setAttributes(path, { pmin: seconds(9) });
    await bench.pass(100);
    const rejected = assert.rejects(changing, TransmissionError);
    await bench.server.close();
    await rejected;
    await bench.pass(300_000);
    bench.device.behaviour = observable;
    const count = bench.device.received.length;
    await using restarted = await openTestServer(stores, bench.network);
    await bench.pass(1000);
    assert.deepEqual(asked(bench, count), [`attributes ${path} pmin=5`]);
    assert.deepEqual(await wishes(restarted), [[path, { pmin: 5 }, 'active']]);
  });

  test('are written again when an older Write of them overtook them', async () => {
    await using bench = await openBench('U');
    await bench.finish(desires(bench).setAttributes(path, { pmin: seconds(5) }));
    const count = bench.device.received.length;
    // The device takes its time, and registers other Objects meanwhile.
    bench.device.behaviour = () => undefined;
    const withdrawing = desires(bench).withdrawAttributes(path);
    await bench.pass(5000);
    bench.device.behaviour = observable;
    await bench.updateObjects('</1/0>,</3/0>,</6/0>');
    await bench.pass(1000);
    respond(bench, count);
    assert.equal(await bench.finish(withdrawing), true);
    await bench.pass(1000);
    const queries = ['pmin', 'pmin=5', 'pmin'];
    assert.deepEqual(
      asked(bench, count),
      queries.map((query) => `attributes ${path} ${query}`),
    );
    assert.deepEqual(await wishes(bench), []);
  });

  test('are unset when they were withdrawn before an older Write of them had its turn', async () => {
    await using bench = await openBench('UQ');
    await bench.finish(desires(bench).setAttributes(path, { pmin: seconds(5) }));
    await bench.fallAsleep();
    await desires(bench).setAttributes(other, { pmin: seconds(1) });
    bench.device.behaviour = overloaded;
    await bench.update();
    await bench.pass(20_000);
    bench.device.behaviour = silent;
    const count = bench.device.received.length;
    const withdrawing = desires(bench).withdrawAttributes(path);
    // Meanwhile the other wish is tried again, and this one with it.
    await bench.pass(15_000);
    bench.device.behaviour = observable;
    respond(bench, count);
    assert.equal(await bench.finish(withdrawing), true);
    await bench.pass(1000);
    const lines = asked(bench, count).filter((line) => line.includes(path));
    assert.deepEqual(
      lines,
      ['pmin', 'pmin=5', 'pmin'].map((query) => `attributes ${path} ${query}`),
    );
    assert.deepEqual(await wishes(bench), [[other, { pmin: 1 }, 'active']]);
  });
});

function overloaded({ uriPath }: IncomingRequest): Response {
  return { code: uriPath.at(-1) === '1' ? ResponseCode.serviceUnavailable : ResponseCode.changed };
}

/** The device answers a request that it left unanswered. */
function respond(bench: SleepyBench, index: number): void {
  const { exchange } = bench.device.received[index] ?? assert.fail();
  bench.device.respond(exchange, { code: ResponseCode.changed });
}
