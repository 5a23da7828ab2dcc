import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { ApiError, DunlinApi, type HttpRequest, includesRole, roles } from '@dunlin/api';

type Made = HttpRequest & { readonly url: string };

function api(status: number, json: unknown, token?: ConstructorParameters<typeof DunlinApi>[0]['token']) {
  const made: Made[] = [];
  const text = JSON.stringify(json);
  const client = new DunlinApi({
    url: 'http://server:8080',
    token,
    fetch: (url, request) => {
      made.push({ url, ...request });
      const body = (async function* chunks() {
        yield new TextEncoder().encode(text);
      })();
      return Promise.resolve({
        status,
        headers: { get: () => null },
        body,
        text: () => Promise.resolve(text),
      });
    },
  });
  return { access: client.access, made };
}

const identity = { kind: 'token', name: 'grafana', role: 'viewer', expiresAt: null };

describe('access in the typed client', () => {
  it('shows a token with each request, and none when there is none', async () => {
    const { access, made } = api(200, identity, 'dunlin_x');
    assert.equal((await access.whoAmI()).name, 'grafana');
    assert.equal(made[0]?.headers['authorization'], 'Bearer dunlin_x');
    const without = api(200, identity);
    await without.access.whoAmI();
    assert.equal(without.made[0]?.headers['authorization'], undefined);
  });

  it('asks for the token anew at each request, so that another one is taken at once', async () => {
    const tokens = ['first', 'second'];
    const { access, made } = api(200, identity, () => Promise.resolve(tokens.shift()));
    for (let request = 0; request < 3; request += 1) await access.whoAmI();
    assert.deepEqual(
      made.map(({ headers }) => headers['authorization']),
      ['Bearer first', 'Bearer second', undefined],
    );
  });

  it('signs in, and changes and removes users by their names', async () => {
    const { access, made } = api(200, identity);
    await access.signIn({ name: 'ada', password: 'correct horse battery' });
    assert.equal(made[0]?.body, '{"name":"ada","password":"correct horse battery"}');
    await access.removeUser('a/b');
    assert.deepEqual([made[1]?.method, made[1]?.url], ['DELETE', 'http://server:8080/api/v1/users/a%2Fb']);
  });

  it('asks for the users and tokens whose names have a text in them', async () => {
    const users = api(200, { users: [], next: null });
    await users.access.users({ contains: 'a d', after: 'b', limit: 2 });
    assert.equal(users.made[0]?.url, 'http://server:8080/api/v1/users?contains=a%20d&after=b&limit=2');
    const tokens = api(200, { tokens: [], next: null });
    await tokens.access.tokens({ contains: 'a d', after: 'b', limit: 2 });
    assert.equal(tokens.made[0]?.url, 'http://server:8080/api/v1/tokens?contains=a%20d&after=b&limit=2');
  });

  it('asks for entries of the audit log that fit', async () => {
    const { access, made } = api(200, { entries: [], next: null });
    await access.audit({ actor: 'ada', outcome: 'refused', limit: 5 });
    assert.equal(made[0]?.url, 'http://server:8080/api/v1/audit?actor=ada&outcome=refused&limit=5');
  });

  it('rejects with the word of what is missing', async () => {
    const { access } = api(401, { error: 'unauthenticated', message: 'say who you are' });
    await assert.rejects(
      access.whoAmI(),
      (error) => error instanceof ApiError && error.code === 'unauthenticated' && error.status === 401,
    );
  });

  it('orders roles, each with all of the one before', () => {
    const matrix = roles.map((has) => roles.map((needed) => includesRole(has, needed)));
    assert.deepEqual(matrix, [
      [true, false, false],
      [true, true, false],
      [true, true, true],
    ]);
  });
});
