import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { instantFrom } from '@dunlin/base';
import { sqliteHistoryStore } from '@dunlin/node';

import { historyStoreContract } from '../../../server/test/support/history-store-contract.ts';

let folder = '';
let count = 0;

before(() => {
  folder = mkdtempSync(join(tmpdir(), 'dunlin-history-'));
});
after(() => rmSync(folder, { recursive: true, force: true }));

function freshPath(): string {
  count += 1;
  return join(folder, `store-${count}`, 'history.sqlite');
}

historyStoreContract('the history on SQLite', (limits) => sqliteHistoryStore({ path: freshPath(), limits }));

test('what was appended is there after the store was closed and opened again', async () => {
  const path = freshPath();
  const at = instantFrom(1000);
  {
    await using store = await sqliteHistoryStore({ path });
    store.append([{ endpointName: 'lamp', path: '/3/0/9', at, type: 'integer', value: 7, origin: 'read' }]);
  }
  await using again = await sqliteHistoryStore({ path });
  const range = { endpointName: 'lamp', path: '/3/0/9', from: instantFrom(0), to: instantFrom(2000) };
  assert.deepEqual(await again.samples(range, 10), [{ at, type: 'integer', value: 7, origin: 'read' }]);
});
