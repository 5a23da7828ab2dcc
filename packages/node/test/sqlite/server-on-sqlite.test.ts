import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { milliseconds } from '@dunlin/base';
import { Method } from '@dunlin/coap';
import { sqliteRegistrationStore } from '@dunlin/node';
import type { NotifiedEvent, RegistrationStore } from '@dunlin/server';

import {
  contentResponse,
  newNetwork,
  openTestServer,
  single,
} from '../../../server/test/support/test-server.ts';

const path = '/6/0/0';
let folder = '';

before(() => {
  folder = mkdtempSync(join(tmpdir(), 'dunlin-server-'));
});
after(() => {
  rmSync(folder, { recursive: true, force: true });
});

function openStore(name: string, { clock }: ReturnType<typeof newNetwork>): Promise<RegistrationStore> {
  return sqliteRegistrationStore({ path: join(folder, name, 'store.sqlite'), now: () => clock.now });
}

describe('A server on SQLite', () => {
  test('answers a Register when it is written, and has everything back after a kill (R-506)', async () => {
    const network = newNetwork(1);
    const abandoned = await openTestServer({ store: await openStore('first', network) }, network);
    const { device } = abandoned;
    const location = await device.registered('node-1', '</1/0>,</3/0>,</6/0>', 300);
    device.behaviour = () => contentResponse(path, single('float', 20));
    await abandoned.finish(abandoned.server.device('node-1').observe(path).started());

    // The disk as it is at the moment of the kill.
    cpSync(join(folder, 'first'), join(folder, 'second'), { recursive: true });
    await abandoned.server.close();

    await using server = await openTestServer({ store: await openStore('second', network) }, network);
    const notified: NotifiedEvent[] = [];
    server.server.notified.subscribe((event) => notified.push(event));
    assert.deepEqual(
      (await server.server.device('node-1').observations()).map((each) => each.path),
      [path],
    );
    device.notify(device.relations[0], contentResponse(path, single('float', 21)), true);
    await network.run(milliseconds(100));
    assert.equal(notified.length, 1);
    assert.deepEqual(device.endedRelations, []);
    const update = await device.exchange({ method: Method.post, uriPath: location });
    assert.equal(update.code, 0x44);
    assert.deepEqual(server.events, ['updated node-1']);
  });

  test('keeps the order of what one device does, and expires what is silent', async () => {
    const network = newNetwork(2);
    await using bench = await openTestServer({ store: await openStore('third', network) }, network);
    const location = await bench.device.registered('node-1', '</1/0>,</3/0>', 300);
    await bench.device.exchange({ method: Method.post, uriPath: location, uriQuery: ['lt=400'] });
    await bench.device.exchange({ method: Method.delete, uriPath: location });
    await bench.device.registered('node-1', '</1/0>,</3/0>', 300);
    await bench.device.registered('node-1', '</1/0>,</3/0>', 300);
    await bench.finish(Promise.resolve());
    await network.run(milliseconds(301_000));
    await network.run(milliseconds(1));
    assert.deepEqual(bench.events, [
      'registered node-1',
      'updated node-1',
      'deregistered node-1',
      'registered node-1',
      'registered node-1 anew',
      'expired node-1',
    ]);
    assert.deepEqual((await bench.server.registrations()).registrations, []);
  });
});
