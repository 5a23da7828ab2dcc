import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { after, before, describe, test } from 'node:test';

import { addDuration, milliseconds, seconds } from '@dunlin/base';
import { udpPeer } from '@dunlin/coap';
import { sqliteRegistrationStore } from '@dunlin/node';
import type { RegistrationStore } from '@dunlin/server';

import {
  observationOf,
  registrationOf,
  registrationStoreContract,
  start,
} from '../../../server/test/support/registration-store-contract.ts';
import { registrationMigrations } from '../../src/sqlite/registration-schema.ts';
import { clearLine } from '../support/scratch-folder.ts';

let folder = '';
let count = 0;

before(() => {
  folder = mkdtempSync(join(tmpdir(), 'dunlin-sqlite-'));
});
after(() => {
  rmSync(folder, { recursive: true, force: true });
});

function freshPath(): string {
  count += 1;
  return join(folder, `store-${count}`, 'registrations.sqlite');
}

function open(path: string = freshPath(), now = start): Promise<RegistrationStore> {
  return sqliteRegistrationStore({ path, now: () => now });
}

registrationStoreContract('the SQLite store', { open: () => open() });

describe('the SQLite store across restarts', () => {
  test('has registrations and observations as before', async () => {
    const path = freshPath();
    const first = registrationOf('a', { lifetime: seconds(86_400), additional: { k: 'v' } });
    const second = registrationOf('b', { lifetime: seconds(86_400), smsNumber: '49170' });
    {
      await using store = await open(path);
      await store.register(first);
      await store.register(second);
      await store.addObservation(observationOf('id-a', '/3/0/9'));
      await store.register(registrationOf('c'));
      await store.remove('id-c');
    }
    await using store = await open(path);
    assert.deepEqual(await store.page({ limit: 10 }), [first, second]);
    assert.deepEqual(await store.allObservations(), [observationOf('id-a', '/3/0/9')]);
  });

  test('shares the object list of devices of one make', async () => {
    const path = freshPath();
    {
      await using store = await open(path);
      for (const name of ['a', 'b']) await store.register(registrationOf(name, { lifetime: seconds(9999) }));
    }
    await using store = await open(path);
    const [a, b] = await store.page({ limit: 2 });
    assert.equal(a?.objects, b?.objects);
  });

  test('keeps a refresh that waited to be written when it is closed', async () => {
    const path = freshPath();
    const at = addDuration(start, milliseconds(5000));
    {
      await using store = await open(path);
      await store.register(registrationOf('a', { lifetime: seconds(86_400) }));
      await store.touch('id-a', udpPeer('10.0.0.5', 5), at);
    }
    await using store = await open(path);
    const registration = await store.findById('id-a');
    assert.equal(registration?.updatedAt, at);
    assert.equal(registration?.peer.address, '10.0.0.5');
  });

  test('knows the newest notification of an observation (CR-8.8)', async () => {
    const path = freshPath();
    const newest = { sequence: 0xff_ffff, at: addDuration(start, milliseconds(1234.5)) };
    {
      await using store = await open(path);
      await store.register(registrationOf('a', { lifetime: seconds(86_400) }));
      for (const each of ['/3/0/8', '/3/0/9']) await store.addObservation(observationOf('id-a', each));
      store.noteNewest('id-a', '/3/0/9', { ...newest, sequence: 1 });
      store.noteNewest('id-a', '/3/0/9', newest);
    }
    await using store = await open(path);
    const orders = (await store.allObservations()).map(({ record }) => record.newest);
    assert.deepEqual(orders, [undefined, newest]);
  });

  test('takes up a file of each version before', async () => {
    const observations = ['/3/0/8', '/3/0/9'].map((path) => observationOf('id-a', path));
    const path = freshPath();
    {
      await using store = await open(path);
      await store.register(registrationOf('a', { lifetime: seconds(86_400) }));
      await store.register(registrationOf('b', { lifetime: seconds(86_400) }));
      for (const observation of observations) await store.addObservation(observation);
    }
    const present = new DatabaseSync(path);
    const tables = ['model', 'registration', 'observation'];
    const [models, registrations, observed] = tables.map((table) =>
      present.prepare(`SELECT * FROM ${table}`).all(),
    );
    present.close();
    for (const version of [1, 2]) {
      const older = freshPath();
      mkdirSync(join(older, '..'), { recursive: true });
      const database = new DatabaseSync(older);
      for (const step of registrationMigrations.slice(0, version)) database.exec(step);
      database.exec(`PRAGMA user_version = ${version}`);
      const insert = (table: string, row: Record<string, SQLInputValue>): void => {
        const columns = Object.keys(row);
        const places = columns.map(() => '?').join(', ');
        const statement = `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${places})`;
        database.prepare(statement).run(...Object.values(row));
      };
      for (const row of models ?? []) insert('model', row);
      for (const row of registrations ?? []) insert('registration', row);
      for (const { endpoint, newest_sequence: _sequence, newest_at: _at, ...row } of observed ?? []) {
        insert('observation', { ...row, registration: `id-${String(endpoint)}` });
      }
      database.close();
      await using store = await open(older);
      assert.deepEqual(
        (await store.page({ limit: 9 })).map(({ id }) => id),
        ['id-a', 'id-b'],
      );
      assert.deepEqual(await store.allObservations(), observations);
      await store.register(registrationOf('a', { id: 'other', lifetime: seconds(86_400) }));
      assert.deepEqual(await store.allObservations(), []);
    }
  });

  test('lets nothing expire within 247 s after a start', async () => {
    const path = freshPath();
    {
      await using store = await open(path);
      await store.register(registrationOf('a', { lifetime: seconds(60) }));
    }
    const later = addDuration(start, milliseconds(3_600_000));
    await using store = await open(path, later);
    assert.deepEqual(await store.takeExpired(addDuration(later, milliseconds(246_999)), 10), []);
    assert.equal((await store.takeExpired(addDuration(later, milliseconds(247_000)), 10)).length, 1);
  });

  test('is as it was acknowledged when the process ends without closing it', async () => {
    const path = freshPath();
    const abandoned = await open(path);
    await abandoned.register(registrationOf('a', { lifetime: seconds(86_400) }));
    await abandoned.addObservation(observationOf('id-a', '/3/0/9'));
    // The files of a killed process: database and write-ahead log as they are on the disk right now.
    const copy = freshPath();
    const { cpSync } = await import('node:fs');
    cpSync(join(path, '..'), join(copy, '..'), { recursive: true });
    await using store = await open(copy);
    assert.equal((await store.findByEndpoint('a'))?.id, 'id-a');
    assert.equal((await store.allObservations()).length, 1);
    await abandoned[Symbol.asyncDispose]();
  });
});

describe('the SQLite store when it cannot keep its promise', () => {
  test('rejects the writes of a failed commit and has changed nothing', async () => {
    const path = freshPath();
    await using store = await open(path);
    await store.register(registrationOf('a', { lifetime: seconds(86_400) }));
    await store.addObservation(observationOf('id-a', '/3/0/9'));
    // A lifetime that is no integer breaks a rule of the table, and with it the whole commit.
    const good = Promise.resolve(store.register(registrationOf('c')));
    const bad = Promise.resolve(store.register(registrationOf('b', { lifetime: seconds(1.5) })));
    const again = Promise.resolve(store.register(registrationOf('a', { id: 'other' })));
    for (const { status } of await Promise.allSettled([good, bad, again])) assert.equal(status, 'rejected');
    assert.deepEqual(
      (await store.page({ limit: 9 })).map(({ id }) => id),
      ['id-a'],
    );
    assert.deepEqual(await store.observationsOf('id-a'), [observationOf('id-a', '/3/0/9')]);
    await store.register(registrationOf('c'));
    assert.equal(await store.count(), 2);
  });

  test('says in one line that the file is no database', async () => {
    const path = join(folder, 'garbage.sqlite');
    writeFileSync(path, 'this is not a database at all, and long enough to be looked at as one'.repeat(100));
    await assert.rejects(open(path), clearLine(/garbage\.sqlite is damaged or not a database/));
  });

  test('says in one line that the file is of a newer version', async () => {
    const path = join(folder, 'newer.sqlite');
    const database = new DatabaseSync(path);
    database.exec('PRAGMA user_version = 99');
    database.close();
    await assert.rejects(open(path), clearLine(/newer version.*schema 99/));
  });

  test('says in one line that the file is in use', async () => {
    const path = freshPath();
    await using store = await open(path);
    await store.count();
    await assert.rejects(open(path), clearLine(/is in use by another process/));
  });

  test('says in one line that the folder cannot be written', async () => {
    await assert.rejects(open('/proc/dunlin/registrations.sqlite'), clearLine(/cannot be (opened|written)/));
    if (process.getuid?.() === 0) return;
    const locked = mkdtempSync(join(folder, 'locked-'));
    chmodSync(locked, 0o500);
    await assert.rejects(open(join(locked, 'registrations.sqlite')), clearLine(/cannot be written/));
  });
});
