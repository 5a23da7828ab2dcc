import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { after, before, test } from 'node:test';

import { Secret, StorageError } from '@dunlin/base';
import {
  fileFirmwareImageStore,
  type Probed,
  sqliteBootstrapConfigurationStore,
  sqliteCredentialStore,
  sqliteDeviceStore,
  sqliteFleetStore,
  sqliteHistoryStore,
  sqliteRegistrationStore,
  sqliteSmsStore,
} from '@dunlin/node';

import { ScratchFolder } from '../support/scratch-folder.ts';

let scratch: ScratchFolder;

before(() => {
  scratch = new ScratchFolder();
});
after(() => {
  scratch[Symbol.dispose]();
});

const masterKey = new Secret(new Uint8Array(32).fill(7));

const databases: Readonly<Record<string, (path: string) => Promise<AsyncDisposable & Probed>>> = {
  registrations: (path) => sqliteRegistrationStore({ path }),
  devices: (path) => sqliteDeviceStore({ path }),
  fleet: (path) => sqliteFleetStore({ path }),
  history: (path) => sqliteHistoryStore({ path }),
  sms: (path) => sqliteSmsStore({ path }),
  credentials: (path) => sqliteCredentialStore({ path, masterKey }),
  bootstrap: (path) => sqliteBootstrapConfigurationStore({ path, masterKey }),
};

for (const [name, open] of Object.entries(databases)) {
  test(`a probe of the ${name} finds out whether a change can be written`, async () => {
    const store = await open(scratch.file(name, 'store.sqlite'));
    await store.probe();
    await Promise.all([store.probe(), store.probe()]);
    await store[Symbol.asyncDispose]();
    await assert.rejects(store.probe(), StorageError);
  });
}

test('a probe of the images finds out whether one can be written, and leaves nothing', async () => {
  const folder = scratch.file('images', 'firmware');
  await using store = await fileFirmwareImageStore({ folder });
  await store.probe();
  assert.deepEqual(await store.list(), []);
  rmSync(folder, { recursive: true });
  await assert.rejects(store.probe(), StorageError);
});
