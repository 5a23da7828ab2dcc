import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { type Milliseconds, milliseconds, seconds, UsageError, utf8Encode } from '@dunlin/base';
import { type IncomingRequest, type Response, ResponseCode } from '@dunlin/coap';
import {
  DeviceNotRegisteredError,
  type DesiredState,
  type DeviceDesires,
  MemoryDeviceStore,
  MemoryRegistrationStore,
  QueueFullError,
  ResponseError,
} from '@dunlin/server';

import { lineOf, observable } from '../support/observing-device.ts';
import { endpoint, openSleepyBench, type SleepyBench } from '../support/sleepy-device.ts';
import { contentResponse, openTestServer, single, type TestServer } from '../support/test-server.ts';

const path = '/6/0/0';

/** A device that can be observed, registered with this binding. */
async function openBench(
  binding = 'U',
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

/** What the device was asked since `from`. */
function asked(bench: TestServer, from = 0): readonly string[] {
  return bench.device.received.slice(from).map(({ request }) => lineOf(request));
}

async function states(bench: TestServer): Promise<readonly string[]> {
  return (await desires(bench).list()).map(stateLine);
}

function stateLine({ kind, path: at, state, coapCode }: DesiredState): string {
  return `${kind} ${at} ${state}${coapCode === undefined ? '' : ` ${coapCode}`}`;
}

const refusing =
  (code: ResponseCode, text = ''): ((request: IncomingRequest) => Response) =>
  () => ({ code, payload: utf8Encode(text) });

const minutes = (count: number): Milliseconds => milliseconds(count * 60_000);

describe('An observation that is wished', () => {
  test('begins at once when the device can be reached, and gives the first content', async () => {
    await using bench = await openBench();
    const wish = await bench.finish(desires(bench).observe(path));
    assert.deepEqual(wish.content, single('float', 21.5));
    assert.equal(wish.isNew, true);
    assert.equal(wish.observation.state, 'active');
    assert.equal(wish.observation.path, path);
    assert.deepEqual(await states(bench), [`observation ${path} active`]);
    assert.deepEqual(
      (await bench.server.device(endpoint).observations()).map((each) => each.path),
      [path],
    );
  });

  test('is established again after every registration, after the answer to it (R-506, R-343)', async () => {
    await using bench = await openBench();
    await bench.finish(desires(bench).observe(path));
    for (let count = 2; count < 5; count += 1) {
      await bench.register('U');
      assert.deepEqual(asked(bench).length, count - 1);
      await bench.pass(100);
      assert.equal(asked(bench).length, count);
      assert.deepEqual(await states(bench), [`observation ${path} active`]);
    }
    assert.deepEqual([...new Set(asked(bench))], [`observe ${path}`]);
  });

  test('is established again when the device comes back after its registration ended, and is pending meanwhile', async () => {
    await using bench = await openBench();
    await bench.finish(desires(bench).observe(path));
    await bench.server.deregister(endpoint);
    await bench.pass(1000);
    assert.deepEqual(await states(bench), [`observation ${path} pending`]);
    await bench.register('U');
    await bench.pass(100);
    assert.deepEqual(await states(bench), [`observation ${path} active`]);
  });

  test('is left alone by Updates (R-506)', async () => {
    await using bench = await openBench();
    await bench.finish(desires(bench).observe(path));
    await bench.update();
    await bench.update(['lt=600']);
    await bench.pass(1000);
    assert.equal(asked(bench).length, 1);
  });

  test('comes with its attributes, which are written first and again after every registration', async () => {
    await using bench = await openBench();
    await bench.finish(desires(bench).observe(path, { attributes: { pmin: seconds(5), pmax: seconds(60) } }));
    const both = [`attributes ${path} pmin=5&pmax=60`, `observe ${path}`];
    assert.deepEqual(asked(bench), both);
    await bench.register('U');
    await bench.pass(100);
    assert.deepEqual(asked(bench, 2), both);
    assert.deepEqual(await states(bench), [`attributes ${path} active`, `observation ${path} active`]);
  });

  test('tells its notifications to the server, whatever the registration', async () => {
    await using bench = await openBench();
    const notified: string[] = [];
    bench.server.notified.subscribe(({ path: at }) => notified.push(at));
    await bench.finish(desires(bench).observe(path));
    await bench.register('U');
    await bench.pass(100);
    bench.device.notify(bench.device.relations[1], contentResponse(path, single('float', 22)));
    await bench.pass(100);
    assert.deepEqual(notified, [path, path, path]);
  });

  test('is wished for a device that is not registered now, but not for one that never was', async () => {
    await using bench = await openBench();
    await bench.server.deregister(endpoint);
    const wish = await desires(bench).observe(path);
    assert.equal(wish.observation.state, 'pending');
    assert.equal(wish.content, undefined);
    await bench.register('U');
    await bench.pass(100);
    assert.deepEqual(await states(bench), [`observation ${path} active`]);
    const stranger = bench.server.device('stranger').desired;
    await assert.rejects(stranger.observe(path), DeviceNotRegisteredError);
    await assert.rejects(stranger.setAttributes(path, { pmin: seconds(1) }), DeviceNotRegisteredError);
    assert.deepEqual(await stranger.list(), []);
  });

  test('is not kept when the device refuses it at once, or does not answer', async () => {
    await using bench = await openBench();
    bench.device.behaviour = refusing(ResponseCode.notFound);
    await assert.rejects(bench.finish(desires(bench).observe(path)), ResponseError);
    bench.device.behaviour = () => 'silence';
    await assert.rejects(bench.finish(desires(bench).observe(path)), { code: 'no-answer' });
    const late = desires(bench).observe(path, { timeout: milliseconds(1000) });
    await assert.rejects(bench.finish(late), { code: 'expired' });
    assert.deepEqual(await states(bench), []);
  });

  test('cannot be wished where nothing can be observed, nor without end', async () => {
    await using bench = await openBench('U', { limits: { desiredItems: 2 } });
    for (const wrong of ['/', '/3/0/0/0', 'three'])
      await assert.rejects(desires(bench).observe(wrong), UsageError);
    await bench.finish(desires(bench).observe('/6/0/1'));
    await bench.finish(desires(bench).observe('/6/0/2'));
    await bench.finish(desires(bench).observe('/6/0/2'));
    await assert.rejects(desires(bench).observe('/6/0/3'), QueueFullError);
  });

  test('is refused with its code when the device refuses it later, and asked again after the next registration', async () => {
    await using bench = await openBench();
    await bench.finish(desires(bench).observe(path));
    bench.device.behaviour = refusing(ResponseCode.notFound, 'no such sensor');
    await bench.register('U');
    await bench.pass(100);
    const [item] = await desires(bench).list();
    assert.equal(item?.state, 'refused');
    assert.equal(item.coapCode, '4.04');
    assert.match(item.reason ?? '', /no such sensor/);
    await bench.update();
    await bench.pass(minutes(120));
    assert.equal(asked(bench).length, 2);
    bench.device.behaviour = observable;
    await bench.register('U');
    await bench.pass(100);
    assert.deepEqual(await states(bench), [`observation ${path} active`]);
  });

  test('is asked again when the device registers other Objects', async () => {
    await using bench = await openBench();
    await bench.finish(desires(bench).observe(path));
    bench.device.behaviour = refusing(ResponseCode.notFound);
    await bench.register('U');
    await bench.pass(100);
    bench.device.behaviour = observable;
    await bench.update();
    await bench.pass(1000);
    assert.deepEqual(await states(bench), [`observation ${path} refused 4.04`]);
    await bench.updateObjects('</1/0>,</3/0>,</6/0>,</3303/1>');
    await bench.pass(100);
    assert.deepEqual(await states(bench), [`observation ${path} active`]);
  });

  test('is asked again after a while when there was no answer or one of class 5, the while doubling', async () => {
    await using bench = await openBench();
    await bench.finish(desires(bench).observe(path));
    bench.device.behaviour = refusing(ResponseCode.internalServerError);
    await bench.register('U');
    await bench.pass(100);
    const [item] = await desires(bench).list();
    assert.equal(item?.state, 'pending');
    assert.equal(item.coapCode, '5.00');
    for (const [after, count] of [
      [29_000, 2],
      [1000, 3],
      [59_000, 3],
      [1000, 4],
      [119_000, 4],
      [1000, 5],
    ] as const) {
      await bench.pass(after);
      assert.equal(asked(bench).length, count);
    }
    bench.device.behaviour = observable;
    await bench.pass(minutes(4));
    assert.deepEqual(await states(bench), [`observation ${path} active`]);
    await bench.pass(minutes(300));
    assert.equal(asked(bench).length, 6);
  });

  test('is refused when the device ends it with an error, until it registers anew', async () => {
    await using bench = await openBench();
    await bench.finish(desires(bench).observe(path));
    bench.device.notify(bench.device.relations[0], { code: ResponseCode.notFound });
    await bench.pass(1000);
    assert.deepEqual(await states(bench), [`observation ${path} refused 4.04`]);
    assert.equal(asked(bench).length, 1);
    await bench.register('U');
    await bench.pass(100);
    assert.deepEqual(await states(bench), [`observation ${path} active`]);
  });

  test('is established again when somebody else ended it', async () => {
    await using bench = await openBench();
    await bench.finish(desires(bench).observe(path));
    const own = bench.server.device(endpoint).observe(path);
    await bench.finish(own.started());
    await own.return();
    await bench.pass(1000);
    assert.deepEqual(await states(bench), [`observation ${path} active`]);
    assert.deepEqual(asked(bench), [
      `observe ${path}`,
      `observe ${path}`,
      `cancel ${path}`,
      `observe ${path}`,
    ]);
  });

  test('ends when it is withdrawn, and does not come back', async () => {
    await using bench = await openBench();
    await bench.finish(desires(bench).observe(path));
    assert.equal(await bench.finish(desires(bench).withdrawObservation(path)), true);
    assert.equal(await bench.finish(desires(bench).withdrawObservation(path)), false);
    assert.deepEqual(asked(bench), [`observe ${path}`, `cancel ${path}`]);
    await bench.register('U');
    await bench.pass(1000);
    assert.equal(asked(bench).length, 2);
    assert.deepEqual(await states(bench), []);
  });

  test('ends also when it is withdrawn while it is being established', async () => {
    await using bench = await openBench();
    await bench.finish(desires(bench).observe(path));
    bench.device.behaviour = () => undefined;
    await bench.register('U');
    await bench.pass(100);
    await desires(bench).withdrawObservation(path);
    const { exchange, request } = bench.device.received.at(-1) ?? assert.fail();
    bench.device.respond(exchange, observable(request), true);
    await bench.pass(1000);
    bench.device.notify(bench.device.relations.at(-1), contentResponse(path, single('float', 1)));
    await bench.pass(1000);
    assert.deepEqual(bench.device.endedRelations.at(-1)?.reason, 'reset');
    assert.deepEqual(await bench.server.device(endpoint).observations(), []);
  });
});

describe('Wishes for a device in queue mode', () => {
  test('are kept while it sleeps and established when it wakes up (R-802)', async () => {
    await using bench = await openBench('UQ');
    await bench.fallAsleep();
    const wish = await desires(bench).observe(path, { attributes: { pmin: seconds(5) } });
    assert.equal(wish.observation.state, 'pending');
    await bench.pass(minutes(60));
    assert.deepEqual(asked(bench), []);
    await bench.update();
    await bench.pass(100);
    assert.deepEqual(asked(bench), [`attributes ${path} pmin=5`, `observe ${path}`]);
    assert.deepEqual(await states(bench), [`attributes ${path} active`, `observation ${path} active`]);
    await bench.update();
    await bench.pass(100);
    assert.equal(asked(bench).length, 2);
  });

  test('go ahead of what waits in line, one request at a time (R-805)', async () => {
    await using bench = await openBench('UQ');
    await bench.fallAsleep();
    const { operations } = bench.server.device(endpoint);
    for (const target of ['/6/0/1', '/6/0/2']) await operations.enqueue({ name: 'read', target });
    await desires(bench).observe(path);
    bench.device.behaviour = () => undefined;
    await bench.register('UQ');
    for (const expected of [
      ['read /6/0/1'],
      ['read /6/0/1', `observe ${path}`],
      ['read /6/0/1', `observe ${path}`, 'read /6/0/2'],
    ]) {
      await bench.pass(1000);
      assert.deepEqual(asked(bench), expected);
      const { exchange, request } = bench.device.received.at(-1) ?? assert.fail();
      bench.device.respond(exchange, observable(request), request.observe === 'register');
    }
  });

  test('wait for the next time when it does not answer', async () => {
    await using bench = await openBench('UQ');
    await bench.fallAsleep();
    await desires(bench).observe(path);
    bench.device.behaviour = () => undefined;
    await bench.update();
    await bench.pass(10);
    bench.network.setConditionsAt('10.0.0.2', { loss: 1 });
    await bench.pass(minutes(60));
    assert.deepEqual(await states(bench), [`observation ${path} pending`]);
    bench.network.setConditionsAt('10.0.0.2', undefined);
    bench.device.behaviour = observable;
    await bench.pass(minutes(60));
    assert.deepEqual(asked(bench), [`observe ${path}`]);
    await bench.update();
    await bench.pass(100);
    assert.deepEqual(await states(bench), [`observation ${path} active`]);
  });

  test('are withdrawn without a word while it sleeps, and its next notification is rejected', async () => {
    await using bench = await openBench('UQ');
    await bench.finish(desires(bench).observe(path));
    await bench.fallAsleep();
    assert.equal(await desires(bench).withdrawObservation(path), true);
    assert.equal(asked(bench).length, 1);
    bench.device.notify(bench.device.relations[0], contentResponse(path, single('float', 1)));
    await bench.pass(1000);
    assert.equal(bench.device.endedRelations[0]?.reason, 'reset');
  });
});

describe('Attributes that are wished', () => {
  test('are written at once, and what was wished before is kept', async () => {
    await using bench = await openBench();
    await bench.finish(desires(bench).setAttributes(path, { pmin: seconds(5) }));
    const both = await bench.finish(desires(bench).setAttributes(path, { pmax: seconds(60) }));
    assert.deepEqual(both?.change, { pmin: 5, pmax: 60 });
    assert.deepEqual(asked(bench), [`attributes ${path} pmin=5`, `attributes ${path} pmax=60`]);
    await bench.register('U');
    await bench.pass(100);
    assert.deepEqual(asked(bench, 2), [`attributes ${path} pmin=5&pmax=60`]);
  });

  test('are gone from the wish when they are unset', async () => {
    await using bench = await openBench();
    await bench.finish(desires(bench).setAttributes(path, { pmin: seconds(5), gt: 30 }));
    const left = await bench.finish(desires(bench).setAttributes(path, { pmin: null }));
    assert.deepEqual(left?.change, { gt: 30 });
    assert.equal(await bench.finish(desires(bench).setAttributes(path, { gt: null })), undefined);
    assert.deepEqual(await states(bench), []);
  });

  test('are unset when they are withdrawn, also of a device that sleeps', async () => {
    await using bench = await openBench('UQ');
    await bench.finish(desires(bench).setAttributes(path, { pmin: seconds(5), gt: 30 }));
    await bench.fallAsleep();
    assert.equal(await desires(bench).withdrawAttributes(path), true);
    assert.deepEqual(await states(bench), [`attributes ${path} pending`]);
    await bench.update();
    await bench.pass(100);
    assert.deepEqual(asked(bench, 1), [`attributes ${path} pmin&gt`]);
    assert.deepEqual(await states(bench), []);
    assert.equal(await desires(bench).withdrawAttributes(path), false);
  });

  test('that change while they are written are written once more', async () => {
    await using bench = await openBench('UQ');
    await bench.fallAsleep();
    await desires(bench).setAttributes(path, { pmin: seconds(5), pmax: null });
    bench.device.behaviour = () => undefined;
    await bench.update();
    await bench.pass(100);
    assert.deepEqual(asked(bench), [`attributes ${path} pmin=5&pmax`]);
    const changing = desires(bench).setAttributes(path, { pmin: seconds(6) });
    await bench.pass(100);
    bench.device.behaviour = observable;
    const { exchange } = bench.device.received[0] ?? assert.fail();
    bench.device.respond(exchange, { code: ResponseCode.changed });
    const item = await bench.finish(changing);
    await bench.pass(1000);
    assert.deepEqual(item?.change, { pmin: 6 });
    assert.match(asked(bench).at(-1) ?? '', /pmin=6/);
    assert.deepEqual(await states(bench), [`attributes ${path} active`]);
  });

  test('that the device refuses at once leave the wish as it was', async () => {
    await using bench = await openBench();
    await bench.finish(desires(bench).setAttributes(path, { pmin: seconds(5) }));
    bench.device.behaviour = refusing(ResponseCode.badRequest);
    await assert.rejects(bench.finish(desires(bench).setAttributes(path, { gt: 1 })), ResponseError);
    const [item] = await desires(bench).list();
    assert.deepEqual(item?.kind === 'attributes' && item.change, { pmin: 5 });
    assert.equal(item?.state, 'active');
    await assert.rejects(desires(bench).setAttributes(path, {}), UsageError);
  });
});

describe('After a restart of the server', () => {
  test('wishes are as before: what is established is left alone, what is not is established', async () => {
    const stores = { store: new MemoryRegistrationStore(), deviceStore: new MemoryDeviceStore() };
    const bench = await openBench('U', stores);
    await bench.finish(desires(bench).observe(path));
    bench.device.behaviour = () => 'silence';
    await assert.rejects(bench.finish(desires(bench).setAttributes('/3/0/9', { pmin: seconds(1) })));
    await bench.server.deregister(endpoint);
    await desires(bench).setAttributes('/3/0/9', { pmin: seconds(1) });
    bench.device.behaviour = observable;
    await bench.register('U');
    await bench.pass(100);
    const count = asked(bench).length;
    bench.device.behaviour = refusing(ResponseCode.internalServerError);
    await bench.server.device(endpoint).cancelObservation(path, { way: 'passive' });
    await bench.pass(100);
    assert.equal(asked(bench).length, count + 1);
    await bench.server.close();
    bench.device.behaviour = observable;
    await using second = await openTestServer(stores, bench.network);
    await bench.pass(100);
    assert.deepEqual(await states(second), [`attributes /3/0/9 active`, `observation ${path} active`]);
    assert.deepEqual(asked(bench, count + 1), [`observe ${path}`]);
    await second.server.close();
    await using third = await openTestServer(stores, bench.network);
    await bench.pass(1000);
    assert.deepEqual(asked(bench, count + 2), []);
    assert.equal((await states(third)).length, 2);
  });
});

describe('A fleet that comes back all at once', () => {
  test('is asked by a bounded number of devices at a time, and all are asked in the end', async () => {
    const limits = { reconciliations: 3, reconciliationsPerSecond: 50 };
    await using bench = await openTestServer({ limits });
    const devices = await Promise.all(
      Array.from({ length: 20 }, (_, index) => bench.newDevice(`10.0.1.${index + 1}`)),
    );
    for (const [index, device] of devices.entries()) {
      device.behaviour = observable;
      await device.registered(`fleet-${index}`, '</6/0>');
      await bench.finish(bench.server.device(`fleet-${index}`).desired.observe(path));
      device.behaviour = () => undefined;
    }
    const count = (): number => devices.reduce((sum, { received }) => sum + received.length, 0);
    assert.equal(count(), 20);
    for (const [index, device] of devices.entries()) await device.registered(`fleet-${index}`, '</6/0>');
    await bench.network.run(milliseconds(5000));
    assert.equal(count(), 23);
    for (let round = 0; round < 20; round += 1) {
      for (const device of devices) {
        device.behaviour = observable;
        const last = device.received[1];
        if (last !== undefined && device.relations.length < 2)
          device.respond(last.exchange, observable(last.request), true);
      }
      await bench.network.run(milliseconds(1000));
    }
    assert.equal(count(), 40);
  });
});

describe('A device that is forgotten', () => {
  test('loses its wishes, its operations and its values; its registration stays', async () => {
    await using bench = await openBench('UQ');
    const device = bench.server.device(endpoint);
    await bench.finish(desires(bench).observe(path, { attributes: { pmin: seconds(5) } }));
    await device.setAwakeWindow(milliseconds(5000));
    await bench.pass(10_000);
    await device.operations.enqueue({ name: 'read', target: '/3/0/0' });
    assert.equal(await device.forget(), true);
    assert.deepEqual(bench.told, ['queued 1', 'cancelled 1']);
    assert.deepEqual(await desires(bench).list(), []);
    assert.deepEqual(await device.operations.list(), []);
    assert.deepEqual(await device.knownValues(), []);
    assert.equal(device.awakeWindow, 93_000);
    bench.device.notify(bench.device.relations[0], contentResponse(path, single('float', 1)));
    await bench.update();
    await bench.pass(1000);
    assert.equal(bench.device.endedRelations[0]?.reason, 'reset');
    assert.equal(asked(bench).length, 2);
    assert.equal(await bench.server.device('stranger').forget(), false);
  });
});
