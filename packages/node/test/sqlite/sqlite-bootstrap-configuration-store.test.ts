import assert from 'node:assert/strict';
import { cpSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, describe, test } from 'node:test';

import { base64Encode, hexEncode, Secret, utf8Encode } from '@dunlin/base';
import type { BootstrapConfigurationStore } from '@dunlin/bootstrap';
import { sqliteBootstrapConfigurationStore } from '@dunlin/node';

import {
  configurationFor,
  patternConfiguration,
  pskServer,
  stored,
} from '../../../bootstrap/test/support/configurations.ts';
import {
  configurationStoreContract,
  fullConfiguration,
  revealed,
} from '../../../bootstrap/test/support/configuration-store-contract.ts';
import { clearLine, ScratchFolder } from '../support/scratch-folder.ts';

let folder: ScratchFolder;
let count = 0;

before(() => {
  folder = new ScratchFolder();
});
after(() => folder[Symbol.dispose]());

function freshPath(): string {
  count += 1;
  return folder.file(`bootstrap-${count}`, 'bootstrap.sqlite');
}

const masterKey = (fill = 7): Secret => new Secret(new Uint8Array(32).fill(fill));

function open(path: string = freshPath(), key = masterKey()): Promise<BootstrapConfigurationStore> {
  return sqliteBootstrapConfigurationStore({ path, masterKey: key });
}

configurationStoreContract('the SQLite store', {
  open: (limits) => sqliteBootstrapConfigurationStore({ path: freshPath(), masterKey: masterKey(), limits }),
});

/** Everything in the folder of a store, as one string of bytes. */
function filesOf(path: string): Buffer {
  return Buffer.concat(readdirSync(dirname(path)).map((name) => readFileSync(join(dirname(path), name))));
}

function change(path: string, sql: string): void {
  using database = new DatabaseSync(path);
  database.exec(sql);
}

describe('configurations in the SQLite store', () => {
  const key = utf8Encode('key 1...........');

  test('stand in no file in any form, while it is open and afterwards: neither keys nor where devices go', async () => {
    const path = freshPath();
    const needles = [
      key,
      utf8Encode(hexEncode(key)),
      utf8Encode(base64Encode(key)),
      utf8Encode('server-1.example'),
    ];
    const assertNowhere = (): void => {
      for (const needle of needles) assert.equal(filesOf(path).indexOf(needle), -1);
    };
    {
      await using store = await open(path);
      await store.put(stored(configurationFor('node-1', { servers: [pskServer()] })));
      assertNowhere();
    }
    assertNowhere();
    assert.notEqual(filesOf(path).indexOf('node-1'), -1, 'the search finds what is there');
  });

  test('are as they were after a restart, and after a kill', async () => {
    const path = freshPath();
    const full = fullConfiguration('node-1');
    const abandoned = await open(path);
    await abandoned.put(stored(full));
    await abandoned.put(stored(patternConfiguration('lamp-*')));
    await abandoned.put(stored(configurationFor('gone')));
    await abandoned.remove({ kind: 'endpoint', endpointName: 'gone' });
    // The files of a killed process: database and write-ahead log as they are on the disk right now.
    const copy = freshPath();
    cpSync(dirname(path), dirname(copy), { recursive: true });
    await abandoned[Symbol.asyncDispose]();
    for (const each of [path, copy]) {
      await using store = await open(each);
      assert.deepEqual(revealed((await store.find('node-1'))?.configuration), revealed(full));
      assert.deepEqual((await store.find('lamp-7'))?.configuration.target, {
        kind: 'pattern',
        pattern: 'lamp-*',
      });
      assert.equal(await store.find('gone'), undefined);
      assert.equal(await store.count(), 2);
    }
  });

  test('open for their own target only: nobody can give one device the accounts of another', async () => {
    const path = freshPath();
    {
      await using store = await open(path);
      await store.put(stored(configurationFor('a')));
      await store.put(stored(configurationFor('b')));
    }
    change(
      path,
      "UPDATE configuration SET sealed = (SELECT sealed FROM configuration WHERE target = 'b') WHERE target = 'a'",
    );
    await using store = await open(path);
    await assert.rejects(
      Promise.try(() => store.find('a')),
      clearLine(/is damaged/),
    );
    assert.ok(await store.find('b'));
  });

  test('are not opened with another master key, which is said in one line that names the file', async () => {
    const path = freshPath();
    await (await open(path))[Symbol.asyncDispose]();
    await assert.rejects(
      open(path, masterKey(8)),
      clearLine(/bootstrap\.sqlite were sealed with another master key: use that one/),
    );
  });

  test('are in files for their owner alone', async () => {
    const path = freshPath();
    await using store = await open(path);
    await store.put(stored(configurationFor('a')));
    for (const name of readdirSync(dirname(path))) {
      assert.equal(statSync(join(dirname(path), name)).mode & 0o777, 0o600, name);
    }
  });

  test('are never given in halves out of a damaged row', async () => {
    for (const damage of ["sealed = x'01'", "kind = 'x'"]) {
      const path = freshPath();
      {
        await using store = await open(path);
        await store.put(stored(configurationFor('a')));
      }
      change(path, `UPDATE configuration SET ${damage}`);
      await using store = await open(path);
      await assert.rejects(
        Promise.try(() => store.page({ limit: 9 })),
        clearLine(/is damaged/),
      );
    }
  });

  test('are in use by one process at a time, which is said in one line', async () => {
    const path = freshPath();
    await using _store = await open(path);
    await assert.rejects(open(path), clearLine(/bootstrap\.sqlite is in use by another process/));
  });
});
