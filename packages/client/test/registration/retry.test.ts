import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { milliseconds, TransmissionError } from '@dunlin/base';
import { type Binding, ResponseCode } from '@dunlin/coap';
import { LwM2mClient, type RegistrationEvent } from '@dunlin/client';

import { completeDevice } from '../support/reference-device.ts';
import { acceptAll } from '../support/scripted-server.ts';
import { World } from '../support/world.ts';

const refusing = (code: ResponseCode, maxAge?: number) =>
  World.open({}, (server) => {
    server.script = () => ({ code, maxAge, payload: new TextEncoder().encode('because') });
  });

const failure = (event: RegistrationEvent | undefined) => {
  assert.ok(event?.kind === 'failed');
  return event;
};

const waitAfter503 = async (maxAge?: number) => {
  const world = await refusing(ResponseCode.serviceUnavailable, maxAge);
  await world.until(() => world.events.length === 1);
  const event = failure(world.events[0]);
  assert.equal(event.failure.problem, 'unavailable');
  return (event.nextAttemptAt - world.network.clock.now) / 1000;
};

describe('when a Register fails (1.0 §8.2.4, R-316)', () => {
  for (const [name, problem] of [
    ['preconditionFailed', 'unsupported-version'],
    ['forbidden', 'forbidden'],
    ['badRequest', 'refused'],
    ['notFound', 'refused'],
  ] as const) {
    test(`${name} is told as ${problem}, with what the Server said, and tried again after a pause (R-311, R-312)`, async () => {
      const world = await refusing(ResponseCode[name]);
      await world.until(() => world.events.length === 1);
      const event = failure(world.events[0]);
      assert.deepEqual([event.failure.operation, event.failure.problem], ['register', problem]);
      assert.match(event.failure.message, /because/);
      assert.equal(world.client.servers[0]?.state, 'waiting');
      const wait = event.nextAttemptAt - world.network.clock.now;
      assert.ok(wait > 14_900 && wait <= 30_000, `${wait}`);
      world.server.script = acceptAll();
      await world.until(() => world.events.length === 2);
      assert.equal(world.events[1]?.kind, 'registered');
      assert.ok(Math.abs(world.network.clock.now - event.nextAttemptAt) < 1000);
    });
  }

  test('refusals are tried again after pauses that grow from half a minute to ten minutes, and are spread', async () => {
    const world = await refusing(ResponseCode.forbidden);
    await world.pass(7200);
    const waits = world.events.map((event, index) => {
      const at = world.server.received[index]?.at ?? 0;
      return (failure(event).nextAttemptAt - at) / 1000;
    });
    for (const [index, wait] of waits.entries()) {
      const bound = Math.min(30 * 2 ** index, 600);
      assert.ok(wait >= bound / 2 && wait <= bound + 0.1, `attempt ${index}: ${wait}`);
    }
    assert.ok(waits.length > 12 && waits.length < 30, `${waits.length}`);
    assert.ok(new Set(waits.map((wait) => wait.toFixed(3))).size > 10, 'they differ');
  });

  test('a refusal after a long outage is a first one', async () => {
    const world = await refusing(ResponseCode.internalServerError);
    await world.pass(7200);
    world.server.script = () => ({ code: ResponseCode.forbidden });
    const refusals = (): readonly RegistrationEvent[] =>
      world.events.filter((event) => event.kind === 'failed' && event.failure.problem === 'forbidden');
    await world.until(() => refusals().length === 1);
    const afterOutage = failure(refusals()[0]).nextAttemptAt - world.network.clock.now;
    assert.ok(afterOutage <= 30_000, `${afterOutage}`);
  });

  test('refusals and silence in turns do not begin their pauses anew', async () => {
    let count = 0;
    const world = await World.open({}, (server) => {
      server.script = () => {
        count += 1;
        return { code: count % 2 === 0 ? ResponseCode.forbidden : ResponseCode.internalServerError };
      };
    });
    await world.pass(7200);
    assert.ok(count < 60, `${count}`);
    world.client.update();
    await world.pass(1);
    const wait = failure(world.events.at(-1)).nextAttemptAt - world.network.clock.now;
    assert.ok(wait > 298_000, `${wait}`);
  });

  test('5.00 is tried again after an exponential, bounded delay that is spread', async () => {
    const world = await refusing(ResponseCode.internalServerError);
    await world.pass(7200);
    const waits = world.events.map((event, index) => {
      const at = world.server.received[index]?.at ?? 0;
      return (failure(event).nextAttemptAt - at) / 1000;
    });
    for (const [index, wait] of waits.entries()) {
      const bound = Math.min(4 * 2 ** index, 600);
      assert.ok(wait >= bound / 2 && wait <= bound + 0.1, `attempt ${index}: ${wait}`);
    }
    assert.ok(waits.length > 12);
    assert.equal(new Set(waits.map((wait) => wait.toFixed(3))).size > 10, true, 'they differ');
  });

  test('a success starts the delays anew', async () => {
    const world = await refusing(ResponseCode.internalServerError);
    await world.pass(100);
    world.server.script = acceptAll();
    await world.until(() => world.events.at(-1)?.kind === 'registered');
    world.server.script = () => ({ code: ResponseCode.internalServerError });
    world.client.restart();
    await world.until(() => world.events.at(-1)?.kind === 'failed');
    const wait = failure(world.events.at(-1)).nextAttemptAt - world.network.clock.now;
    assert.ok(wait <= 4000, `${wait}`);
  });

  test('5.03 is tried again when Max-Age has passed, and after a minute when there is none', async () => {
    assert.ok((await waitAfter503(200)) >= 200 && (await waitAfter503(200)) <= 250);
    assert.ok((await waitAfter503()) >= 60 && (await waitAfter503()) <= 75);
  });

  test('no answer is tried again', async () => {
    const world = await World.open({}, (server) => {
      server.script = () => undefined;
    });
    await world.until(() => world.events.length === 1);
    assert.equal(failure(world.events[0]).failure.problem, 'no-answer');
    world.server.script = acceptAll();
    await world.until(() => world.events.at(-1)?.kind === 'registered');
  });

  test('2.01 without a location is not a registration', async () => {
    const world = await refusing(ResponseCode.created);
    await world.until(() => world.events.length === 1);
    assert.equal(failure(world.events[0]).failure.problem, 'protocol');
    assert.equal(world.client.servers[0]?.location, undefined);
  });

  test('update() while waiting tries at once', async () => {
    const world = await refusing(ResponseCode.forbidden);
    await world.until(() => world.events.length === 1);
    world.server.script = acceptAll();
    world.client.update();
    await world.pass(1);
    assert.equal(world.client.servers[0]?.state, 'registered');
  });

  test('the delays are options', async () => {
    const world = await World.open({ retry: { refusedDelay: milliseconds(1000) } }, (server) => {
      server.script = () => ({ code: ResponseCode.forbidden });
    });
    await world.until(() => world.events.length === 1);
    assert.ok(failure(world.events[0]).nextAttemptAt - world.network.clock.now <= 1000);
  });
});

test('4.29 is tried again when Max-Age has passed (RFC 8516)', async () => {
  const world = await refusing(ResponseCode.tooManyRequests, 30);
  await world.until(() => world.events.length === 1);
  const wait = failure(world.events[0]).nextAttemptAt - world.network.clock.now;
  assert.ok(wait >= 30_000 && wait <= 38_000, `${wait}`);
});

describe('the name of a Server', () => {
  test('it is looked up for each attempt, and a failed look-up is one', async () => {
    const world = await World.registered();
    const names: string[] = [];
    const plain = world.network.binding('192.0.2.8', 0);
    const binding: Binding = {
      open: async (driven) => {
        const shell = await plain.open(driven);
        return {
          local: shell.local,
          random: shell.random,
          now: () => shell.now(),
          flush: () => shell.flush(),
          peer: (address, port) => shell.peer(address, port),
          resolve: async (host, port) => {
            names.push(`${host}:${port}`);
            if (names.length === 1) throw new TransmissionError('not-sent', 'no such host');
            return Promise.resolve(shell.peer('192.0.2.1', port));
          },
          [Symbol.asyncDispose]: () => shell[Symbol.asyncDispose](),
        };
      },
    };
    const client = await LwM2mClient.open({
      endpoint: 'named',
      servers: [{ uri: 'coap://server.example', shortServerId: 1 }],
      objects: [completeDevice()],
      binding,
    });
    const events: RegistrationEvent[] = [];
    client.registered.subscribe((event) => events.push(event));
    client.registrationFailed.subscribe((event) => events.push(event));
    await world.until(() => events.length === 2);
    assert.deepEqual(names, ['server.example:5683', 'server.example:5683']);
    assert.deepEqual(
      events.map(({ kind }) => kind),
      ['failed', 'registered'],
    );
    assert.equal(failure(events[0]).failure.problem, 'unresolved');
  });

  test('an IPv6 address stands in brackets in the URI', async () => {
    let resolved = '';
    const world = await World.registered();
    const plain = world.network.binding('192.0.2.8', 0);
    const client = await LwM2mClient.open({
      endpoint: 'six',
      servers: [{ uri: 'coap://[2001:db8::1]:61616', shortServerId: 1 }],
      objects: [completeDevice()],
      binding: {
        open: async (driven) => {
          const shell = await plain.open(driven);
          shell.resolve = (host, port) => {
            resolved = `${host} ${port}`;
            return Promise.resolve(shell.peer(host, port));
          };
          return shell;
        },
      },
    });
    await world.pass(1);
    assert.equal(resolved, '2001:db8::1 61616');
    const closing = client.close();
    await world.pass(10);
    await closing;
  });
});
