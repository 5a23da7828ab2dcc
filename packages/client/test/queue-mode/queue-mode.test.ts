import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { milliseconds } from '@dunlin/base';
import { type ClientOptions, device, type QueueModeEvent, type ServerAccount } from '@dunlin/client';
import { Method } from '@dunlin/coap';
import { Device } from '@dunlin/lwm2m';

import { acceptAll } from '../support/scripted-server.ts';
import { bytes, lifetime, segments, serverUri, text, watched, World } from '../support/world.ts';

/** A client in binding mode UQ, and what it says of its sleep. */
async function sleeper(
  account: Partial<ServerAccount> = {},
  options: Partial<ClientOptions> = {},
): Promise<{ readonly world: World; readonly events: QueueModeEvent['kind'][] }> {
  const world = await World.registered({
    servers: [{ uri: serverUri, shortServerId: 101, lifetime: lifetime(600), binding: 'UQ', ...account }],
    objects: [
      device({
        onReboot: () => undefined,
        supportedBindingAndModes: 'UQ',
        manufacturer: 'Dunlin',
        batteryLevel: 90,
      }),
    ],
    ...options,
  });
  const events: QueueModeEvent['kind'][] = [];
  world.client.queueMode.subscribe(({ kind }) => events.push(kind));
  return { world, events };
}

const read = async (world: World, path: string): Promise<string> => {
  const answer = await world.attempt({ method: Method.get, uriPath: segments(path) });
  return typeof answer === 'object' ? answer.code : answer;
};

describe('a client in queue mode (1.0 §8.3)', () => {
  test('says so when it registers', async () => {
    const { world } = await sleeper();
    assert.ok(world.server.received[0]?.request.uriQuery.includes('b=UQ'));
  });

  test('is awake for 93 s after each message that it sent, then hears nothing (R-804)', async () => {
    const { world, events } = await sleeper();
    await world.pass(90);
    assert.equal(await read(world, '/3/0/0'), '2.05');
    await world.pass(90);
    assert.equal(await read(world, '/3/0/0'), '2.05');
    assert.deepEqual(events, []);
    await world.pass(94);
    assert.deepEqual(events, ['asleep']);
    assert.equal(await read(world, '/3/0/0'), 'no-answer');
  });

  test('wakes to update in time, and is awake again (R-803)', async () => {
    const { world, events } = await sleeper();
    await world.until(() => world.server.lines.length > 1);
    assert.deepEqual(world.server.lines, ['POST /rd', 'POST /rd/1']);
    assert.deepEqual(events, ['asleep', 'awake']);
    assert.equal(await read(world, '/3/0/0'), '2.05');
  });

  test('stays awake as long as its author says', async () => {
    const { world, events } = await sleeper({}, { awakeWindow: milliseconds(20_000) });
    await world.pass(19);
    assert.deepEqual(events, []);
    await world.pass(2);
    assert.deepEqual(events, ['asleep']);
  });

  test('wakes for a notification: first the Update, then the notification (R-807)', async () => {
    const { world } = await sleeper();
    const watch = await world.observe('/3/0/9');
    await world.pass(100);
    world.server.script = (received) => {
      assert.equal(watch.notifications.length, 1, 'the notification comes after the Update');
      return acceptAll()(received);
    };
    world.client.set(Device.batteryLevel, 50);
    await world.until(() => watch.notifications.length > 1);
    assert.deepEqual(world.server.lines, ['POST /rd', 'POST /rd/1']);
    assert.equal(await read(world, '/3/0/0'), '2.05');
  });

  test('listens always when the Server sets another binding mode', async () => {
    const { world, events } = await sleeper();
    assert.equal((await world.put('/1/0/7', text, bytes('U'))).code, '2.04');
    await world.pass(300);
    assert.deepEqual(events, []);
    assert.equal(await read(world, '/3/0/0'), '2.05');
  });
});

describe('notifications that are due while a client sleeps', () => {
  test('are all sent after the Update (R-550)', async () => {
    const { world } = await sleeper();
    const watch = await world.observe('/3/0/9');
    await world.pass(100);
    world.server.script = () => undefined;
    for (const level of [80, 70, 60]) {
      world.client.set(Device.batteryLevel, level);
      await world.pass(1);
    }
    assert.equal(watch.notifications.length, 1);
    world.server.script = acceptAll();
    await world.until(() => watch.notifications.length > 3);
    assert.equal(watch.notifications.length, 4);
    // They leave in one go, and a network may turn that around.
    const levels = watch.notifications.map(({ payload }) => payload.at(-1) ?? 0);
    assert.deepEqual(
      levels.toSorted((one, other) => other - one),
      [90, 80, 70, 60],
    );
  });

  test('are discarded when the Server does not want them stored (R-551)', async () => {
    const { world } = await sleeper({ notificationStoring: false });
    const watch = await world.observe('/3/0/9');
    await world.pass(100);
    world.client.set(Device.batteryLevel, 50);
    await world.pass(10);
    assert.deepEqual(world.server.lines, ['POST /rd']);
    await world.until(() => world.server.lines.length > 1);
    await world.pass(10);
    assert.equal(watch.notifications.length, 1);
    assert.ok(world.diagnostics.some(({ kind }) => kind === 'notification-discarded'));
  });

  test('are kept up to a number; the oldest go (R-550)', async () => {
    const { world } = await sleeper({}, { limits: { storedNotificationsPerServer: 2 } });
    const watch = await world.observe('/3/0/9');
    await world.pass(100);
    world.server.script = () => undefined;
    for (const level of [80, 70, 60]) {
      world.client.set(Device.batteryLevel, level);
      await world.pass(1);
    }
    world.server.script = acceptAll();
    await world.until(() => watch.notifications.length > 2);
    const levels = watch.notifications.map(({ payload }) => payload.at(-1) ?? 0);
    assert.deepEqual(
      levels.toSorted((one, other) => other - one),
      [90, 70, 60],
    );
  });

  test('are void when the client has to register anew (R-553)', async () => {
    const { world } = await sleeper();
    const watch = await world.observe('/3/0/9');
    await world.pass(100);
    world.server.script = () => undefined;
    world.client.set(Device.batteryLevel, 50);
    await world.pass(1);
    world.client.restart();
    world.server.script = acceptAll();
    await world.until(() => world.events.filter(({ kind }) => kind === 'registered').length > 1);
    await world.pass(10);
    assert.equal(watch.notifications.length, 1);
  });
});

test('closing wakes a sleeping client to say goodbye', async () => {
  const { world } = await sleeper();
  await world.pass(100);
  const closed = watched(world.client.close().then(() => true));
  await world.until(() => closed.value === true);
  assert.equal(world.server.lines.at(-1), 'DELETE /rd/1');
});
