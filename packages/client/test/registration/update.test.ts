import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { ResponseCode } from '@dunlin/coap';

import { probeObject } from '../support/probe-device.ts';
import { completeDevice, Probe } from '../support/reference-device.ts';
import { acceptAll, type Script } from '../support/scripted-server.ts';
import { bytes, lifetime, serverUri, text, World } from '../support/world.ts';

const withLifetime = (value: number) =>
  World.registered({
    servers: [{ uri: serverUri, shortServerId: 101, lifetime: lifetime(value) }],
    objects: [completeDevice({ supportedBindingAndModes: 'UQ' }), probeObject()],
  });

/** Seconds from the Register to each later request. */
const delays = (world: World) =>
  world.server.received
    .slice(1)
    .map(({ at }) => Math.round((at - (world.server.received[0]?.at ?? 0)) / 1000));

describe('Update (1.0 §5.3.2)', () => {
  test('a long lifetime is refreshed MAX_TRANSMIT_WAIT before it ends, by an Update without anything (R-330, R-334)', async () => {
    const world = await withLifetime(3600);
    await world.pass(3600 - 90);
    assert.deepEqual(world.server.lines, ['POST /rd', 'POST /rd/1']);
    assert.deepEqual(delays(world), [3600 - 93]);
    const update = world.server.received[1]?.request;
    assert.deepEqual([update?.uriQuery, update?.contentFormat, update?.payload.length], [[], undefined, 0]);
    assert.equal(update?.isConfirmable, true);
  });

  test('a short lifetime is refreshed at its half (R-334)', async () => {
    const world = await withLifetime(60);
    await world.pass(95);
    assert.deepEqual(delays(world), [30, 60, 90]);
    assert.equal(world.server.lines.filter((line) => line === 'POST /rd').length, 1);
  });

  test('a lifetime of one second is kept up', async () => {
    const world = await withLifetime(1);
    await world.pass(20);
    assert.equal(world.server.lines.filter((line) => line === 'POST /rd').length, 1);
    assert.ok(world.server.lines.length > 30);
  });

  test('a lifetime of 68 years makes no deadline of now', async () => {
    const world = await withLifetime(2_147_483_647);
    await world.pass(100_000);
    assert.deepEqual(world.server.lines, ['POST /rd']);
  });

  test('a Write of another lifetime is told at once, and nothing else is (R-330, R-335)', async () => {
    const world = await withLifetime(3600);
    assert.equal((await world.put('/1/0/1', text, bytes('120'))).code, '2.04');
    await world.until(() => world.server.lines.length === 2);
    const update = world.server.received[1]?.request;
    assert.deepEqual([update?.uriQuery, update?.payload.length], [['lt=120'], 0]);
    await world.pass(70);
    assert.equal(world.server.lines.length, 3, 'the new lifetime is what counts now');
    assert.deepEqual(world.server.received[2]?.request.uriQuery, []);
  });

  test('a Write of the same lifetime is not told (R-335)', async () => {
    const world = await withLifetime(3600);
    assert.equal((await world.put('/1/0/1', text, bytes('3600'))).code, '2.04');
    await world.pass(10);
    assert.deepEqual(world.server.lines, ['POST /rd']);
  });

  test('a lifetime below 1 is 4.00 (R-1010)', async () => {
    const world = await withLifetime(3600);
    assert.equal((await world.put('/1/0/1', text, bytes('0'))).code, '4.00');
    assert.equal((await world.put('/1/0/1', text, bytes('-5'))).code, '4.00');
  });

  test('a Write of the binding is told (R-335)', async () => {
    const world = await withLifetime(3600);
    assert.equal((await world.put('/1/0/7', text, bytes('UQ'))).code, '2.04');
    await world.until(() => world.server.lines.length === 2);
    assert.deepEqual(world.server.received[1]?.request.uriQuery, ['b=UQ']);
  });

  test('an unknown binding, and one that the device does not support, are 4.00 (R-361, R-362)', async () => {
    const world = await withLifetime(3600);
    assert.equal((await world.put('/1/0/7', text, bytes('X'))).code, '4.00');
    assert.equal((await world.put('/1/0/7', text, bytes('UQS'))).code, '4.00');
    assert.deepEqual(world.server.lines, ['POST /rd']);
  });

  test('an instance that the device creates or deletes is told with the complete list (R-331)', async () => {
    const world = await withLifetime(3600);
    world.client.createInstance(Probe, 5, { level: 1, count: 0 });
    await world.until(() => world.server.lines.length === 2);
    assert.deepEqual(world.server.received[1]?.request.uriQuery, []);
    assert.equal(world.server.received[1]?.request.contentFormat, 40);
    assert.match(world.server.received[1]?.payload ?? '', /<\/1\/0>,<\/3\/0>.*<\/26241\/5>$/);
    await world.pass(1);
    world.client.deleteInstance(Probe(5).path);
    await world.until(() => world.server.lines.length === 3);
    assert.doesNotMatch(world.server.received[2]?.payload ?? '', /26241\/5/);
  });

  test('Execute of the Registration Update Trigger leads to an Update, after the answer (R-351)', async () => {
    const world = await withLifetime(3600);
    assert.equal((await world.execute('/1/0/8')).code, '2.04');
    await world.until(() => world.server.lines.length === 2);
    assert.deepEqual(world.server.received[1]?.request.uriQuery, []);
    await world.until(() => world.events.at(-1)?.kind === 'updated');
  });

  test('what changes while an Update is under way is told by the next', async () => {
    const world = await withLifetime(3600);
    world.client.update();
    world.client.createInstance(Probe, 5, { level: 1, count: 0 });
    await world.until(() => world.server.lines.length === 3);
    assert.equal(world.server.received[1]?.payload, '');
    assert.match(world.server.received[2]?.payload ?? '', /26241\/5/);
  });

  test('the event says what was told', async () => {
    const world = await withLifetime(3600);
    await world.put('/1/0/1', text, bytes('120'));
    await world.until(() => world.events.length === 2);
    assert.deepEqual(world.events[1], {
      kind: 'updated',
      shortServerId: 101,
      lifetime: 120,
      told: ['lifetime'],
    });
  });
});

const updateAnswered = (code: ResponseCode): Script => {
  const accept = acceptAll();
  return (received) => (received.line === 'POST /rd/1' ? { code } : accept(received));
};

describe('when an Update fails (R-333)', () => {
  for (const code of [
    'badRequest',
    'unauthorized',
    'badOption',
    'forbidden',
    'notFound',
    'methodNotAllowed',
    'preconditionFailed',
    'internalServerError',
    'notImplemented',
  ] as const) {
    test(`the client registers again at once after ${code}`, async () => {
      const world = await withLifetime(3600);
      const accept = world.server.script;
      world.server.script = (received) =>
        received.line === 'POST /rd/1' ? { code: ResponseCode[code] } : accept(received);
      world.client.update();
      await world.until(() => world.server.lines.length === 3);
      assert.deepEqual(world.server.lines, ['POST /rd', 'POST /rd/1', 'POST /rd']);
      await world.pass(1);
      assert.deepEqual(
        world.events.map(({ kind }) => kind),
        ['registered', 'failed', 'registered'],
      );
      assert.equal(world.client.servers[0]?.location, '/rd/2');
    });
  }

  test('ETS 1.1-int-105: a registration that the Server forgot: 4.04, then Register', async () => {
    const world = await withLifetime(3600);
    world.server.script = updateAnswered(ResponseCode.notFound);
    world.client.update();
    await world.until(() => world.server.lines.length === 3);
    assert.equal(world.server.lines[2], 'POST /rd');
    assert.match(world.server.received[2]?.payload ?? '', /<\/3\/0>/);
    const failed = world.events.find((event) => event.kind === 'failed');
    assert.equal(failed?.kind === 'failed' && failed.failure.coapCode, '4.04');
  });

  test('a success that is not 2.04 is no success', async () => {
    const world = await withLifetime(3600);
    world.server.script = updateAnswered(ResponseCode.content);
    world.client.update();
    await world.until(() => world.server.lines.length === 3);
    const failed = world.events.find((event) => event.kind === 'failed');
    assert.equal(failed?.kind === 'failed' && failed.failure.problem, 'protocol');
  });

  test('after 5.03 it waits as long as Max-Age says, then registers', async () => {
    const world = await withLifetime(3600);
    const accept = acceptAll();
    world.server.script = (received) =>
      received.line === 'POST /rd/1'
        ? { code: ResponseCode.serviceUnavailable, maxAge: 120 }
        : accept(received);
    world.client.update();
    await world.until(() => world.server.lines.length === 3);
    const wait = (world.server.received[2]?.at ?? 0) - (world.server.received[1]?.at ?? 0);
    assert.ok(wait >= 120_000 && wait <= 151_000, `${wait}`);
  });

  test('without an answer it registers', async () => {
    const world = await withLifetime(3600);
    const accept = acceptAll();
    world.server.script = (received) => (received.line === 'POST /rd/1' ? undefined : accept(received));
    world.client.update();
    await world.until(
      () =>
        world.server.lines.includes('POST /rd') &&
        world.server.lines.at(-1) === 'POST /rd' &&
        world.server.lines.length > 2,
    );
    assert.equal(world.events.filter(({ kind }) => kind === 'failed').length, 1);
  });

  test('when the lifetime ends before the answer, only a Register may follow (R-340)', async () => {
    const world = await withLifetime(40);
    const accept = acceptAll();
    world.server.script = (received) => (received.line === 'POST /rd/1' ? undefined : accept(received));
    await world.until(() => world.server.lines.at(-1) === 'POST /rd' && world.server.lines.length > 1);
    assert.equal(
      Math.round(((world.server.received.at(-1)?.at ?? 0) - (world.server.received[0]?.at ?? 0)) / 1000),
      40,
    );
    const failed = world.events.find((event) => event.kind === 'failed');
    assert.equal(failed?.kind === 'failed' && failed.failure.problem, 'expired');
  });
});
