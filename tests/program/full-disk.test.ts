// A disk that is full or read-only is not an outage: what cannot be kept is refused, and nothing else.
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';

import { DunlinServer } from '../support/dunlin-server.ts';
import { type DiskTrouble, TroubledDisk } from '../support/full-disk.ts';
import { skipWithout } from '../support/peer-program.ts';
import type { Program } from '../support/program.ts';
import { registerByHand } from '../support/raw-register.ts';
import { until } from '../support/until.ts';

const skip = skipWithout('gcc', '/usr/include/stdio.h');

async function names(server: DunlinServer): Promise<readonly string[]> {
  const { devices } = (await (await server.get('/api/v1/devices')).json()) as {
    devices: { endpoint: string }[];
  };
  return devices.map(({ endpoint }) => endpoint);
}

/** Has a Write queued for the device; gives the status. */
async function queueWrite(server: DunlinServer, value: string): Promise<number> {
  const { status } = await server.fetch('/api/v1/devices/lamp/resources/3/0/14', {
    method: 'PUT',
    headers: { 'content-type': 'application/json', prefer: 'respond-async' },
    body: JSON.stringify({ value }),
  });
  return status;
}

async function isReady(server: DunlinServer): Promise<boolean> {
  return (await server.get('/readyz')).status === 200;
}

/** Sets a Resource of the device that is observed, and waits until the server has heard of it. */
async function notify(server: DunlinServer, device: Program, value: number): Promise<void> {
  device.type(`set /3303/0/5700 ${value}`);
  await until(
    async () =>
      (await (await server.get('/api/v1/devices/lamp/values/3303/0/5700')).text()).includes(String(value)),
    () => `${value} was notified`,
  );
}

async function history(server: DunlinServer): Promise<readonly unknown[]> {
  const answer = await server.get('/api/v1/devices/lamp/history?path=/3303/0/5700');
  const { samples } = (await answer.json()) as { samples: { value: unknown }[] };
  return samples.map(({ value }) => value);
}

/** Everything that would have to be kept is refused, and what need not goes on. */
async function refusesWhatItCannotKeep(server: DunlinServer, disk: TroubledDisk): Promise<void> {
  assert.equal(await registerByHand(server.coap, 'late', 2), '5.03');
  assert.equal(await queueWrite(server, '+02:00'), 503);
  const token = await server.request('POST', '/api/v1/tokens', { name: 'late', role: 'viewer' });
  assert.equal(token.status, 503);
  const image = await server.fetch('/api/v1/firmware?name=late', {
    method: 'POST',
    headers: { 'content-type': 'application/octet-stream' },
    body: new Uint8Array(100_000),
  });
  assert.deepEqual([image.status, readdirSync(join(disk.data, 'firmware'))], [503, []]);
  assert.deepEqual(await names(server), ['first', 'lamp']);
  const operations = await server.get('/api/v1/devices/lamp/operations');
  assert.match(await operations.text(), /"operations":\[\]/);
  assert.match(await (await server.get('/api/v1/devices/lamp/resources/3/0/0')).text(), /Dunlin/);
}

async function story(trouble: DiskTrouble, reason: RegExp): Promise<void> {
  using disk = await TroubledDisk.make();
  await using server = await DunlinServer.start(disk.data, {}, undefined, disk.environment);
  await using device = await server.device('lamp');
  assert.equal(await registerByHand(server.coap, 'first', 1), '2.01');
  await server.request('PUT', '/api/v1/devices/lamp/observations/3303/0/5700');
  await notify(server, device, 11.25);
  assert.ok(await isReady(server));

  disk.begin(trouble);
  await until(
    async () => !(await isReady(server)),
    () => 'the server said that it is not ready',
  );
  const { message } = (await (await server.get('/readyz')).json()) as { message: string };
  assert.match(message, /cannot be written: .*registrations\.sqlite, devices\.sqlite, .*the log says why/);
  await server.program.waitFor(/stores cannot be written/);
  await server.program.waitFor(reason);
  await refusesWhatItCannotKeep(server, disk);
  await notify(server, device, 12.25);
  assert.equal((await server.get('/healthz')).status, 200);

  disk.end();
  await until(
    () => isReady(server),
    () => 'the server said that it is ready again',
  );
  await server.program.waitFor(/stores can be written again/);
  assert.equal(await registerByHand(server.coap, 'late', 3), '2.01');
  assert.equal(await queueWrite(server, '+03:00'), 202);
  await until(
    async () => (await history(server)).includes(12.25),
    () => 'the history has what came while it could not be written',
  );
  assert.ok((await history(server)).includes(11.25));

  // What was acknowledged before and after is there after a kill, and nothing of what was refused.
  server.program.signal('SIGKILL');
  await server.program.ended();
  await using again = await DunlinServer.start(disk.data, server.ports, undefined, disk.environment);
  assert.deepEqual(await names(again), ['first', 'lamp', 'late']);
  // A server that cannot write ends as any other, without what it could not keep.
  disk.begin(trouble);
  again.program.signal('SIGTERM');
  assert.equal((await again.program.ended()).exitCode, 0);
}

describe('a server whose disk takes nothing any more', { skip, concurrency: 2 }, () => {
  it('says so, refuses what it cannot keep, goes on with the rest and recovers when there is room', () =>
    story('full', /database or disk is full/));

  it('does the same when the disk is read-only', () => story('read-only', /disk I\/O error|readonly/));
});
