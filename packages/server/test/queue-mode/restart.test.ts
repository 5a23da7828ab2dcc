import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { milliseconds } from '@dunlin/base';
import { MemoryDeviceStore, MemoryRegistrationStore, type QueuedOperation } from '@dunlin/server';

import { obliging, endpoint, openSleepyBench, type SleepyBench } from '../support/sleepy-device.ts';
import { openTestServer, type TestServer } from '../support/test-server.ts';

/** A bench on stores that outlive the server. */
interface Lasting {
  readonly bench: SleepyBench;
  /** Ends the server as if it was killed, and starts another one on the same stores. */
  readonly restart: (pause?: number) => Promise<TestServer>;
}

async function openLasting(): Promise<Lasting> {
  const stores = { store: new MemoryRegistrationStore(), deviceStore: new MemoryDeviceStore() };
  const bench = await openSleepyBench(stores);
  return {
    bench,
    restart: async (pause = 1000) => {
      await bench.server.close();
      await bench.pass(pause);
      return await openTestServer(stores, bench.network);
    },
  };
}

async function operation(bench: TestServer, id: number): Promise<QueuedOperation> {
  return (await bench.server.device(endpoint).operations.get(id)) ?? assert.fail();
}

describe('After a restart of the server', () => {
  test('operations wait as before, and are sent when the device wakes up', async () => {
    const { bench, restart } = await openLasting();
    await bench.fallAsleep();
    const { operations } = bench.server.device(endpoint);
    await operations.enqueue({ name: 'write-replace', target: '/3/0/14', value: '+01:00' });
    await operations.enqueue({ name: 'execute', target: '/3/0/4' });
    await using server = await restart();
    await bench.pass(3_600_000);
    assert.deepEqual(bench.asked, []);
    await bench.update();
    await bench.pass(1000);
    assert.deepEqual(bench.asked, ['PUT /3/0/14', 'POST /3/0/4']);
    assert.equal((await operation(server, 2)).state.kind, 'done');
    assert.equal(
      (await server.server.device(endpoint).operations.enqueue({ name: 'read', target: '/3' })).id,
      3,
    );
  });

  test('an operation that was sent and may be repeated is sent again, first of all', async () => {
    const { bench, restart } = await openLasting();
    bench.device.behaviour = () => 'silence';
    const { operations } = bench.server.device(endpoint);
    await operations.enqueue({ name: 'write-replace', target: '/3/0/14', value: '+01:00' });
    await operations.enqueue({ name: 'read', target: '/3/0/14' });
    await bench.pass(100);
    assert.equal((await operation(bench, 1)).state.kind, 'sent');
    await using server = await restart(120_000);
    assert.equal((await operation(server, 1)).state.kind, 'waiting');
    bench.device.behaviour = obliging;
    await bench.update();
    await bench.pass(1000);
    assert.equal((await operation(server, 1)).attempts, 2);
    assert.equal((await operation(server, 2)).state.kind, 'done');
    assert.deepEqual(bench.asked.slice(-2), ['PUT /3/0/14', 'GET /3/0/14']);
  });

  test('an operation that was sent and must not be repeated has an outcome that nobody knows', async () => {
    const { bench, restart } = await openLasting();
    bench.device.behaviour = () => 'silence';
    await bench.server.device(endpoint).operations.enqueue({ name: 'execute', target: '/3/0/4' });
    await bench.pass(100);
    await using server = await restart(120_000);
    const told: number[] = [];
    server.server.operationFinished.subscribe(({ id }) => told.push(id));
    await bench.pass(1);
    assert.deepEqual(told, [1]);
    const { state } = await operation(server, 1);
    assert.equal(state.kind === 'failed' ? state.failure.reason : state.kind, 'outcome-unknown');
    const count = bench.asked.length;
    await bench.update();
    await bench.pass(1000);
    assert.equal(bench.asked.length, count);
  });

  test('a device that is awake still is asked without another word of its own', async () => {
    const { bench, restart } = await openLasting();
    bench.device.behaviour = () => 'silence';
    await bench.server.device(endpoint).operations.enqueue({ name: 'read', target: '/3/0/0' });
    await bench.pass(100);
    bench.device.behaviour = obliging;
    await using server = await restart(10_000);
    await bench.pass(1000);
    assert.equal((await operation(server, 1)).state.kind, 'done');
  });

  test('operations expire at their time, also when it passed meanwhile', async () => {
    const { bench, restart } = await openLasting();
    await bench.fallAsleep();
    const { operations } = bench.server.device(endpoint);
    await operations.enqueue({ name: 'read', target: '/3/0/0' }, { lifetime: milliseconds(60_000) });
    await operations.enqueue({ name: 'read', target: '/3/0/1' }, { lifetime: milliseconds(600_000) });
    await using server = await restart(120_000);
    await bench.pass(1);
    assert.equal((await operation(server, 1)).state.kind, 'expired');
    assert.equal((await operation(server, 2)).state.kind, 'waiting');
    await bench.pass(600_000);
    assert.equal((await operation(server, 2)).state.kind, 'expired');
  });

  test('awake windows of single devices are as before', async () => {
    const { bench, restart } = await openLasting();
    await bench.server.device(endpoint).setAwakeWindow(milliseconds(5000));
    await using server = await restart(10_000);
    assert.equal(server.server.device(endpoint).awakeWindow, 5000);
    assert.equal((await server.server.device(endpoint).reachability())?.kind, 'asleep');
  });
});
