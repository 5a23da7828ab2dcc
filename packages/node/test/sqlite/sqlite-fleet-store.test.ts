import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { instantFrom, StorageError } from '@dunlin/base';
import { sqliteFleetStore } from '@dunlin/node';

import { fleetStoreContract } from '../../../server/test/support/fleet-store-contract.ts';

let folder = '';
let count = 0;

before(() => {
  folder = mkdtempSync(join(tmpdir(), 'dunlin-fleet-'));
});
after(() => rmSync(folder, { recursive: true, force: true }));

function freshPath(): string {
  count += 1;
  return join(folder, `store-${count}`, 'fleet.sqlite');
}

fleetStoreContract('the fleet store on SQLite', () => sqliteFleetStore({ path: freshPath() }));

test('what was put is there after the store was closed and opened again', async () => {
  const path = freshPath();
  const record = { endpointName: 'lamp', tags: ['lab'], firstSeen: instantFrom(1), lastSeen: instantFrom(2) };
  {
    await using store = await sqliteFleetStore({ path });
    await store.put([record]);
  }
  await using again = await sqliteFleetStore({ path });
  assert.deepEqual([...again.all()], [record]);
});

test('a store that is closed takes nothing, and says so', async () => {
  const store = await sqliteFleetStore({ path: freshPath() });
  await store[Symbol.asyncDispose]();
  await store[Symbol.asyncDispose]();
  assert.throws(() => store.remove('lamp'), StorageError);
});
