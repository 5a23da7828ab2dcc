import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';

import { addDuration, type Instant, milliseconds, StorageError } from '@dunlin/base';

import { TemporaryFolder } from '../../../../tests/support/dunlin-server.ts';
import type { AccessStore, Session, Token } from '../../src/access/access-store.ts';
import { secretHash } from '../../src/access/secret-text.ts';
import { sqliteAccessStore } from '../../src/access/sqlite-access-store.ts';
import { noon } from '../support/fake-server.ts';

const at = (seconds: number): Instant => addDuration(noon, milliseconds(seconds * 1000));

async function storeWithUser(
  limits: Parameters<typeof sqliteAccessStore>[0]['limits'] = {},
): Promise<AccessStore> {
  const store = await sqliteAccessStore({ path: ':memory:', limits });
  await store.addUser({ name: 'Ada', role: 'operator', createdAt: noon, signedInAt: undefined }, 'hash');
  return store;
}

function session(id: string, begun: number): Session {
  return {
    id,
    user: 'ada',
    role: 'operator',
    createdAt: at(begun),
    usedAt: at(begun),
    expiresAt: at(begun + 1000),
    from: '192.0.2.1',
    userAgent: undefined,
  };
}

const token: Token = {
  id: 't1',
  name: 'Grafana',
  role: 'viewer',
  createdAt: noon,
  createdBy: 'Ada',
  expiresAt: undefined,
  usedAt: undefined,
};

describe('users, sessions and tokens in SQLite', () => {
  it('are found by names in any case of letters', async () => {
    const store = await storeWithUser();
    assert.equal((await store.user('ADA'))?.name, 'Ada');
    const outcome = await store.addUser(
      { name: 'aDA', role: 'viewer', createdAt: noon, signedInAt: undefined },
      'h',
    );
    assert.equal(outcome.kind, 'taken');
    assert.equal(await store.passwordHash('ada'), 'hash');
    assert.equal(await store.passwordHash('nobody'), undefined);
  });

  it('let the oldest sessions of a user give way, and note when the user signed in', async () => {
    const store = await storeWithUser({ sessionsPerUser: 2 });
    for (const begun of [1, 2, 3]) {
      await store.addSession(session(`s${begun}`, begun), secretHash(`secret ${begun}`));
    }
    const kept = await store.sessions({ limit: 10 });
    assert.deepEqual(
      kept.map(({ id }) => id),
      ['s2', 's3'],
    );
    assert.equal(await store.findSession(secretHash('secret 1')), undefined);
    assert.equal((await store.findSession(secretHash('secret 3')))?.user, 'ada');
    assert.equal((await store.user('ada'))?.signedInAt, at(3));
  });

  it('forget sessions that are over, by their end or for want of use', async () => {
    const store = await storeWithUser();
    await store.addSession(session('idle', 0), secretHash('idle'));
    await store.addSession(session('used', 0), secretHash('used'));
    await store.touchSession('used', at(500));
    await store.removeSessionsBefore({ usedBefore: at(100), now: at(600) });
    assert.deepEqual(
      (await store.sessions({ limit: 10 })).map(({ id }) => id),
      ['used'],
    );
    await store.removeSessionsBefore({ usedBefore: at(100), now: at(1000) });
    assert.deepEqual(await store.sessions({ limit: 10 }), []);
  });

  it('take the sessions of a user along who is removed, and never the last administrator', async () => {
    const store = await storeWithUser();
    await store.addSession(session('s1', 1), secretHash('secret'));
    assert.equal(await store.setRole('ada', 'administrator'), 'changed');
    assert.equal(await store.removeUser('ada'), 'last-administrator');
    assert.equal(await store.setRole('ADA', 'viewer'), 'last-administrator');
    await store.addUser({ name: 'bea', role: 'administrator', createdAt: noon, signedInAt: undefined }, 'h');
    assert.equal(await store.removeUser('ADA'), 'changed');
    assert.equal(await store.findSession(secretHash('secret')), undefined);
    assert.equal(await store.removeUser('ada'), 'unknown');
    assert.equal(await store.setRole('ada', 'viewer'), 'unknown');
  });

  it('have a session with the role that its user has now', async () => {
    const store = await storeWithUser();
    await store.addSession(session('s1', 1), secretHash('secret'));
    await store.setRole('ada', 'viewer');
    assert.equal((await store.findSession(secretHash('secret')))?.role, 'viewer');
  });

  it('keep a token by the hash of its secret, under a name of its own', async () => {
    const store = await storeWithUser();
    assert.equal((await store.addToken(token, secretHash('x'))).kind, 'added');
    const again = await store.addToken({ ...token, id: 't2', name: 'GRAFANA' }, secretHash('y'));
    assert.equal(again.kind, 'taken');
    await store.touchToken('t1', at(5));
    assert.deepEqual(await store.findToken(secretHash('x')), { ...token, usedAt: at(5) });
    assert.equal((await store.removeToken('t1'))?.name, 'Grafana');
    assert.equal(await store.findToken(secretHash('x')), undefined);
    assert.equal(await store.removeToken('t1'), undefined);
  });

  it('are as they were in a file that only its owner can read', async () => {
    using folder = new TemporaryFolder();
    const path = join(folder.path, 'access.sqlite');
    {
      await using store = await sqliteAccessStore({ path });
      await store.addToken(token, secretHash('x'));
    }
    assert.equal(statSync(path).mode & 0o777, 0o600);
    await using again = await sqliteAccessStore({ path });
    assert.deepEqual(await again.token('t1'), token);
    await assert.rejects(sqliteAccessStore({ path }), StorageError, 'one process at a time');
  });

  it('say that a row makes no sense, and that they are closed', async () => {
    using folder = new TemporaryFolder();
    const path = join(folder.path, 'access.sqlite');
    {
      await using store = await sqliteAccessStore({ path });
      await store.addToken(token, secretHash('x'));
    }
    const database = new DatabaseSync(path);
    database.exec('PRAGMA ignore_check_constraints = ON');
    database.exec("UPDATE token SET role = 'root'");
    database.close();
    const damaged = await sqliteAccessStore({ path });
    await assert.rejects(damaged.token('t1'), /damaged: a row has no sensible role/);
    await damaged[Symbol.asyncDispose]();
    await damaged[Symbol.asyncDispose]();
    await assert.rejects(damaged.token('t1'), /closed/);
  });
});
