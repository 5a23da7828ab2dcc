import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { StorageError } from '@dunlin/base';
import { fileFolder } from '@dunlin/node';

describe('the files of a folder', () => {
  let root = '';
  before(() => {
    root = mkdtempSync(join(tmpdir(), 'dunlin-files-'));
  });
  after(() => rmSync(root, { recursive: true, force: true }));

  it('are none of a folder that is not there, and those that were put, by name', async () => {
    const path = join(root, 'a', 'b');
    const folder = fileFolder(path, '.xml');
    assert.deepEqual(await folder.all(), []);
    await folder.put('2.xml', Uint8Array.of(2));
    await folder.put('1.xml', Uint8Array.of(1));
    await folder.put('2.xml', Uint8Array.of(3));
    writeFileSync(join(path, 'readme.txt'), 'not ours');
    assert.deepEqual(await fileFolder(path, '.xml').all(), [
      { name: '1.xml', bytes: Uint8Array.of(1) },
      { name: '2.xml', bytes: Uint8Array.of(3) },
    ]);
    await folder.remove('1.xml');
    await folder.remove('1.xml');
    assert.equal((await folder.all()).length, 1);
  });

  for (const name of ['../x.xml', 'a/b.xml', String.raw`a\b.xml`, '.hidden.xml', 'x.txt', ''])
    it(`are not called ${JSON.stringify(name)}`, async () => {
      const folder = fileFolder(join(root, 'names'), '.xml');
      await assert.rejects(folder.put(name, Uint8Array.of(1)), StorageError);
      await assert.rejects(folder.remove(name), StorageError);
    });

  it('cannot be written where a file is in the way, and that is said', async () => {
    const file = join(root, 'file');
    writeFileSync(file, '');
    await assert.rejects(fileFolder(file, '.xml').put('1.xml', Uint8Array.of(1)), StorageError);
  });
});
