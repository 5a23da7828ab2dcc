import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after as afterAll, before, describe, test } from 'node:test';

import { instantFrom, milliseconds, StorageError } from '@dunlin/base';
import { pathOf, rootPath } from '@dunlin/lwm2m';
import { sqliteDeviceStore } from '@dunlin/node';
import type { DeviceStore, DeviceStoreLimits } from '@dunlin/server';

import {
  after,
  deviceStoreContract,
  everyRequest,
  operationOf,
  start,
  valueOf,
} from '../../../server/test/support/device-store-contract.ts';

let folder = '';
let count = 0;

before(() => {
  folder = mkdtempSync(join(tmpdir(), 'dunlin-devices-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function freshPath(): string {
  count += 1;
  return join(folder, `store-${count}`, 'devices.sqlite');
}

function open(path: string = freshPath(), limits: Partial<DeviceStoreLimits> = {}): Promise<DeviceStore> {
  return sqliteDeviceStore({ path, limits });
}

/** The files of a store as a killed process leaves them: database and write-ahead log as they are right now. */
function copyOf(path: string): string {
  const copy = freshPath();
  cpSync(dirname(path), dirname(copy), { recursive: true });
  return copy;
}

deviceStoreContract('the SQLite device store', { open: (limits) => open(undefined, limits) });

describe('the SQLite device store across restarts', () => {
  test('has everything as before when it was closed', async () => {
    const path = freshPath();
    {
      await using store = await open(path);
      for (const request of everyRequest) await store.addOperation(operationOf('a', request));
      await store.changeOperation('a', 1, { from: 'waiting', to: { kind: 'sent', at: start }, attempts: 3 });
      await store.putDesired('a', { kind: 'observation', path: '/3/0/9', since: start });
      await store.setAwakeWindow('b', milliseconds(20_000));
      await store.remember('b', after(7));
      await store.putValues('a', [valueOf('/3/0/9', 5), valueOf('/3/0/0', 'Acme')]);
    }
    await using store = await open(path);
    const operations = await store.operationsOf('a', { limit: 99 });
    assert.deepEqual(
      operations.map(({ request }) => request),
      everyRequest,
    );
    assert.deepEqual(await store.sentOperations(), [
      { ...operationOf('a', everyRequest[0]), id: 1, attempts: 3, state: { kind: 'sent', at: start } },
    ]);
    assert.equal((await store.addOperation(operationOf('a'))).id, everyRequest.length + 1);
    assert.equal((await store.desiredOf('a')).length, 1);
    assert.deepEqual(await store.findDevice('b'), {
      endpointName: 'b',
      lastSeen: after(7),
      awakeWindow: 20_000,
    });
    assert.equal((await store.valuesOf('a', pathOf(3, 0))).length, 2);
  });

  test('is as it was acknowledged when the process ends without closing it', async () => {
    const path = freshPath();
    const abandoned = await open(path);
    await abandoned.addOperation(operationOf('a'));
    await abandoned.changeOperation('a', 1, { from: 'waiting', to: { kind: 'sent', at: start } });
    await abandoned.putDesired('a', { kind: 'observation', path: '/3/0/9', since: start });
    await using store = await open(copyOf(path));
    assert.equal((await store.findOperation('a', 1))?.state.kind, 'sent');
    assert.equal((await store.desiredOf('a')).length, 1);
    await abandoned[Symbol.asyncDispose]();
  });

  test('acknowledges nothing before it is in the hands of the operating system', async () => {
    const path = freshPath();
    const abandoned = await open(path);
    let isAcknowledged = false;
    const added = Promise.resolve(abandoned.addOperation(operationOf('a'))).then(
      () => (isAcknowledged = true),
    );
    // Seen at once by whoever asks here, and not there after a kill at this very moment.
    assert.equal((await abandoned.operationsOf('a', { limit: 1 })).length, 1);
    const early = copyOf(path);
    assert.equal(isAcknowledged, false);
    await added;
    await using store = await open(early);
    assert.deepEqual(await store.operationsOf('a', { limit: 1 }), []);
    await abandoned[Symbol.asyncDispose]();
  });

  test('writes values by themselves within the time that it may take', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const path = freshPath();
    const abandoned = await open(path);
    await abandoned.putValues('a', [valueOf('/3/0/9', 5)]);
    t.mock.timers.tick(1000);
    // Durable together with what is asked in the same turn.
    await abandoned.setAwakeWindow('b', milliseconds(1));
    await using store = await open(copyOf(path));
    assert.equal((await store.valuesOf('a', rootPath)).length, 1);
    await abandoned[Symbol.asyncDispose]();
  });
});

describe('the SQLite device store when it cannot keep its promise', () => {
  test('rejects a write that fails, undoes it alone and goes on', async () => {
    await using store = await open();
    // An expiry that is not a number breaks a rule of the table, after the device was counted up.
    const bad = Promise.resolve(store.addOperation(operationOf('a', undefined, instantFrom(Number.NaN))));
    const good = Promise.resolve(store.addOperation(operationOf('a')));
    await assert.rejects(bad, StorageError);
    assert.equal((await good).id, 1);
    assert.equal((await store.operationsOf('a', { limit: 9 })).length, 1);
  });

  test('says in one line what is wrong with the file', async () => {
    const garbage = join(folder, 'garbage.sqlite');
    writeFileSync(
      garbage,
      'this is not a database at all, and long enough to be looked at as one'.repeat(99),
    );
    await assert.rejects(open(garbage), /garbage\.sqlite is damaged or not a database/);
    const newer = join(folder, 'newer.sqlite');
    const database = new DatabaseSync(newer);
    database.exec('PRAGMA user_version = 99');
    database.close();
    await assert.rejects(open(newer), /newer version.*schema 99/);
    const path = freshPath();
    await using store = await open(path);
    await store.remember('a', start);
    await assert.rejects(open(path), /is in use by another process/);
  });

  test('says that a row makes no sense', async () => {
    const path = freshPath();
    {
      await using store = await open(path);
      await store.addOperation(operationOf('a'));
      await store.putDesired('a', { kind: 'observation', path: '/3', since: start });
      await store.putValues('a', [valueOf('/3/0/9', 5)]);
    }
    const database = new DatabaseSync(path);
    database.exec(`UPDATE operation SET request = '{}'; UPDATE desired SET item = 'x';
      UPDATE value SET resource = '{"type":"integer"}'`);
    database.close();
    await using store = await open(path);
    const damaged = /the device database is damaged/;
    assert.throws(() => store.findOperation('a', 1), damaged);
    assert.throws(() => store.desiredOf('a'), damaged);
    assert.throws(() => store.valuesOf('a', rootPath), damaged);
  });
});
