import assert from 'node:assert/strict';
import { readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { after as afterAll, before, describe, test } from 'node:test';

import { instantFrom } from '@dunlin/base';
import { fileFirmwareImageStore } from '@dunlin/node';
import type { FirmwareImage, FirmwareImageStore } from '@dunlin/server';

import {
  firmwareImageStoreContract,
  imageBytes,
  pieces,
} from '../../../server/test/support/firmware-image-store-contract.ts';
import { clearLine, ScratchFolder } from '../support/scratch-folder.ts';

let scratch: ScratchFolder;
let count = 0;

before(() => {
  scratch = new ScratchFolder();
});
afterAll(() => {
  scratch[Symbol.dispose]();
});

function freshFolder(): string {
  count += 1;
  return scratch.file(`images-${count}`, 'firmware');
}

firmwareImageStoreContract('the file image store', {
  open: (limits) => fileFirmwareImageStore({ folder: freshFolder(), limits }),
});

function add(store: FirmwareImageStore, bytes: Uint8Array, name = 'image.bin'): Promise<FirmwareImage> {
  return store.add(pieces(bytes), { name, version: '1.2', model: 'T-1', addedAt: instantFrom(5) });
}

describe('the file image store across restarts', () => {
  test('has the images as they were', async () => {
    const folder = freshFolder();
    const bytes = imageBytes(70_000);
    let image: FirmwareImage;
    {
      await using store = await fileFirmwareImageStore({ folder });
      image = await add(store, bytes);
    }
    await using store = await fileFirmwareImageStore({ folder });
    assert.deepEqual(await store.list(), [image]);
    assert.deepEqual(await store.read(image.id, 0, 70_000), bytes);
  });

  test('counts what is there against the limit', async () => {
    const folder = freshFolder();
    await add(await fileFirmwareImageStore({ folder }), imageBytes(2000));
    await using store = await fileFirmwareImageStore({ folder, limits: { totalSize: 2500 } });
    await assert.rejects(add(store, imageBytes(501, 2)), { code: 'image-store-full' });
    assert.equal((await add(store, imageBytes(500, 2))).size, 500);
  });

  test('lets nobody else read them', async () => {
    const folder = freshFolder();
    await using store = await fileFirmwareImageStore({ folder });
    await add(store, imageBytes(10));
    assert.equal(statSync(folder).mode & 0o777, 0o700);
    const modes = readdirSync(folder).map((file) => statSync(`${folder}/${file}`).mode & 0o777);
    assert.deepEqual(modes, [0o600, 0o600]);
  });

  test('clears away what a killed process left behind, at whatever point', async () => {
    const folder = freshFolder();
    const { id } = await add(await fileFirmwareImageStore({ folder }), imageBytes(10));
    writeFileSync(`${folder}/5d0f.part`, 'half an upload');
    writeFileSync(`${folder}/${'a'.repeat(64)}.bin`, 'bytes without facts');
    writeFileSync(`${folder}/${'b'.repeat(64)}.json.new`, '{');
    writeFileSync(`${folder}/notes.txt`, 'of the operator');
    await using store = await fileFirmwareImageStore({ folder });
    assert.equal((await store.list()).length, 1);
    assert.deepEqual(readdirSync(folder).sort(), [`${id}.bin`, `${id}.json`, 'notes.txt'].sort());
  });

  test('keeps no file of an upload that was refused', async () => {
    const folder = freshFolder();
    await using store = await fileFirmwareImageStore({ folder, limits: { imageSize: 100 } });
    await assert.rejects(add(store, imageBytes(5000)));
    await assert.rejects(add(store, new Uint8Array(0)));
    assert.deepEqual(readdirSync(folder), []);
  });

  test('says in one line which image is damaged', async () => {
    const folder = freshFolder();
    const { id } = await add(await fileFirmwareImageStore({ folder }), imageBytes(5000));
    const facts = readFileSync(`${folder}/${id}.json`);
    for (const text of [
      '',
      '{}',
      '{"name":"../x","size":5000,"addedAt":5}',
      '{"name":"x","size":-1,"addedAt":5}',
    ]) {
      writeFileSync(`${folder}/${id}.json`, text);
      await assert.rejects(
        fileFirmwareImageStore({ folder }),
        clearLine(/json is damaged: remove that file/),
      );
    }
    writeFileSync(`${folder}/${id}.json`, facts);
    rmSync(`${folder}/${id}.bin`);
    await assert.rejects(fileFirmwareImageStore({ folder }), clearLine(/json is damaged/));
  });

  test('rejects a read of bytes that are gone from the disk, and reads again when they are back', async () => {
    const folder = freshFolder();
    await using store = await fileFirmwareImageStore({ folder });
    const { id } = await add(store, imageBytes(5000));
    const file = `${folder}/${id}.bin`;
    truncateSync(file, 3000);
    await assert.rejects(Promise.resolve(store.read(id, 4000, 100)), clearLine(/3000 of 5000 bytes/));
    rmSync(file);
    await assert.rejects(Promise.resolve(store.read(id, 4000, 100)), clearLine(/cannot be read/));
    writeFileSync(file, imageBytes(5000));
    assert.deepEqual(await store.read(id, 4000, 100), imageBytes(5000).subarray(4000, 4100));
  });

  test('says in one line that a folder cannot be used', async () => {
    const path = scratch.file('a-file');
    writeFileSync(path, '');
    await assert.rejects(fileFirmwareImageStore({ folder: `${path}/firmware` }), clearLine(/cannot be used/));
  });
});
