import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { testAccess } from '../support/test-access.ts';
import { testApp } from '../support/test-app.ts';
import { TestBrowser } from '../support/test-browser.ts';

describe('/users', () => {
  it('adds a user with a password that it makes and shows once', async () => {
    const app = await testApp();
    const { status, body } = await app.ask('POST', '/api/v1/users', { name: 'Olga', role: 'operator' });
    assert.equal(status, 201);
    const password = String(body['password']);
    assert.ok(password.length >= 25);
    assert.equal((await new TestBrowser(app).signIn('olga', password)).status, 200);
    for (const url of ['/api/v1/users', '/api/v1/users/olga']) {
      assert.doesNotMatch((await app.ask('GET', url)).text, new RegExp(`${password}|argon2`));
    }
  });

  it('takes a password that is given, and does not show it', async () => {
    const app = await testApp();
    const input = { name: 'vic', role: 'viewer', password: 'a long enough password' };
    const { text, body } = await app.ask('POST', '/api/v1/users', input);
    assert.equal(body['password'], null);
    assert.doesNotMatch(text, /long enough/);
  });

  it('refuses names and passwords that are none, and names that are taken', async () => {
    const { ask } = await testApp();
    for (const input of [
      { name: '', role: 'viewer' },
      { name: 'a b', role: 'viewer' },
      { name: 'a\r\nset-cookie: x', role: 'viewer' },
      { name: '../admin', role: 'viewer' },
      { name: 'x'.repeat(65), role: 'viewer' },
      { name: 'ok', role: 'root' },
      { name: 'ok', role: 'viewer', password: 'short' },
      { name: 'ok', role: 'viewer', password: 'x'.repeat(257) },
    ]) {
      const { status, text } = await ask('POST', '/api/v1/users', input);
      assert.equal(status, 400, JSON.stringify(input));
      assert.doesNotMatch(text, /x{257}/, 'no password in an answer');
    }
    assert.equal((await ask('POST', '/api/v1/users', { name: 'vic', role: 'viewer' })).status, 201);
    assert.equal((await ask('POST', '/api/v1/users', { name: 'VIC', role: 'viewer' })).status, 409);
  });

  it('keeps the last administrator', async () => {
    const { ask } = await testApp();
    await ask('POST', '/api/v1/users', { name: 'ada', role: 'administrator' });
    assert.equal((await ask('DELETE', '/api/v1/users/ada')).status, 409);
    assert.equal((await ask('PATCH', '/api/v1/users/ada', { role: 'viewer' })).status, 409);
    await ask('POST', '/api/v1/users', { name: 'bea', role: 'administrator' });
    assert.equal((await ask('DELETE', '/api/v1/users/ada')).status, 204);
    assert.equal((await ask('DELETE', '/api/v1/users/ada')).status, 404);
    assert.equal((await ask('PATCH', '/api/v1/users/ada', { role: 'viewer' })).status, 404);
  });

  it('lists by pages', async () => {
    const { ask } = await testApp();
    for (const name of ['c', 'a', 'b']) await ask('POST', '/api/v1/users', { name, role: 'viewer' });
    const first = await ask('GET', '/api/v1/users?limit=2');
    assert.equal(first.body['next'], 'b');
    const second = await ask('GET', '/api/v1/users?limit=2&after=b');
    assert.deepEqual(
      (second.body['users'] as { name: string }[]).map(({ name }) => name),
      ['c'],
    );
    assert.equal(second.body['next'], null);
  });

  it('finds a part of names in any case of letters, over several pages', async () => {
    const { ask } = await testApp();
    for (const name of ['Ada', 'bea', 'canada']) {
      await ask('POST', '/api/v1/users', { name, role: 'viewer' });
      await ask('POST', '/api/v1/tokens', { name, role: 'viewer' });
    }
    for (const list of ['users', 'tokens']) {
      const names = new Set<string>();
      for (let next: string | null = ''; next !== null;) {
        const after: string = next === '' ? '' : `&after=${next}`;
        const { body } = await ask('GET', `/api/v1/${list}?contains=aDA&limit=1${after}`);
        const page = body[list] as { name: string }[];
        assert.equal(page.length, 1);
        for (const { name } of page) names.add(name);
        next = body['next'] as string | null;
      }
      assert.deepEqual(names, new Set(['Ada', 'canada']));
      for (const [query, field] of [
        ['contains=', 'query.contains'],
        ['limit=0', 'query.limit'],
        ['limit=1001', 'query.limit'],
        ['after=', 'query.after'],
      ] as const) {
        const { status, body } = await ask('GET', `/api/v1/${list}?${query}`);
        assert.deepEqual([status, body['field']], [400, field], list);
      }
    }
  });

  it('takes no more than there is room for', async () => {
    const access = await testAccess({ limits: { users: 1, tokens: 1 } });
    const { ask } = await testApp({ access });
    assert.equal((await ask('POST', '/api/v1/users', { name: 'a', role: 'viewer' })).status, 201);
    assert.equal((await ask('POST', '/api/v1/users', { name: 'b', role: 'viewer' })).status, 409);
    assert.equal((await ask('POST', '/api/v1/tokens', { name: 'a', role: 'viewer' })).status, 201);
    assert.equal((await ask('POST', '/api/v1/tokens', { name: 'b', role: 'viewer' })).status, 409);
  });
});

describe('/tokens', () => {
  it('makes a token that is shown once, has its role, and expires', async () => {
    const app = await testApp();
    const input = { name: 'grafana', role: 'viewer', expiresIn: 3600 };
    const { status, body } = await app.ask('POST', '/api/v1/tokens', input);
    assert.equal(status, 201);
    const secret = String(body['secret']);
    assert.match(secret, /^dunlin_[\w-]{43}$/);
    const listed = await app.ask('GET', '/api/v1/tokens');
    assert.ok(!listed.text.includes(secret));
    const as = async (method: 'GET' | 'DELETE', url: string): Promise<number> =>
      (await app.ask(method, url, undefined, { authorization: `Bearer ${secret}` })).status;
    assert.equal(await as('GET', '/api/v1/devices'), 200);
    assert.equal(await as('DELETE', '/api/v1/devices/lamp'), 403);
    const [token] = (await app.ask('GET', '/api/v1/tokens')).body['tokens'] as Record<string, unknown>[];
    assert.equal(token?.['usedAt'], '2026-01-01T12:00:00.000Z');
    assert.equal(token?.['expiresAt'], '2026-01-01T13:00:00.000Z');
    app.access.pass(3_600_000);
    assert.equal(await as('GET', '/api/v1/devices'), 401);
  });

  it('lets a token last 90 days unless told otherwise, and for ever on request', async () => {
    const { ask } = await testApp();
    const made = async (input: object): Promise<unknown> => {
      const { body } = await ask('POST', '/api/v1/tokens', { role: 'viewer', ...input });
      return (body['token'] as Record<string, unknown>)['expiresAt'];
    };
    assert.equal(await made({ name: 'a' }), '2026-04-01T12:00:00.000Z');
    assert.equal(await made({ name: 'b', expiresIn: null }), null);
  });

  it('is of no use once it is removed', async () => {
    const { ask } = await testApp();
    const { body } = await ask('POST', '/api/v1/tokens', { name: 'a', role: 'administrator' });
    const { id } = body['token'] as { id: string };
    const authorization = `Bearer ${String(body['secret'])}`;
    assert.equal((await ask('GET', '/api/v1/users', undefined, { authorization })).status, 200);
    assert.equal((await ask('DELETE', `/api/v1/tokens/${id}`)).status, 204);
    assert.equal((await ask('GET', '/api/v1/users', undefined, { authorization })).status, 401);
    assert.equal((await ask('DELETE', `/api/v1/tokens/${id}`)).status, 404);
    assert.equal((await ask('DELETE', '/api/v1/tokens/environment')).status, 409);
  });

  it('has a name of its own, without control characters', async () => {
    const { ask } = await testApp();
    assert.equal((await ask('POST', '/api/v1/tokens', { name: 'a\nb', role: 'viewer' })).status, 400);
    assert.equal((await ask('POST', '/api/v1/tokens', { name: 'a', role: 'viewer' })).status, 201);
    assert.equal((await ask('POST', '/api/v1/tokens', { name: 'A', role: 'viewer' })).status, 409);
  });
});
