import assert from 'node:assert/strict';
import { chmodSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';

import { StorageError } from '@dunlin/base';
import { clientStateFile } from '@dunlin/node';

import { ScratchFolder } from '../support/scratch-folder.ts';

const state = Uint8Array.of(1, 2, 3);

describe('clientStateFile', () => {
  test('gives back what was saved last, and nothing when nothing was', async () => {
    using folder = new ScratchFolder();
    const store = clientStateFile(join(folder.path, 'below', 'state.json'));
    assert.equal(await store.load(), undefined);
    await store.save(Uint8Array.of(9));
    await store.save(state);
    assert.deepEqual(await store.load(), state);
    assert.deepEqual(readdirSync(join(folder.path, 'below')), ['state.json']);
  });

  test('lets nobody but the owner read it', async () => {
    using folder = new ScratchFolder();
    const path = join(folder.path, 'state.json');
    writeFileSync(path, 'old');
    chmodSync(path, 0o644);
    await clientStateFile(path).save(state);
    assert.equal(statSync(path).mode & 0o777, 0o600);
  });

  test('says in one line what is wrong when it cannot be read or written', async () => {
    using folder = new ScratchFolder();
    const isTold = (error: unknown): boolean =>
      error instanceof StorageError && error.message.includes(folder.path);
    await assert.rejects(clientStateFile(folder.path).load(), isTold);
    writeFileSync(join(folder.path, 'file'), '');
    await assert.rejects(clientStateFile(join(folder.path, 'file', 'state')).save(state), isTold);
  });
});
