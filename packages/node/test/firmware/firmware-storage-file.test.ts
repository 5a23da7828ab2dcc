import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { describe, test } from 'node:test';

import { concatBytes } from '@dunlin/base';
import { FirmwareError, type FirmwareStorage } from '@dunlin/client';
import { firmwareStorageFile } from '@dunlin/node';

import { ScratchFolder } from '../support/scratch-folder.ts';

async function bytesOf(storage: FirmwareStorage): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const piece of storage.read()) pieces.push(piece.slice());
  return concatBytes(pieces);
}

function filled(length: number, value: number): Uint8Array {
  return new Uint8Array(length).fill(value);
}

describe('a package in a file', () => {
  test('grows by what is added, is read in pieces, and goes', async () => {
    using folder = new ScratchFolder();
    const path = folder.file('new', 'folder', 'firmware.bin');
    const storage = firmwareStorageFile(path);
    assert.equal(await storage.size(), 0);
    await storage.append(filled(100_000, 1));
    await storage.append(filled(70_000, 2));
    await storage.sync();
    assert.equal(await storage.size(), 170_000);
    assert.deepEqual(await bytesOf(storage), concatBytes([filled(100_000, 1), filled(70_000, 2)]));
    assert.equal(statSync(path).mode & 0o777, 0o600);
    await storage.clear();
    await storage.clear();
    assert.equal(await storage.size(), 0);
    await storage.append(filled(3, 3));
    assert.deepEqual(await bytesOf(storage), filled(3, 3));
  });

  test('goes on after the bytes of an earlier run', async () => {
    using folder = new ScratchFolder();
    const path = folder.file('firmware.bin');
    await firmwareStorageFile(path).append(filled(5, 1));
    const again = firmwareStorageFile(path);
    assert.equal(await again.size(), 5);
    await again.append(filled(5, 2));
    assert.deepEqual([...readFileSync(path)], [1, 1, 1, 1, 1, 2, 2, 2, 2, 2]);
  });

  test('that cannot be kept is not enough flash, with the reason', async () => {
    using folder = new ScratchFolder();
    const occupied = folder.file('occupied');
    mkdirSync(occupied);
    writeFileSync(folder.file('file'), 'x');
    for (const path of [occupied, folder.file('file', 'below')]) {
      await assert.rejects(firmwareStorageFile(path).append(filled(1, 1)), (error) => {
        assert.ok(error instanceof FirmwareError);
        assert.equal(error.result, 2);
        assert.match(error.message, /cannot be kept in .*\((EISDIR|ENOTDIR|EEXIST)\)/);
        return true;
      });
    }
    await assert.rejects(firmwareStorageFile(folder.file('nothing')).sync(), FirmwareError);
    chmodSync(occupied, 0o700);
  });
});
