import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { milliseconds, TransmissionError, UsageError } from '@dunlin/base';
import { ResponseCode } from '@dunlin/coap';
import { Device } from '@dunlin/lwm2m';
import { DeviceAsleepError, DeviceNotRegisteredError, ResponseError } from '@dunlin/server';

import { endpoint, obliging, openSleepyBench } from '../support/sleepy-device.ts';
import { contentResponse, single } from '../support/test-server.ts';

describe('The awake window of a device in queue mode', () => {
  test('lasts 93 s after its Register or Update, and then it sleeps (R-801, R-804)', async () => {
    await using bench = await openSleepyBench();
    const device = bench.server.device(endpoint);
    const registeredAt = (await device.registration())?.updatedAt ?? 0;
    assert.deepEqual(await device.reachability(), { kind: 'awake', until: registeredAt + 93_000 });
    await bench.pass(92_900);
    assert.equal((await device.reachability())?.kind, 'awake');
    await bench.pass(100);
    assert.deepEqual(await device.reachability(), { kind: 'asleep' });
    await bench.update();
    assert.equal((await device.reachability())?.kind, 'awake');
  });

  test('is that of U only when the device is in queue mode: UQ, SQ, UQS (R-801)', async () => {
    for (const [binding, expected] of [
      ['U', 'always'],
      ['US', 'always'],
      ['UQ', 'asleep'],
      ['SQ', 'asleep'],
      ['UQS', 'asleep'],
    ] as const) {
      await using bench = await openSleepyBench();
      await bench.register(binding);
      await bench.fallAsleep();
      // Short messages take longer to come and go.
      if (binding === 'SQ') await bench.pass(207_000);
      assert.equal((await bench.server.device(endpoint).reachability())?.kind, expected, binding);
    }
  });

  test('begins anew with a response and with a notification (R-804)', async () => {
    await using bench = await openSleepyBench();
    const device = bench.server.device(endpoint);
    await bench.finish(device.observe('/3/0/0').started());
    await bench.pass(90_000);
    await bench.finish(device.read('/3/0/0'));
    await bench.pass(90_000);
    bench.device.notify(bench.device.relations[0], contentResponse('/3/0/0', single('string', 'B')));
    await bench.pass(90_000);
    assert.equal((await device.reachability())?.kind, 'awake');
    await bench.pass(3100);
    assert.equal((await device.reachability())?.kind, 'asleep');
  });

  test('may be another one for all devices and for a single one', async () => {
    await using bench = await openSleepyBench({ limits: { awakeWindow: milliseconds(20_000) } });
    const device = bench.server.device(endpoint);
    assert.equal(device.awakeWindow, 20_000);
    await device.setAwakeWindow(milliseconds(5000));
    await bench.pass(5000);
    assert.equal((await device.reachability())?.kind, 'asleep');
    await device.setAwakeWindow(undefined);
    assert.equal((await device.reachability())?.kind, 'awake');
    assert.equal(device.awakeWindow, 20_000);
    await assert.rejects(device.setAwakeWindow(milliseconds(0)), UsageError);
  });

  test('ends when the device does not answer (R-806)', async () => {
    await using bench = await openSleepyBench();
    const device = bench.server.device(endpoint);
    await device.setAwakeWindow(milliseconds(600_000));
    bench.device.behaviour = () => 'silence';
    await assert.rejects(bench.finish(device.read('/3/0/0')), { code: 'no-answer' });
    assert.deepEqual(await device.reachability(), { kind: 'asleep' });
    await bench.update();
    assert.equal((await device.reachability())?.kind, 'awake');
  });
});

describe('An operation on a sleeping device', () => {
  test('is sent after its next Update, and not before (R-802, R-803)', async () => {
    await using bench = await openSleepyBench();
    await bench.fallAsleep();
    const reading = bench.server.device(endpoint).read(Device.manufacturer);
    await bench.pass(3_600_000);
    assert.deepEqual(bench.asked, []);
    await bench.update();
    assert.equal(await bench.finish(reading), 'Acme');
    assert.deepEqual(bench.asked, ['GET /3/0/0']);
  });

  test('is sent after any other sign of life: a Register or a notification (R-803)', async () => {
    await using bench = await openSleepyBench();
    const device = bench.server.device(endpoint);
    await bench.finish(device.observe('/3/0/0').started());
    await bench.fallAsleep();
    const first = device.read('/3/0/1');
    bench.device.notify(bench.device.relations[0], contentResponse('/3/0/0', single('string', 'B')));
    await bench.finish(first);
    await bench.fallAsleep();
    const second = device.read('/3/0/2');
    await bench.register();
    await bench.finish(second);
    assert.deepEqual(bench.asked, ['GET /3/0/0', 'GET /3/0/1', 'GET /3/0/2']);
  });

  test('is sent at once when the device is awake', async () => {
    await using bench = await openSleepyBench();
    await bench.finish(bench.server.device(endpoint).write('/3/0/14', '+01:00'));
    assert.deepEqual(bench.asked, ['PUT /3/0/14']);
  });

  test('comes one at a time and in the order of asking, each after the response to the one before (R-805)', async () => {
    await using bench = await openSleepyBench();
    await bench.fallAsleep();
    const device = bench.server.device(endpoint);
    bench.device.behaviour = () => undefined;
    const done: string[] = [];
    const asking = [
      device.write('/3/0/14', 'a').then(() => done.push('write')),
      device.read('/3/0/0').then(() => done.push('read')),
      device.execute('/3/0/4').then(() => done.push('execute')),
    ];
    await bench.update();
    await bench.pass(20_000);
    // The device acknowledged the request and does not answer yet: an empty acknowledgement is not enough.
    assert.deepEqual(bench.asked, ['PUT /3/0/14']);
    for (const expected of [
      ['PUT /3/0/14', 'GET /3/0/0'],
      ['PUT /3/0/14', 'GET /3/0/0', 'POST /3/0/4'],
      ['PUT /3/0/14', 'GET /3/0/0', 'POST /3/0/4'],
    ]) {
      const { exchange, request } = bench.device.received.at(-1) ?? assert.fail();
      const response = obliging(request);
      if (response === undefined || response === 'silence') assert.fail();
      bench.device.respond(exchange, response);
      await bench.pass(100);
      assert.deepEqual(bench.asked, expected);
    }
    await bench.finish(Promise.all(asking));
    assert.deepEqual(done, ['write', 'read', 'execute']);
  });

  test('waits for the device as long as its registration lasts, and no longer', async () => {
    await using bench = await openSleepyBench();
    await bench.fallAsleep();
    const device = bench.server.device(endpoint);
    const reading = device.read('/3/0/0');
    reading.catch(() => undefined);
    await bench.pass(86_000_000);
    await assert.rejects(bench.finish(reading), DeviceNotRegisteredError);
    assert.deepEqual(bench.asked, []);
  });

  test('is given up at its timeout, and is not sent afterwards', async () => {
    await using bench = await openSleepyBench();
    await bench.fallAsleep();
    const device = bench.server.device(endpoint);
    const writing = device.write('/3/0/14', 'a', { timeout: milliseconds(10_000) });
    await assert.rejects(bench.finish(writing), (error: unknown) => {
      assert.ok(error instanceof TransmissionError);
      assert.equal(error.code, 'expired');
      return /did not wake up/.test(error.message);
    });
    await bench.update();
    await bench.pass(1000);
    assert.deepEqual(bench.asked, []);
  });

  test('is given up by its signal, before and while it is sent', async () => {
    await using bench = await openSleepyBench();
    const device = bench.server.device(endpoint);
    const aborted = AbortSignal.abort(new Error('never mind'));
    await assert.rejects(device.read('/3/0/0', { signal: aborted }), /never mind/);
    await bench.fallAsleep();
    const first = new AbortController();
    const waiting = device.read('/3/0/0', { signal: first.signal });
    first.abort(new Error('first'));
    await assert.rejects(waiting, /first/);
    bench.device.behaviour = () => undefined;
    await bench.update();
    const second = new AbortController();
    const underWay = device.read('/3/0/1', { signal: second.signal });
    await bench.pass(1000);
    assert.deepEqual(bench.asked, ['GET /3/0/1']);
    second.abort(new Error('second'));
    await assert.rejects(underWay, /second/);
    bench.device.behaviour = obliging;
    await bench.finish(device.read('/3/0/2'));
  });

  test('may rather fail than wait', async () => {
    await using bench = await openSleepyBench();
    const device = bench.server.device(endpoint);
    await bench.finish(device.read('/3/0/0', { whenAsleep: 'fail' }));
    await bench.fallAsleep();
    await assert.rejects(device.read('/3/0/0', { whenAsleep: 'fail' }), DeviceAsleepError);
  });

  test('goes on with the new registration when the device registers anew', async () => {
    await using bench = await openSleepyBench();
    await bench.fallAsleep();
    const device = bench.server.device(endpoint);
    const creating = device.create('/3303', { 5700: 1 });
    await bench.register();
    assert.deepEqual(await bench.finish(creating), {
      kind: 'object-instance',
      objectId: 3303,
      objectInstanceId: 7,
    });
  });

  test('rejects when the server closes', async () => {
    const bench = await openSleepyBench();
    await bench.fallAsleep();
    const reading = bench.server.device(endpoint).read('/3/0/0');
    const rejection = assert.rejects(reading, { code: 'closed' });
    await bench.server.close();
    await rejection;
  });

  test('is refused when too many wait already', async () => {
    await using bench = await openSleepyBench({ limits: { requestsPerDevice: 2 } });
    await bench.fallAsleep();
    const device = bench.server.device(endpoint);
    const waiting = [device.execute('/3/0/4'), device.execute('/3/0/5')];
    await assert.rejects(device.execute('/3/0/6'), { code: 'overloaded' });
    await bench.update();
    await bench.finish(Promise.all(waiting));
  });
});

describe('Equal Reads that wait for a sleeping device', () => {
  test('are one request, and each has the result', async () => {
    await using bench = await openSleepyBench();
    await bench.fallAsleep();
    const device = bench.server.device(endpoint);
    const reading = [
      device.read('/3/0/0'),
      device.read('/3/0/1'),
      device.read('/3/0/0'),
      device.readContent('/3/0/0'),
    ];
    await bench.update();
    const contents = await bench.finish(Promise.all(reading));
    assert.deepEqual(contents[0], single('string', 'Acme'));
    assert.deepEqual(contents[2], contents[0]);
    assert.deepEqual(bench.asked, ['GET /3/0/0', 'GET /3/0/1']);
  });

  test('share a refusal too', async () => {
    await using bench = await openSleepyBench();
    await bench.fallAsleep();
    bench.device.behaviour = () => ({ code: ResponseCode.notFound });
    const device = bench.server.device(endpoint);
    const reading = [device.read('/3/0/99'), device.read('/3/0/99')];
    const settled = Promise.allSettled(reading);
    await bench.update();
    for (const outcome of await bench.finish(settled)) {
      const reason: unknown = outcome.status === 'rejected' ? outcome.reason : undefined;
      assert.ok(reason instanceof ResponseError);
      assert.equal(reason.coapCode, '4.04');
    }
    assert.equal(bench.asked.length, 1);
  });

  test('are asked apart when a Write stands between them', async () => {
    await using bench = await openSleepyBench();
    await bench.fallAsleep();
    const device = bench.server.device(endpoint);
    const all = [device.read('/3/0/14'), device.write('/3/0/14', 'b'), device.read('/3/0/14')];
    await bench.update();
    await bench.finish(Promise.all(all));
    assert.deepEqual(bench.asked, ['GET /3/0/14', 'PUT /3/0/14', 'GET /3/0/14']);
  });

  test('are asked apart when they differ in format or type', async () => {
    await using bench = await openSleepyBench();
    await bench.fallAsleep();
    const device = bench.server.device(endpoint);
    const all = [
      device.read('/3/0/0'),
      device.read('/3/0/0', { format: 11_542 }),
      device.read(Device.manufacturer),
    ];
    await bench.update();
    await bench.finish(Promise.all(all));
    assert.equal(bench.asked.length, 3);
  });

  test('go on when one of those who wait leaves', async () => {
    await using bench = await openSleepyBench();
    await bench.fallAsleep();
    const device = bench.server.device(endpoint);
    const leaving = new AbortController();
    bench.device.behaviour = () => undefined;
    const first = device.read('/3/0/0', { signal: leaving.signal });
    const second = device.read('/3/0/0');
    await bench.update();
    await bench.pass(100);
    leaving.abort(new Error('gone'));
    await assert.rejects(first, /gone/);
    const { exchange } = bench.device.received[0] ?? assert.fail();
    bench.device.respond(exchange, contentResponse('/3/0/0', single('string', 'Acme')));
    assert.deepEqual(await bench.finish(second), single('string', 'Acme'));
  });
});

describe('Observations of a sleeping device', () => {
  test('begin when it wakes up', async () => {
    await using bench = await openSleepyBench();
    await bench.fallAsleep();
    const observation = bench.server.device(endpoint).observe('/3/0/0');
    const started = observation.started();
    await bench.pass(1000);
    assert.deepEqual(bench.asked, []);
    await bench.update();
    assert.deepEqual((await bench.finish(started)).value, single('string', 'Acme'));
  });

  test('are cancelled without a word while it sleeps, and its next notification is rejected (R-504, R-802)', async () => {
    await using bench = await openSleepyBench();
    const device = bench.server.device(endpoint);
    await bench.finish(device.observe('/3/0/0').started());
    await bench.fallAsleep();
    await bench.finish(device.cancelObservation('/3/0/0'));
    assert.equal(bench.asked.length, 1);
    await bench.update();
    bench.device.notify(bench.device.relations[0], contentResponse('/3/0/0', single('string', 'B')));
    await bench.pass(1000);
    assert.deepEqual(
      bench.device.endedRelations.map(({ reason }) => reason),
      ['reset'],
    );
  });

  test('are cancelled actively when that is asked for, in their turn', async () => {
    await using bench = await openSleepyBench();
    const device = bench.server.device(endpoint);
    await bench.finish(device.observe('/3/0/0').started());
    await bench.fallAsleep();
    const cancelled = device.cancelObservation('/3/0/0', { way: 'active' });
    await bench.pass(1000);
    assert.equal(bench.asked.length, 1);
    await bench.update();
    await bench.finish(cancelled);
    assert.equal(bench.device.received[1]?.request.observe, 'deregister');
  });
});
