import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { roles } from '@dunlin/api';
import fastify from 'fastify';

import { accessGuard, type RouteAccess } from '../../src/http/access-guard.ts';
import type { HttpApp } from '../../src/http/http-app.ts';
import { administratorToken, localTestToken, testAccess } from '../support/test-access.ts';
import { testApp } from '../support/test-app.ts';
import { testBootstrapApp } from '../support/test-bootstrap-app.ts';

type Method = 'GET' | 'PUT' | 'PATCH' | 'POST' | 'DELETE';

interface Route {
  readonly method: Method;
  readonly url: string;
  readonly access: RouteAccess | undefined;
}

/** What nobody has to say who it is for; everything else is refused without a session or a token. */
const forAnyone = [
  'GET /',
  'GET /*',
  'GET /api/v1/healthz',
  'GET /api/v1/readyz',
  'GET /fw/:token',
  'GET /healthz',
  'GET /readyz',
  'GET /sign-in/:code',
  'POST /api/v1/session',
];

/** They answer for as long as they are read. */
const streams = new Set(['/api/v1/events', '/api/v1/devices/:endpoint/trace/live']);

/** Every route of the whole application, as the framework was given it. */
async function allRoutes() {
  const routes: Route[] = [];
  // The framework adds them to what is got.
  const heads: Omit<Route, 'method'>[] = [];
  await using app = await testBootstrapApp(
    {},
    {},
    {
      onRoute: ({ method, url, config }) => {
        for (const each of [method].flat()) {
          const access = config?.access;
          if (each === 'HEAD') heads.push({ url, access });
          else routes.push({ method: each as Method, url, access });
        }
      },
    },
  );
  return { routes, heads, ask: app.ask };
}

function concrete(url: string): string {
  return url.replace(':endpoint', 'lamp').replace(/:\w+/, 'x').replace('*', '3/0/0');
}

describe('access to the routes', () => {
  it('is declared for every route, and for anyone only where it is listed', async () => {
    const { routes, heads } = await allRoutes();
    assert.ok(routes.length > 50, 'the routes are seen');
    const open = routes.filter(({ access }) => access === 'anyone');
    assert.deepEqual(open.map(({ method, url }) => `${method} ${url}`).toSorted(), forAnyone.toSorted());
    for (const { method, url, access } of routes) assert.notEqual(access, undefined, `${method} ${url}`);
    for (const { url, access } of heads) {
      const got = routes.find((route) => route.method === 'GET' && route.url === url);
      assert.equal(access, got?.access, `HEAD ${url}`);
    }
  });

  it('is refused with 401 to who does not say who it is, before anything else is looked at', async () => {
    const { routes, ask } = await allRoutes();
    for (const { method, url, access } of routes) {
      if (access === 'anyone') continue;
      for (const authorization of ['', 'Bearer nonsense', `Basic ${administratorToken}`, 'Bearer']) {
        const { status, body, headers } = await ask(method, concrete(url), undefined, { authorization });
        assert.equal(status, 401, `${method} ${url}`);
        assert.equal(body['error'], 'unauthenticated');
        assert.match(String(headers['www-authenticate']), /^Bearer /);
      }
    }
  });

  it('is refused with 403 to a role below, and given to the role itself and those above', async () => {
    await using app = await testBootstrapApp();
    const tokens = new Map<string, string>();
    for (const role of roles) {
      const added = await app.access.control.addToken({ name: role, role, lifetime: undefined }, 'test');
      assert.equal(added.kind, 'added');
      if (added.kind === 'added') tokens.set(role, added.secret);
    }
    const { routes } = await allRoutes();
    for (const { method, url, access } of routes) {
      if (access === undefined || access === 'anyone' || streams.has(url)) continue;
      for (const role of roles) {
        const authorization = `Bearer ${tokens.get(role)}`;
        const { status, body } = await app.ask(method, concrete(url), undefined, { authorization });
        const isAllowed: boolean = roles.indexOf(role) >= roles.indexOf(access);
        assert.equal(status === 403, !isAllowed, `${role}: ${method} ${url} ${status}`);
        if (!isAllowed) assert.equal(body['error'], 'forbidden');
      }
    }
  });

  it('lets viewers change nothing', async () => {
    const { routes } = await allRoutes();
    const own = ['DELETE /api/v1/session', 'PUT /api/v1/session/password', 'DELETE /api/v1/sessions/:id'];
    const changing = routes.filter(({ method, access }) => method !== 'GET' && access === 'viewer');
    assert.deepEqual(changing.map(({ method, url }) => `${method} ${url}`).toSorted(), own.toSorted());
  });

  it('cannot be forgotten: a route that declares none is not taken', async () => {
    const app = fastify() as unknown as HttpApp;
    accessGuard(app, await testAccess());
    assert.throws(() => app.get('/new', () => 'secret'), /GET \/new does not say who may use it/);
  });

  it('is not given by a token for this machine to who comes from elsewhere', async () => {
    const { app } = await testApp();
    const headers = { authorization: `Bearer ${localTestToken}` };
    const from = async (remoteAddress: string): Promise<number> =>
      (await app.inject({ method: 'GET', url: '/api/v1/devices', headers, remoteAddress })).statusCode;
    assert.equal(await from('127.0.0.1'), 200);
    assert.equal(await from('::1'), 200);
    assert.equal(await from('::ffff:127.0.0.1'), 200, 'as a socket of both families shows it');
    assert.equal(await from('::ffff:192.0.2.7'), 401);
    assert.equal(await from('192.0.2.7'), 401);
  });

  it('to metrics is open to anyone when the operator says so', async () => {
    const { ask } = await testApp({ metricsAccess: 'anyone' });
    assert.equal((await ask('GET', '/metrics', undefined, { authorization: '' })).status, 200);
    const closed = await testApp();
    assert.equal((await closed.ask('GET', '/metrics', undefined, { authorization: '' })).status, 401);
  });
});
