import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { instantFrom, milliseconds } from '@dunlin/base';
import { type HistoryShortened, sqliteHistoryStore } from '@dunlin/node';
import type { HistoryStore, NewHistorySample } from '@dunlin/server';

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

const devices = Array.from({ length: 20 }, (_, number) => `lamp-${number}`);

/** One value of each device at a time. */
function valuesAt(time: number): NewHistorySample[] {
  return devices.map((endpointName) => ({
    endpointName,
    path: '/3303/0/5700',
    at: instantFrom(time),
    type: 'float',
    value: time + 0.5,
    origin: 'notified',
  }));
}

async function fill(store: HistoryStore, from: number, to: number): Promise<void> {
  for (let time = from; time < to; time += 1) {
    store.append(valuesAt(time));
    // A look at the history has it written.
    if (time % 10 === 0) await store.series('lamp-0');
  }
}

async function allOf(store: HistoryStore, endpointName: string): Promise<readonly number[]> {
  const range = { endpointName, path: '/3303/0/5700', from: instantFrom(0), to: instantFrom(1e9) };
  return (await store.samples(range, 1e6)).map(({ at }) => at);
}

test('takes no more room than it may, and the oldest values of all devices go first', async () => {
  const path = freshPath();
  const maxSize = 400_000;
  const told: HistoryShortened[] = [];
  await using store = await sqliteHistoryStore({
    path,
    maxSize,
    onShortened: (shortened) => told.push(shortened),
  });
  await fill(store, 0, 250);
  assert.equal(told.length, 0, 'told of too little room while there is enough');
  for (let time = 250; time < 2000; time += 50) {
    await fill(store, time, time + 50);
    assert.ok(store.size <= maxSize, `${store.size} bytes after ${time}`);
  }
  assert.ok(statSync(path).size <= maxSize, 'the file is larger than what is on its pages');
  const oldest = told.at(-1)?.until ?? 0;
  for (const endpointName of devices) {
    const times = await allOf(store, endpointName);
    assert.equal(times.at(-1), 1999);
    assert.equal(times.length, 2000 - (times[0] ?? 0), 'of the newer ones none is missing');
    assert.ok([oldest, oldest + 1].includes(times[0] ?? -1), `begins at ${times[0]} and not at ${oldest}`);
  }
  const kept = (await allOf(store, 'lamp-0')).length;
  assert.ok(kept > 200, `only ${kept} are left`);
  const gone = told.reduce((sum, shortened) => sum + shortened.count, 0);
  assert.ok(gone >= (2000 - kept - 1) * devices.length && gone <= (2000 - kept + 1) * devices.length);
});

test('what has reached its age goes before there is too little room, and is not told', async () => {
  const told: HistoryShortened[] = [];
  await using store = await sqliteHistoryStore({
    path: freshPath(),
    limits: { age: milliseconds(200) },
    maxSize: 400_000,
    onShortened: (shortened) => told.push(shortened),
  });
  for (let time = 0; time < 2000; time += 100) {
    await fill(store, time, time + 100);
    await store.sweep(instantFrom(time + 100));
  }
  assert.equal((await allOf(store, 'lamp-7'))[0], 1800);
  assert.deepEqual(told, []);
});

test('a file that was larger than it may be now becomes smaller, step by step', async () => {
  const path = freshPath();
  {
    await using store = await sqliteHistoryStore({ path });
    await fill(store, 0, 2000);
  }
  const largest = statSync(path).size;
  {
    await using store = await sqliteHistoryStore({ path, maxSize: 400_000 });
    for (let sweeps = 0; sweeps < 20 && store.size > 400_000; sweeps += 1)
      await store.sweep(instantFrom(2000));
    await store.sweep(instantFrom(2000));
    assert.equal((await allOf(store, 'lamp-0')).at(-1), 1999);
  }
  assert.ok(largest > 1_000_000 && statSync(path).size <= 400_000, `${largest} → ${statSync(path).size}`);
});
