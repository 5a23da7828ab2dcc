import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { TransmissionError } from '@dunlin/base';
import { Method } from '@dunlin/coap';

import { completeDevice } from '../support/reference-device.ts';
import { acceptAll } from '../support/scripted-server.ts';
import { bytes, lifetime, segments, serverUri, text, watched, World } from '../support/world.ts';

describe('Deregister (1.0 §5.3.3)', () => {
  test('closing the client sends DELETE to the location, waits for the answer, and frees the binding (R-341)', async () => {
    const world = await World.registered();
    const closing = world.client.close();
    await world.pass(1);
    await closing;
    assert.deepEqual(world.server.lines, ['POST /rd', 'DELETE /rd/1']);
    assert.deepEqual(world.events.at(-1), {
      kind: 'deregistered',
      shortServerId: 101,
      reason: 'closed',
      isAcknowledged: true,
    });
    const again = world.network.binding('192.0.2.7', 56_830);
    await using _shell = await again.open(world.server);
  });

  test('a Server that does not answer is waited for 5 s, not longer', async () => {
    const world = await World.registered();
    world.server.script = () => undefined;
    const start = world.network.clock.now;
    const closed = watched(closedOf(world));
    await world.until(() => closed.value === true);
    assert.ok(world.network.clock.now - start <= 5100);
    const last = world.events.at(-1);
    assert.equal(last?.kind === 'deregistered' && last.isAcknowledged, false);
  });

  test('a client that is not registered closes at once, and closing twice is harmless', async () => {
    const world = await World.open({}, (server) => {
      server.script = () => undefined;
    });
    await world.pass(1);
    await world.client.close();
    await world.client.close();
    await world.client[Symbol.asyncDispose]();
    assert.equal(world.client.servers[0]?.state, 'closed');
    await world.pass(300);
    assert.equal(new Set(world.server.lines).size, 1, 'it has not tried again');
  });

  test('suspending says nothing to anybody, and frees the binding', async () => {
    const world = await World.registered();
    await world.client.suspend();
    await world.client.close();
    await world.pass(600);
    assert.deepEqual(world.server.lines, ['POST /rd']);
    assert.equal(world.client.servers[0]?.state, 'closed');
    const again = world.network.binding('192.0.2.7', 56_830);
    await using _shell = await again.open(world.server);
  });

  test('whenRegistered resolves when all are registered, and rejects when the client is closed or the caller gives up', async () => {
    const world = await World.open({}, (server) => {
      server.script = () => undefined;
    });
    const abort = new AbortController();
    const given = world.client.whenRegistered(abort.signal);
    abort.abort(new Error('enough'));
    await assert.rejects(given, /enough/);
    const waiting = world.client.whenRegistered();
    world.server.script = acceptAll();
    world.client.restart();
    await world.pass(1);
    await waiting;
    world.client.restart();
    const late = world.client.whenRegistered();
    const closing = world.client.close();
    await assert.rejects(late, (error) => error instanceof TransmissionError && error.code === 'closed');
    await closing;
  });
});

const disabled = async (timeout?: number) => {
  const world = await World.registered({
    servers: [
      {
        uri: serverUri,
        shortServerId: 101,
        ...(timeout !== undefined && { disableTimeout: lifetime(timeout) }),
      },
    ],
  });
  assert.equal((await world.execute('/1/0/4')).code, '2.04');
  await world.until(() => world.events.at(-1)?.kind === 'deregistered');
  return world;
};

describe('Disable (R-350)', () => {
  test('2.04, then Deregister, then silence for the Disable Timeout, then Register', async () => {
    const world = await disabled(100);
    assert.deepEqual(world.server.lines, ['POST /rd', 'DELETE /rd/1']);
    assert.equal(world.client.servers[0]?.state, 'disabled');
    const sent = world.network.counts.sent;
    await world.pass(99);
    assert.equal(world.network.counts.sent, sent);
    await world.pass(2);
    assert.deepEqual(world.server.lines, ['POST /rd', 'DELETE /rd/1', 'POST /rd']);
  });

  test('the timeout is a day by default, and what the Server wrote otherwise', async () => {
    const day = await disabled();
    await day.pass(86_390);
    assert.equal(day.server.lines.length, 2);
    await day.pass(15);
    assert.equal(day.server.lines.length, 3);
    const world = await World.registered();
    await world.put('/1/0/5', text, bytes('20'));
    await world.execute('/1/0/4');
    await world.pass(22);
    assert.deepEqual(world.server.lines, ['POST /rd', 'DELETE /rd/1', 'POST /rd']);
  });

  test('while disabled nothing of that Server is processed', async () => {
    const world = await disabled(1000);
    const answer = await world.attempt({ method: Method.get, uriPath: segments('/3/0/0') });
    assert.equal(answer, 'no-answer');
  });

  test('a change of the network does not break the silence', async () => {
    const world = await disabled(1000);
    await world.client.networkChanged();
    await world.pass(10);
    assert.equal(world.server.lines.length, 2);
  });

  test('without an answer to the Deregister it is disabled all the same', async () => {
    const world = await World.registered({
      servers: [{ uri: serverUri, shortServerId: 101, disableTimeout: lifetime(60) }],
    });
    const accept = acceptAll();
    world.server.script = (received) =>
      received.request.method === Method.delete ? undefined : accept(received);
    await world.execute('/1/0/4');
    await world.pass(10);
    assert.equal(world.client.servers[0]?.state, 'disabled');
    await world.pass(60);
    assert.equal(world.server.lines.at(-1), 'POST /rd');
  });
});

describe('a change of the address (R-342)', () => {
  test('without security the client registers again, from the new address', async () => {
    const world = await World.registered();
    const before = world.server.device.key;
    await world.client.networkChanged();
    await world.until(() => world.server.lines.length === 2);
    assert.deepEqual(world.server.lines, ['POST /rd', 'POST /rd']);
    assert.notEqual(world.server.device.key, before);
    await world.pass(1);
    assert.equal(world.client.servers[0]?.location, '/rd/2');
    assert.equal((await world.read('/3/0/0', text)).code, '2.05');
  });

  test('it does so while it waits to try again', async () => {
    const world = await World.open({ objects: [completeDevice()] }, (server) => {
      server.script = () => ({ code: 0x83 });
    });
    await world.until(() => world.events.length === 1);
    world.server.script = acceptAll();
    await world.client.networkChanged();
    await world.pass(1);
    assert.equal(world.client.servers[0]?.state, 'registered');
  });

  test('restart() registers again as after power-on (R-1030)', async () => {
    const world = await World.registered();
    world.client.restart();
    await world.pass(1);
    assert.deepEqual(world.server.lines, ['POST /rd', 'POST /rd']);
  });
});

async function closedOf(world: World): Promise<boolean> {
  await world.client.close();
  return true;
}
