import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { instantFrom } from '@dunlin/base';

import type { AuditEntry } from '../../src/audit/audit-log.ts';
import { sqliteAuditLog } from '../../src/audit/sqlite-audit-log.ts';
import { noon } from '../support/fake-server.ts';
import { type TestApp, testApp } from '../support/test-app.ts';
import { TestBrowser } from '../support/test-browser.ts';

type Entry = Readonly<Record<string, unknown>>;

async function entries({ ask }: Pick<TestApp, 'ask'>, query = ''): Promise<readonly Entry[]> {
  const { status, body } = await ask('GET', `/api/v1/audit${query}`);
  assert.equal(status, 200);
  return body['entries'] as Entry[];
}

/** What of an entry a test is about. */
function brief(entry: Entry | undefined): readonly unknown[] {
  return ['actor', 'action', 'endpoint', 'path', 'subject', 'outcome'].map((name) => entry?.[name] ?? null);
}

describe('the audit log', () => {
  it('has who changed what on which device, when, from where and how it went', async () => {
    const app = await testApp();
    await app.ask('PUT', '/api/v1/devices/lamp/resources/3/0/14', { value: 'secret-value' });
    const [entry] = await entries(app);
    assert.deepEqual(brief(entry), ['DUNLIN_API_TOKEN', 'writeReplace', 'lamp', '/3/0/14', null, 'done']);
    assert.deepEqual(
      [entry?.['actorKind'], entry?.['from'], entry?.['status'], entry?.['time']],
      ['token', '127.0.0.1', 204, '2026-01-01T12:00:00.000Z'],
    );
    assert.doesNotMatch(JSON.stringify(entry), /secret-value/);
  });

  it('has failures with their word, and nothing that was only looked at', async () => {
    const app = await testApp();
    await app.ask('GET', '/api/v1/devices');
    await app.ask('DELETE', '/api/v1/devices/nobody');
    const found = await entries(app);
    assert.equal(found.length, 1);
    assert.deepEqual(brief(found[0]), ['DUNLIN_API_TOKEN', 'removeDevice', 'nobody', null, null, 'failed']);
    assert.deepEqual([found[0]?.['error'], found[0]?.['status']], ['unknown-device', 404]);
  });

  it('has sign-ins, refused ones too, without names that nobody has and without passwords', async () => {
    const app = await testApp();
    await app.access.control.addUser('ada', 'administrator', 'correct horse battery');
    const browser = new TestBrowser(app);
    await browser.signIn('ada', 'correct horse battery');
    await browser.signIn('Ada', 'wrong horse battery');
    await browser.signIn('correct horse battery', 'ada');
    await browser.ask('GET', `/sign-in/${app.access.control.newLink('ada')}`, undefined, {});
    const found = await entries(app);
    assert.deepEqual(found.map(brief), [
      ['ada', 'signInByLink', null, null, null, 'done'],
      [null, 'signIn', null, null, null, 'refused'],
      [null, 'signIn', null, null, 'ada', 'refused'],
      ['ada', 'signIn', null, null, 'ada', 'done'],
    ]);
    assert.doesNotMatch(JSON.stringify(found), /horse/);
  });

  it('has what somebody was not allowed to do, but not so often that it pushes out the rest', async () => {
    const app = await testApp();
    for (let attempt = 0; attempt < 100; attempt += 1) {
      await app.ask('POST', '/api/v1/users', {}, { authorization: '' });
    }
    await app.ask('DELETE', '/api/v1/devices/lamp');
    const found = await entries(app, '?limit=1000');
    assert.equal(found.length, 61);
    assert.deepEqual(brief(found[0]), ['DUNLIN_API_TOKEN', 'removeDevice', 'lamp', null, null, 'done']);
    assert.deepEqual(brief(found[1]), [null, 'addUser', null, null, null, 'refused']);
    app.access.pass(5000);
    await app.ask('POST', '/api/v1/users', {}, { authorization: '' });
    assert.equal((await entries(app, '?limit=1000')).length, 62);
  });

  it('names users and tokens that were added, and never their secrets', async () => {
    const app = await testApp();
    const user = { name: 'vic', role: 'viewer', password: 'a long enough password' };
    await app.ask('POST', '/api/v1/users', user);
    const { body } = await app.ask('POST', '/api/v1/tokens', { name: 'grafana', role: 'viewer' });
    const found = await entries(app);
    assert.deepEqual(
      found.map(({ action, subject }) => [action, subject]),
      [
        ['addToken', 'grafana'],
        ['addUser', 'vic'],
      ],
    );
    assert.doesNotMatch(JSON.stringify(found), new RegExp(`long enough|${String(body['secret'])}`));
  });

  it('is filtered and read by pages', async () => {
    const app = await testApp();
    for (const name of ['a', 'b', 'c']) {
      await app.ask('POST', '/api/v1/users', { name, role: 'viewer' });
      app.access.pass(60_000);
    }
    await app.ask('DELETE', '/api/v1/devices/lamp');
    const subjects = async (query: string): Promise<readonly unknown[]> =>
      (await entries(app, query)).map(({ subject, endpoint }) => subject ?? endpoint);
    assert.deepEqual(await subjects('?action=addUser'), ['c', 'b', 'a']);
    assert.deepEqual(await subjects('?endpoint=lamp&outcome=done'), ['lamp']);
    assert.deepEqual(await subjects('?actor=dunlin_api_token&limit=1'), ['lamp']);
    assert.deepEqual(await subjects('?actor=nobody'), []);
    assert.deepEqual(await subjects('?since=2026-01-01T12:01:00Z&until=2026-01-01T12:03:00Z'), ['c', 'b']);
    const first = await app.ask('GET', '/api/v1/audit?limit=3');
    assert.deepEqual(await subjects(`?after=${String(first.body['next'])}`), ['a']);
    for (const query of ['?since=yesterday', '?after=x', '?limit=0', '?outcome=good']) {
      assert.equal((await app.ask('GET', `/api/v1/audit${query}`)).status, 400, query);
    }
  });

  it('forgets what is too old, and the oldest when there is too much', async () => {
    await using log = await sqliteAuditLog({ path: ':memory:', limits: { entries: 10, retention: 1000 } });
    const entry = (time: number): AuditEntry => ({
      time: instantFrom(noon + time),
      actorKind: 'server',
      actor: undefined,
      from: undefined,
      action: 'test',
      endpoint: undefined,
      path: undefined,
      subject: undefined,
      outcome: 'done',
      status: undefined,
      error: undefined,
    });
    for (let time = 0; time < 100; time += 1) await log.append(entry(time));
    const kept = await log.find({ limit: 1000 });
    assert.ok(kept.length >= 10 && kept.length < 20, `${kept.length} are kept`);
    assert.equal(kept[0]?.id, 100);
    for (let time = 5000; time < 5010; time += 1) await log.append(entry(time));
    assert.ok((await log.find({ limit: 1000 })).every(({ time }) => time >= noon + 5000));
  });
});
