import assert from 'node:assert/strict';
import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, describe, test } from 'node:test';

import { base64Encode, hexEncode, Secret, utf8Encode } from '@dunlin/base';
import { sqliteCredentialStore } from '@dunlin/node';
import type { CredentialStore } from '@dunlin/server';

import {
  credentialStoreContract,
  madeAt,
  proofOf,
  pskOf,
} from '../../../server/test/support/credential-store-contract.ts';
import { clearLine, ScratchFolder } from '../support/scratch-folder.ts';

let folder: ScratchFolder;
let count = 0;

before(() => {
  folder = new ScratchFolder();
});
after(() => folder[Symbol.dispose]());

function freshPath(): string {
  count += 1;
  return folder.file(`store-${count}`, 'credentials.sqlite');
}

const masterKey = (fill = 7): Secret => new Secret(new Uint8Array(32).fill(fill));

function open(path: string = freshPath(), key = masterKey()): Promise<CredentialStore> {
  return sqliteCredentialStore({ path, masterKey: key });
}

credentialStoreContract('the SQLite store', {
  open: (limits) => sqliteCredentialStore({ path: freshPath(), masterKey: masterKey(), limits }),
});

/** A key whose bytes are found wherever they are written, as they are or as text. */
const findable = utf8Encode('FINDABLE-key-0123456789');
const withFindableKey = (id: string): ReturnType<typeof pskOf> => ({
  ...pskOf('a', id),
  key: new Secret(findable.slice()),
});

/** Everything in the folder of a store, as one string of bytes. */
function filesOf(path: string): Buffer {
  return Buffer.concat(
    readdirSync(dirname(path))
      .toSorted()
      .map((name) => readFileSync(join(dirname(path), name))),
  );
}

function assertNowhere(bytes: Buffer, needles: readonly Uint8Array[]): void {
  for (const needle of needles) assert.equal(bytes.indexOf(needle), -1, Buffer.from(needle).toString());
}

/** The findable key in every form in which somebody may have written it. */
const forms = [
  findable,
  utf8Encode(hexEncode(findable)),
  utf8Encode(hexEncode(findable).toUpperCase()),
  utf8Encode(base64Encode(findable)),
  findable.subarray(0, 12),
  findable.subarray(12),
];

describe('secrets in the SQLite credential store', () => {
  test('stand in no file in any form, neither while it is open nor afterwards', async () => {
    const path = freshPath();
    const credential = withFindableKey('1');
    const plain = filesOf((await writePlain(freshPath())).path);
    assert.notEqual(plain.indexOf(findable), -1, 'the search finds what is there');
    {
      await using store = await open(path);
      await store.put(credential);
      assertNowhere(filesOf(path), forms);
    }
    assertNowhere(filesOf(path), forms);
    assertNowhere(filesOf(path), [new Uint8Array(32).fill(7)]);
    await using store = await open(path);
    assert.deepEqual((await store.findPreSharedKey('a'))?.key.reveal(), findable);
    assertNowhere(filesOf(path), forms);
  });

  test('are taken out of memory once they are kept, and stay the caller’s when they are not', async () => {
    await using store = await open();
    const kept = withFindableKey('1');
    const refused = { ...pskOf('b', '2'), proof: kept.proof };
    await store.put(kept);
    assert.throws(() => kept.key?.reveal(), /destroyed/);
    assert.equal((await store.put(refused)).kind, 'taken');
    assert.equal(refused.key?.reveal().length, 'key of b 2'.length);
  });

  test('leave nothing behind, not even sealed, when their credential is removed', async () => {
    const path = freshPath();
    await using store = await open(path);
    await store.put(withFindableKey('1'));
    const sealed = sealedKeysOf(path);
    assert.equal(sealed.length, 1);
    await store.remove('1');
    await store[Symbol.asyncDispose]();
    assertNowhere(filesOf(path), sealed);
  });

  test('open for their own credential only: nobody can give one endpoint the key of another', async () => {
    const path = freshPath();
    {
      await using store = await open(path);
      await store.put(pskOf('a', '1'));
      await store.put(pskOf('b', '2'));
    }
    change(
      path,
      "UPDATE credential SET sealed_key = (SELECT sealed_key FROM credential WHERE id = '2') WHERE id = '1'",
    );
    await using store = await open(path);
    assert.throws(() => store.findPreSharedKey('a'), clearLine(/is damaged/));
    assert.deepEqual((await store.findPreSharedKey('b'))?.key.reveal(), utf8Encode('key of b 2'));
  });

  test('do not open when their credential was given another endpoint or identity in the file', async () => {
    for (const assignment of ["endpoint = 'b'", "proof = CAST('b' AS BLOB)", "id = '9'"]) {
      const path = freshPath();
      {
        await using store = await open(path);
        await store.put(pskOf('a', '1'));
      }
      change(path, `UPDATE credential SET ${assignment}`);
      await using store = await open(path);
      const identity = assignment.startsWith('proof') ? 'b' : 'a';
      assert.throws(() => store.findPreSharedKey(identity), clearLine(/is damaged/));
    }
  });

  test('are not opened with another master key, which is said in one line that names the file', async () => {
    const path = freshPath();
    {
      await using store = await open(path);
      await store.put(pskOf('a', '1'));
    }
    await assert.rejects(
      open(path, masterKey(8)),
      clearLine(/credentials\.sqlite were sealed with another master key: use that one/),
    );
    await using store = await open(path);
    assert.equal(await store.count(), 1, 'the right one still opens it');
  });

  test('are not opened with another master key even when there are none yet', async () => {
    const path = freshPath();
    await (await open(path))[Symbol.asyncDispose]();
    await assert.rejects(open(path, masterKey(8)), clearLine(/another master key/));
  });
});

/** A store as it would be without sealing, to show that the search finds a key that is there. */
async function writePlain(path: string): Promise<{ readonly path: string }> {
  await using store = await open(path);
  await store.put({ ...proofOf('a', '1', { kind: 'raw-public-key', publicKey: findable }) });
  return { path };
}

function sealedKeysOf(path: string): readonly Uint8Array[] {
  const copy = freshPath();
  cpSync(dirname(path), dirname(copy), { recursive: true });
  using database = new DatabaseSync(copy);
  return database
    .prepare('SELECT sealed_key FROM credential')
    .all()
    .map(({ sealed_key: sealed }) => {
      assert.ok(sealed instanceof Uint8Array);
      return sealed;
    });
}

function change(path: string, sql: string): void {
  using database = new DatabaseSync(path);
  database.exec(sql);
}

describe('the file of the SQLite credential store', () => {
  test('is for its owner alone, and so is what SQLite puts beside it', async () => {
    const path = freshPath();
    await using store = await open(path);
    await store.put(pskOf('a', '1'));
    const names = readdirSync(dirname(path));
    assert.ok(names.length > 1, 'there is a write-ahead log');
    for (const name of names) assert.equal(statSync(join(dirname(path), name)).mode & 0o777, 0o600, name);
  });

  test('is closed to others when it was open to them', async () => {
    const path = freshPath();
    await (await open(path))[Symbol.asyncDispose]();
    chmodSync(path, 0o644);
    await using store = await open(path);
    assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.equal(await store.count(), 0);
  });

  test('has every credential as before after a restart', async () => {
    const path = freshPath();
    const anchor = { kind: 'trust-anchor', certificate: Uint8Array.of(1, 2, 3) } as const;
    const { key: _key, ...psk } = pskOf('a', '1', 'identity-ü');
    {
      await using store = await open(path);
      await store.put(pskOf('a', '1', 'identity-ü'));
      await store.put(proofOf(undefined, '2', anchor));
      await store.put(pskOf('gone', '3'));
      await store.remove('3');
    }
    await using store = await open(path);
    assert.deepEqual(await store.page({ limit: 9 }), [proofOf(undefined, '2', anchor), psk]);
    assert.equal(await store.count(), 2);
    assert.equal(psk.createdAt, madeAt);
    assert.deepEqual(
      (await store.findPreSharedKey('identity-ü'))?.key.reveal(),
      utf8Encode('key of identity-ü 1'),
    );
  });

  test('holds what was acknowledged when the process ends without closing it: kept and removed', async () => {
    const path = freshPath();
    const abandoned = await open(path);
    await abandoned.put(pskOf('a', '1'));
    await abandoned.put(pskOf('b', '2'));
    await abandoned.remove('2');
    // The files of a killed process: database and write-ahead log as they are on the disk right now.
    const copy = freshPath();
    cpSync(dirname(path), dirname(copy), { recursive: true });
    await using store = await open(copy);
    assert.deepEqual((await store.findPreSharedKey('a'))?.key.reveal(), utf8Encode('key of a 1'));
    assert.equal(await store.findPreSharedKey('b'), undefined);
    assert.equal(await store.count(), 1);
    await abandoned[Symbol.asyncDispose]();
  });

  test('keeps to the limit on all credentials over restarts, replacements and removals', async () => {
    const path = freshPath();
    const limits = { credentials: 2 };
    const reopen = (): Promise<CredentialStore> =>
      sqliteCredentialStore({ path, masterKey: masterKey(), limits });
    {
      await using store = await reopen();
      await store.put(pskOf('a', '1'));
      await store.put(pskOf('a', '2'));
      await store.put(pskOf('b', '3'));
    }
    await using store = await reopen();
    assert.equal((await store.put(pskOf('c', '4'))).kind, 'full');
    await store.remove('3');
    await store.remove('3');
    assert.equal((await store.put(pskOf('c', '4'))).kind, 'kept');
    assert.equal((await store.put(pskOf('d', '5'))).kind, 'full');
  });

  test('is in use by one process at a time, which is said in one line', async () => {
    const path = freshPath();
    await using store = await open(path);
    await store.count();
    await assert.rejects(open(path), clearLine(/credentials\.sqlite is in use by another process/));
  });

  test('is refused in one line when it is of a newer version', async () => {
    const path = folder.file('newer.sqlite');
    change(path, 'PRAGMA user_version = 99');
    await assert.rejects(open(path), clearLine(/newer version.*schema 99/));
  });

  test('is refused in one line when it is no database or damaged, and stays as it is', async () => {
    const path = folder.file('garbage.sqlite');
    const garbage = 'this is not a database at all, and long enough to be looked at as one'.repeat(100);
    writeFileSync(path, garbage);
    await assert.rejects(open(path), clearLine(/garbage\.sqlite is damaged or not a database/));
    assert.equal(readFileSync(path, 'utf8'), garbage);
  });

  test('never gives half a credential out of a damaged row', async () => {
    const damages = [
      "UPDATE credential SET kind = 'password'",
      'UPDATE credential SET sealed_key = NULL',
      "UPDATE credential SET proof = x'ff'",
      "UPDATE credential SET sealed_key = x'01'",
    ];
    for (const damage of damages) {
      const path = freshPath();
      {
        await using store = await open(path);
        await store.put(pskOf('a', '1'));
      }
      change(path, damage);
      await using store = await open(path);
      const read = async (): Promise<unknown> => {
        await store.ofEndpoint('a');
        return await store.findPreSharedKey('a');
      };
      if (damage.includes('kind =')) assert.throws(() => store.ofEndpoint('a'), clearLine(/is damaged/));
      else await assert.rejects(read(), clearLine(/is damaged/), damage);
    }
  });

  test('is refused in one line when its seal is missing its value', async () => {
    const path = freshPath();
    await (await open(path))[Symbol.asyncDispose]();
    change(path, "UPDATE seal SET probe = x'00'");
    await assert.rejects(open(path), clearLine(/another master key/));
  });

  test('says in one line that it cannot be written', async () => {
    await assert.rejects(open('/proc/dunlin/credentials.sqlite'), clearLine(/cannot be written \(ENOENT\)/));
    if (process.getuid?.() === 0) return;
    const locked = folder.file('locked');
    mkdirSync(locked, { mode: 0o500 });
    await assert.rejects(open(join(locked, 'credentials.sqlite')), clearLine(/cannot be written/));
  });

  test('may be closed twice; then every method says so', async () => {
    const store = await open();
    await store[Symbol.asyncDispose]();
    await store[Symbol.asyncDispose]();
    const closed = clearLine(/^the credential store is closed$/);
    const calls = [
      () => store.put(pskOf('a', '1')),
      () => store.remove('1'),
      () => store.find('1'),
      () => store.findByProof({ kind: 'psk', identity: 'a' }),
      () => store.findPreSharedKey('a'),
      () => store.ofEndpoint('a'),
      () => store.trustAnchors(),
      () => store.page({ limit: 1 }),
      () => store.count(),
    ];
    for (const call of calls) await assert.rejects(Promise.try<unknown, []>(call), closed);
  });
});
