import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { type Instant, instantFrom, milliseconds } from '@dunlin/base';
import { sqliteSmsStore } from '@dunlin/node';
import type { OutboxEntry } from '@dunlin/sms';

import { ScratchFolder } from '../support/scratch-folder.ts';

const at = (second: number): Instant => instantFrom(1_700_000_000_000 + second * 1000);

function entry(id: number, more: Partial<OutboxEntry> = {}): OutboxEntry {
  return {
    id,
    to: '491700000001',
    purpose: 'trigger',
    parts: 2,
    spent: 1,
    queuedAt: at(id),
    validity: milliseconds(300_000),
    state: 'submitting',
    changedAt: at(id + 1),
    references: ['a', 'b'],
    ...more,
  };
}

describe('short messages in SQLite', () => {
  test('are remembered by the next process: outbox, received requests and numbers', async () => {
    using folder = new ScratchFolder();
    const path = folder.file('sms.sqlite');
    const number = { endpointName: 'node-1', number: '491700000001', provisionedAt: at(5) };
    {
      await using store = await sqliteSmsStore({ path });
      store.outbox.put(entry(1, { state: 'queued', references: [] }));
      store.outbox.put(entry(1));
      store.outbox.put(entry(2, { state: 'failed', reason: 'no such number' }));
      store.receivedRequests.note({ key: '491700000001/0001c0ff', receivedAt: at(1) });
      await store.numbers.put({ ...number, number: '49' });
      await store.numbers.put(number);
    }
    await using store = await sqliteSmsStore({ path });
    assert.deepEqual(
      [...store.outbox.load()],
      [entry(1), entry(2, { state: 'failed', reason: 'no such number' })],
    );
    assert.deepEqual(
      [...store.receivedRequests.load()],
      [{ key: '491700000001/0001c0ff', receivedAt: at(1) }],
    );
    assert.deepEqual(await store.numbers.load(), [number]);
  });

  test('are forgotten when they are old or withdrawn', async () => {
    using folder = new ScratchFolder();
    await using store = await sqliteSmsStore({ path: folder.file('sms.sqlite') });
    for (const id of [1, 2, 3]) {
      store.outbox.put(entry(id));
      store.receivedRequests.note({ key: String(id), receivedAt: at(id) });
    }
    store.outbox.forget(at(3));
    store.receivedRequests.forget(at(2));
    await store.numbers.put({ endpointName: 'a', number: '491700000001', provisionedAt: at(1) });
    await store.numbers.remove('a');
    assert.deepEqual(
      [...store.outbox.load()].map(({ id }) => id),
      [3],
    );
    assert.deepEqual(
      [...store.receivedRequests.load()].map(({ key }) => key),
      ['2', '3'],
    );
    assert.deepEqual(await store.numbers.load(), []);
  });

  test('that cannot be written are a StorageError, so that nothing is sent', async () => {
    using folder = new ScratchFolder();
    const store = await sqliteSmsStore({ path: folder.file('sms.sqlite') });
    await store[Symbol.asyncDispose]();
    assert.throws(() => store.outbox.put(entry(1)), { code: 'storage' });
  });
});
