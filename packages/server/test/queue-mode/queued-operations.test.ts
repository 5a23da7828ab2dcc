import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { milliseconds, seconds, StorageError, TransmissionError, UsageError } from '@dunlin/base';
import { ContentFormat, ResponseCode } from '@dunlin/coap';
import { pathOf } from '@dunlin/lwm2m';
import {
  DeviceNotRegisteredError,
  MemoryDeviceStore,
  OperationCancelledError,
  OperationExpiredError,
  type OperationInput,
  OperationUnderWayError,
  OutcomeUnknownError,
  QueueFullError,
  type QueuedOperation,
  type QueuedOperations,
  ResponseError,
  resultOf,
} from '@dunlin/server';

import { endpoint, obliging, openSleepyBench, type SleepyBench } from '../support/sleepy-device.ts';
import { contentResponse, single } from '../support/test-server.ts';

const read: OperationInput = { name: 'read', target: '/3/0/0' };
const execute: OperationInput = { name: 'execute', target: '/3/0/4' };

function operationsOf(bench: SleepyBench): QueuedOperations {
  return bench.server.device(endpoint).operations;
}

async function enqueueAll(
  bench: SleepyBench,
  ...inputs: readonly OperationInput[]
): Promise<readonly QueuedOperation[]> {
  const queued: QueuedOperation[] = [];
  for (const input of inputs) queued.push(await operationsOf(bench).enqueue(input));
  return queued;
}

/** What became of operations after they were accepted. */
function progress({ told }: SleepyBench): readonly string[] {
  return told.filter((each) => !each.startsWith('queued'));
}

async function finished(bench: SleepyBench, id: number): Promise<QueuedOperation> {
  return (await bench.finish(operationsOf(bench).finished(id))) ?? assert.fail(`there is no operation ${id}`);
}

describe('An operation that is accepted for a device', () => {
  test('waits, is sent when the device wakes up, and is done with its result', async () => {
    await using bench = await openSleepyBench();
    await bench.fallAsleep();
    const [queued] = await enqueueAll(bench, read);
    const now = bench.network.clock.now;
    assert.deepEqual(queued, {
      endpointName: endpoint,
      id: 1,
      request: { name: 'read', path: pathOf(3, 0, 0), format: undefined },
      queuedAt: now,
      expiresAt: now + 604_800_000,
      attempts: 0,
      state: { kind: 'waiting' },
    });
    await bench.pass(3_600_000);
    assert.deepEqual(bench.asked, []);
    bench.device.behaviour = () => undefined;
    await bench.update();
    await bench.pass(100);
    const underWay = await operationsOf(bench).get(1);
    assert.equal(underWay?.state.kind, 'sent');
    assert.equal(underWay.attempts, 1);
    const { exchange } = bench.device.received[0] ?? assert.fail();
    bench.device.respond(exchange, contentResponse('/3/0/0', single('string', 'Acme')));
    const done = await finished(bench, 1);
    assert.deepEqual(resultOf(done), { kind: 'content', content: single('string', 'Acme') });
    assert.deepEqual(bench.told, ['queued 1', 'sent 1', 'done 1']);
  });

  test('may be any operation of the interface, and each has its kind of result', async () => {
    await using bench = await openSleepyBench();
    await bench.fallAsleep();
    const inputs: readonly OperationInput[] = [
      { name: 'read', target: '/3/0/0', format: ContentFormat.tlv },
      { name: 'discover', target: '/3' },
      { name: 'write-replace', target: '/3/0/14', value: '+01:00' },
      { name: 'write-update', target: '/1/0', value: { 1: 120 } },
      { name: 'write-attributes', target: '/3/0/9', change: { pmin: seconds(5) } },
      { name: 'execute', target: '/3/0/4', arguments: "0='x'" },
      { name: 'create', target: '/3303', resources: { 5700: 1 } },
      { name: 'delete', target: '/3303/7' },
    ];
    await enqueueAll(bench, ...inputs);
    await bench.update();
    const results: string[] = [];
    for (const id of inputs.keys()) results.push(resultOf(await finished(bench, id + 1)).kind);
    assert.deepEqual(results, ['content', 'links', 'done', 'done', 'done', 'done', 'created', 'done']);
    assert.deepEqual(bench.asked, [
      'GET /3/0/0',
      'GET /3',
      'PUT /3/0/14',
      'POST /1/0',
      'PUT /3/0/9',
      'POST /3/0/4',
      'POST /3303',
      'DELETE /3303/7',
    ]);
  });

  test('fails with the code and the text of a refusal, and the next one is sent', async () => {
    await using bench = await openSleepyBench();
    await bench.fallAsleep();
    await enqueueAll(bench, execute, read);
    bench.device.behaviour = (request) =>
      request.uriPath.at(-1) === '4'
        ? { code: ResponseCode.methodNotAllowed, payload: new TextEncoder().encode('not now') }
        : obliging(request);
    await bench.update();
    await finished(bench, 2);
    assert.deepEqual(progress(bench), ['sent 1', 'failed 1 refused', 'sent 2', 'done 2']);
    const refused = await finished(bench, 1);
    assert.throws(
      () => resultOf(refused),
      (error: unknown) => {
        assert.ok(error instanceof ResponseError);
        assert.equal(error.coapCode, '4.05');
        assert.equal(error.diagnostic, 'not now');
        assert.match(error.message, /refused the Execute of \/3\/0\/4 with 4\.05/);
        return true;
      },
    );
  });

  test('keeps its place among callers who wait: the order of asking is the order of sending', async () => {
    await using bench = await openSleepyBench();
    await bench.fallAsleep();
    const device = bench.server.device(endpoint);
    await device.operations.enqueue({ name: 'write-replace', target: '/3/0/14', value: 'a' });
    const live = device.write('/3/0/15', 'b');
    await bench.pass(1);
    await device.operations.enqueue({ name: 'write-replace', target: '/3/0/16', value: 'c' });
    await bench.update();
    await bench.finish(live);
    await finished(bench, 2);
    assert.deepEqual(bench.asked, ['PUT /3/0/14', 'PUT /3/0/15', 'PUT /3/0/16']);
  });

  test('shares the request of equal Reads, those of callers too; each is finished with the result', async () => {
    await using bench = await openSleepyBench();
    await bench.fallAsleep();
    await enqueueAll(bench, read, { name: 'discover', target: '/3' }, read);
    const live = bench.server.device(endpoint).readContent('/3/0/0');
    await enqueueAll(bench, { name: 'write-replace', target: '/3/0/0', value: 'x' }, read);
    await bench.update();
    await finished(bench, 5);
    assert.deepEqual(await live, single('string', 'Acme'));
    assert.deepEqual(resultOf(await finished(bench, 3)), resultOf(await finished(bench, 1)));
    assert.deepEqual(bench.asked, ['GET /3/0/0', 'GET /3', 'PUT /3/0/0', 'GET /3/0/0']);
  });

  test('waits for a device that is not in queue mode only while it cannot be reached', async () => {
    await using bench = await openSleepyBench();
    await bench.register('U');
    await bench.fallAsleep();
    await enqueueAll(bench, read);
    await finished(bench, 1);
    bench.device.behaviour = () => 'silence';
    await enqueueAll(bench, read);
    await bench.pass(120_000);
    assert.equal((await operationsOf(bench).get(2))?.state.kind, 'waiting');
    bench.device.behaviour = obliging;
    await bench.update();
    assert.equal((await finished(bench, 2)).attempts, 2);
  });

  test('is accepted for a device that is not registered now, and sent when it registers again', async () => {
    await using bench = await openSleepyBench();
    assert.equal(await bench.server.deregister(endpoint), true);
    await enqueueAll(bench, read);
    await bench.pass(1000);
    await bench.register();
    await finished(bench, 1);
  });

  test('is refused for a device that never registered', async () => {
    await using bench = await openSleepyBench();
    await assert.rejects(
      bench.server.device('stranger').operations.enqueue(read),
      (error: unknown) => error instanceof DeviceNotRegisteredError && /never was/.test(error.message),
    );
  });

  test('is refused when no device could be sent it', async () => {
    await using bench = await openSleepyBench();
    const { operations } = bench.server.device(endpoint);
    const wrong: readonly OperationInput[] = [
      { name: 'read', target: '/' },
      { name: 'read', target: 'three' },
      { name: 'write-replace', target: '/3', value: 1 },
      { name: 'write-update', target: '/3/0/14', value: 'x' },
      { name: 'write-replace', target: '/3/0/13', value: 'not a time' },
      { name: 'write-replace', target: '/3/0', value: { 14: 'x' }, format: ContentFormat.text },
      { name: 'write-attributes', target: '/3', change: {} },
      { name: 'execute', target: '/3/0' },
      { name: 'execute', target: '/3/0/4', arguments: 'reboot' },
      { name: 'create', target: '/3303/1', resources: {} },
      { name: 'create', target: '/3303', resources: {}, objectInstanceId: 65_535 },
      { name: 'delete', target: '/3303' },
    ];
    for (const input of wrong)
      await assert.rejects(operations.enqueue(input), UsageError, JSON.stringify(input));
    for (const lifetime of [0, -1, Number.NaN, 1e15])
      await assert.rejects(operations.enqueue(read, { lifetime: milliseconds(lifetime) }), UsageError);
    assert.deepEqual(await operations.list(), []);
  });

  test('is waited for no longer when the server closes, and waits itself', async () => {
    const deviceStore = new MemoryDeviceStore();
    await using bench = await openSleepyBench({ deviceStore });
    await bench.fallAsleep();
    await enqueueAll(bench, read);
    const waiting = operationsOf(bench).finished(1, { timeout: milliseconds(60_000) });
    const rejected = assert.rejects(
      waiting,
      (error: unknown) => error instanceof TransmissionError && error.code === 'closed',
    );
    await bench.server.close();
    await rejected;
    assert.equal(deviceStore.findOperation(endpoint, 1)?.state.kind, 'waiting');
    await assert.rejects(operationsOf(bench).finished(1), TransmissionError);
  });

  test('keeps of a long result only how long it is', async () => {
    await using bench = await openSleepyBench({ limits: { resultLength: 100 } });
    bench.device.behaviour = () => contentResponse('/3/0/0', single('string', 'x'.repeat(200)));
    await enqueueAll(bench, read);
    const result = resultOf(await finished(bench, 1));
    assert.equal(result.kind, 'too-long');
  });
});

describe('An operation that is not answered', () => {
  test('is sent again at the next sign of life when that does no harm', async () => {
    await using bench = await openSleepyBench();
    bench.device.behaviour = () => 'silence';
    await enqueueAll(bench, { name: 'write-replace', target: '/3/0/14', value: 'a' }, read);
    await bench.pass(120_000);
    assert.deepEqual(await bench.server.device(endpoint).reachability(), { kind: 'asleep' });
    const [first, second] = await operationsOf(bench).list();
    assert.equal(first?.state.kind, 'waiting');
    assert.equal(first.attempts, 1);
    assert.equal(second?.attempts, 0);
    bench.device.behaviour = obliging;
    await bench.update();
    assert.equal((await finished(bench, 1)).attempts, 2);
    await finished(bench, 2);
    assert.deepEqual(progress(bench), ['sent 1', 'sent 1', 'done 1', 'sent 2', 'done 2']);
  });

  test('is not sent again when it might happen twice: its outcome is unknown, and it says so', async () => {
    await using bench = await openSleepyBench();
    bench.device.behaviour = () => 'silence';
    await enqueueAll(bench, execute, { name: 'create', target: '/3303', resources: {} });
    const first = await finished(bench, 1);
    assert.throws(
      () => resultOf(first),
      (error: unknown) => error instanceof OutcomeUnknownError && /may have happened/.test(error.message),
    );
    await bench.update();
    assert.equal((await finished(bench, 2)).attempts, 1);
    assert.deepEqual(progress(bench), [
      'sent 1',
      'failed 1 outcome-unknown',
      'sent 2',
      'failed 2 outcome-unknown',
    ]);
  });

  test('fails after five attempts', async () => {
    await using bench = await openSleepyBench();
    bench.device.behaviour = () => 'silence';
    await enqueueAll(bench, read);
    for (let count = 0; count < 5; count += 1) {
      await bench.pass(120_000);
      await bench.update();
    }
    const failed = await finished(bench, 1);
    assert.equal(failed.attempts, 5);
    assert.throws(() => resultOf(failed), { code: 'no-answer' });
  });

  test('is a Delete that was done before when its repetition finds nothing', async () => {
    await using bench = await openSleepyBench();
    bench.device.behaviour = () => 'silence';
    await enqueueAll(bench, { name: 'delete', target: '/3303/1' });
    await bench.pass(120_000);
    bench.device.behaviour = () => ({ code: ResponseCode.notFound });
    await enqueueAll(bench, { name: 'delete', target: '/3303/2' });
    await bench.update();
    assert.deepEqual(resultOf(await finished(bench, 1)), { kind: 'done' });
    assert.equal((await finished(bench, 2)).state.kind, 'failed');
  });

  test('is sent again when the device registers anew meanwhile', async () => {
    await using bench = await openSleepyBench();
    bench.device.behaviour = () => undefined;
    await enqueueAll(bench, read, execute);
    await bench.pass(100);
    bench.device.behaviour = obliging;
    await bench.register();
    assert.equal((await finished(bench, 1)).attempts, 2);
    await finished(bench, 2);
    assert.deepEqual(progress(bench), ['sent 1', 'sent 1', 'done 1', 'sent 2', 'done 2']);
  });

  test('waits on when the device deregisters meanwhile', async () => {
    await using bench = await openSleepyBench();
    bench.device.behaviour = () => undefined;
    await enqueueAll(bench, read);
    await bench.pass(100);
    await bench.server.deregister(endpoint);
    await bench.pass(100);
    assert.equal((await operationsOf(bench).get(1))?.state.kind, 'waiting');
    bench.device.behaviour = obliging;
    await bench.register();
    await finished(bench, 1);
  });

  test('fails when the device answers nonsense', async () => {
    await using bench = await openSleepyBench();
    bench.device.behaviour = (request) =>
      request.uriPath.at(-1) === '4' ? { code: ResponseCode.content } : obliging(request);
    await enqueueAll(bench, execute);
    const failed = await finished(bench, 1);
    assert.throws(() => resultOf(failed), { code: 'protocol-violation' });
  });
});

describe('An operation whose time is over', () => {
  test('expires while it waits, whether the device is asleep, gone, or the server was asked meanwhile', async () => {
    await using bench = await openSleepyBench();
    await bench.fallAsleep();
    const { operations } = bench.server.device(endpoint);
    await operations.enqueue(read, { lifetime: milliseconds(60_000) });
    await operations.enqueue(execute, { lifetime: milliseconds(30_000) });
    await bench.pass(29_999);
    assert.deepEqual(bench.told, ['queued 1', 'queued 2']);
    await bench.pass(1);
    assert.deepEqual(bench.told, ['queued 1', 'queued 2', 'expired 2']);
    await bench.server.deregister(endpoint);
    await bench.pass(30_000);
    assert.deepEqual(progress(bench), ['expired 2', 'expired 1']);
    const expired = await finished(bench, 1);
    assert.throws(() => resultOf(expired), OperationExpiredError);
    await bench.register();
    await bench.pass(1000);
    assert.deepEqual(bench.asked, []);
  });

  test('goes on when it was sent before', async () => {
    await using bench = await openSleepyBench();
    bench.device.behaviour = () => undefined;
    await operationsOf(bench).enqueue(read, { lifetime: milliseconds(1000) });
    await bench.pass(5000);
    assert.equal((await operationsOf(bench).get(1))?.state.kind, 'sent');
    const { exchange } = bench.device.received[0] ?? assert.fail();
    bench.device.respond(exchange, contentResponse('/3/0/0', single('string', 'Acme')));
    assert.equal((await finished(bench, 1)).state.kind, 'done');
  });
});

describe('An operation that is taken back', () => {
  test('is not sent, and the others are', async () => {
    await using bench = await openSleepyBench();
    await bench.fallAsleep();
    await enqueueAll(bench, execute, read);
    assert.equal((await operationsOf(bench).cancel(1))?.state.kind, 'cancelled');
    await bench.update();
    await finished(bench, 2);
    assert.deepEqual(bench.asked, ['GET /3/0/0']);
    assert.deepEqual(progress(bench), ['cancelled 1', 'sent 2', 'done 2']);
    const cancelled = await finished(bench, 1);
    assert.throws(() => resultOf(cancelled), OperationCancelledError);
  });

  test('must not be sent yet; finished ones stay as they are, and unknown ones are unknown', async () => {
    await using bench = await openSleepyBench();
    bench.device.behaviour = () => undefined;
    await enqueueAll(bench, read);
    await bench.pass(100);
    await assert.rejects(operationsOf(bench).cancel(1), OperationUnderWayError);
    const { exchange } = bench.device.received[0] ?? assert.fail();
    bench.device.respond(exchange, contentResponse('/3/0/0', single('string', 'Acme')));
    await finished(bench, 1);
    assert.equal((await operationsOf(bench).cancel(1))?.state.kind, 'done');
    assert.equal(await operationsOf(bench).cancel(99), undefined);
    assert.equal(await operationsOf(bench).remove(1), true);
    assert.equal(await operationsOf(bench).get(1), undefined);
  });
});

describe('The operations of a device', () => {
  test('are limited in number and in length, and finished ones do not count', async () => {
    await using bench = await openSleepyBench({ limits: { queuedOperations: 2, queuedLength: 1000 } });
    await bench.fallAsleep();
    await enqueueAll(bench, read, execute);
    await assert.rejects(operationsOf(bench).enqueue(read), QueueFullError);
    await operationsOf(bench).cancel(2);
    const long: OperationInput = { name: 'write-replace', target: '/3/0/14', value: 'x'.repeat(1000) };
    await assert.rejects(operationsOf(bench).enqueue(long), QueueFullError);
    await enqueueAll(bench, execute);
    await bench.update();
    await finished(bench, 3);
    await enqueueAll(bench, execute, execute);
  });

  test('keep the last finished ones only', async () => {
    await using bench = await openSleepyBench({ limits: { finishedOperations: 2 } });
    await enqueueAll(bench, read, execute, read, execute);
    await finished(bench, 4);
    await bench.pass(1);
    assert.deepEqual(
      (await operationsOf(bench).list()).map(({ id }) => id),
      [3, 4],
    );
  });

  test('are listed by id and state', async () => {
    await using bench = await openSleepyBench();
    await bench.fallAsleep();
    await enqueueAll(bench, read, execute, read);
    await operationsOf(bench).cancel(2);
    const { operations } = bench.server.device(endpoint);
    const ids = async (options: Parameters<typeof operations.list>[0]): Promise<readonly number[]> =>
      (await operations.list(options)).map(({ id }) => id);
    assert.deepEqual(await ids({ states: ['waiting'] }), [1, 3]);
    assert.deepEqual(await ids({ after: 1, limit: 1 }), [2]);
    for (const limit of [0, 1001, 1.5]) await assert.rejects(operations.list({ limit }), UsageError);
  });

  test('are waited for with a timeout and a signal, which do not end them', async () => {
    await using bench = await openSleepyBench();
    await bench.fallAsleep();
    await enqueueAll(bench, read);
    const { operations } = bench.server.device(endpoint);
    const late = operations.finished(1, { timeout: milliseconds(5000) });
    await assert.rejects(bench.finish(late), { code: 'expired' });
    const given = new AbortController();
    const aborted = operations.finished(1, { signal: given.signal });
    given.abort(new Error('enough'));
    await assert.rejects(aborted, /enough/);
    assert.equal(await operations.finished(7), undefined);
    await bench.update();
    assert.equal((await finished(bench, 1)).state.kind, 'done');
  });
});

describe('A device store that fails', () => {
  /** Fails what is named, as often as is said. */
  class FailingStore extends MemoryDeviceStore {
    readonly failures = new Map<'addOperation' | 'changeOperation', number>();

    override addOperation(
      ...args: Parameters<MemoryDeviceStore['addOperation']>
    ): ReturnType<MemoryDeviceStore['addOperation']> {
      this.#fail('addOperation');
      return super.addOperation(...args);
    }

    override changeOperation(
      ...args: Parameters<MemoryDeviceStore['changeOperation']>
    ): ReturnType<MemoryDeviceStore['changeOperation']> {
      this.#fail('changeOperation');
      return super.changeOperation(...args);
    }

    #fail(method: 'addOperation' | 'changeOperation'): void {
      const left = this.failures.get(method) ?? 0;
      this.failures.set(method, left - 1);
      if (left > 0) throw new StorageError('the disk is full');
    }
  }

  test('accepts nothing that it cannot keep', async () => {
    const deviceStore = new FailingStore();
    await using bench = await openSleepyBench({ deviceStore });
    deviceStore.failures.set('addOperation', 1);
    await assert.rejects(operationsOf(bench).enqueue(read), StorageError);
    await bench.pass(1000);
    assert.deepEqual(bench.asked, []);
    assert.deepEqual(bench.told, []);
    await enqueueAll(bench, read);
    await finished(bench, 1);
  });

  test('sends nothing whose sending it cannot note, and tries again at the next sign of life', async () => {
    const deviceStore = new FailingStore();
    await using bench = await openSleepyBench({ deviceStore });
    await bench.fallAsleep();
    await enqueueAll(bench, execute);
    deviceStore.failures.set('changeOperation', 1);
    await bench.update();
    await bench.pass(1000);
    assert.deepEqual(bench.asked, []);
    assert.deepEqual(
      bench.diagnostics.map(({ kind }) => kind),
      ['store-failed'],
    );
    await bench.update();
    await finished(bench, 1);
    assert.deepEqual(bench.asked, ['POST /3/0/4']);
  });

  test('loses no outcome that it cannot note at first, and sends nothing twice', async () => {
    const deviceStore = new FailingStore();
    await using bench = await openSleepyBench({ deviceStore });
    bench.device.behaviour = (request) => {
      deviceStore.failures.set('changeOperation', 1);
      return obliging(request);
    };
    await enqueueAll(bench, execute, read);
    await bench.pass(1000);
    assert.equal((await operationsOf(bench).get(1))?.state.kind, 'sent');
    bench.device.behaviour = obliging;
    await bench.update();
    await finished(bench, 2);
    assert.deepEqual(progress(bench), ['sent 1', 'done 1', 'sent 2', 'done 2']);
    assert.deepEqual(bench.asked, ['POST /3/0/4', 'GET /3/0/0']);
  });
});
