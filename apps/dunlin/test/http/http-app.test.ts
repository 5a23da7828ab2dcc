import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { testApp } from '../support/test-app.ts';

describe('the HTTP application', () => {
  it('answers 404 in JSON for a route that is not there', async () => {
    const { ask } = await testApp();
    for (const [method, url] of [
      ['GET', '/api/v1/nothing'],
      ['POST', '/api/v1/devices'],
      ['GET', '/nothing?x=1'],
    ] as const) {
      const { status, body } = await ask(method, url);
      assert.equal(status, 404);
      assert.equal(body['error'], 'not-found');
    }
  });

  it('answers health and metrics, at the root and below /api/v1', async () => {
    const { ask } = await testApp();
    for (const prefix of ['', '/api/v1']) {
      assert.deepEqual((await ask('GET', `${prefix}/healthz`)).body, { status: 'ok' });
      assert.deepEqual((await ask('GET', `${prefix}/readyz`)).body, { status: 'ready' });
      const metrics = await ask('GET', `${prefix}/metrics`);
      assert.equal(metrics.text, 'up 1\n');
      assert.match(String(metrics.headers['content-type']), /^text\/plain/);
    }
  });

  it('is not ready while it starts or closes', async () => {
    const { ask } = await testApp({ isReady: () => false });
    assert.equal((await ask('GET', '/readyz')).status, 503);
    assert.equal((await ask('GET', '/healthz')).status, 200);
  });

  it('is not ready while a store takes no changes, and says which to whoever asks', async () => {
    const { ask } = await testApp({ failingStores: () => Promise.resolve(['devices.sqlite', 'firmware']) });
    const { status, body } = await ask('GET', '/readyz', undefined, {});
    assert.equal(status, 503);
    assert.equal(body['message'], 'cannot be written: devices.sqlite, firmware; the log says why');
    assert.equal((await ask('GET', '/healthz')).status, 200);
  });

  it('serves the page with a policy that allows no inline script', async () => {
    const { ask } = await testApp();
    const { status, headers } = await ask('GET', '/');
    assert.equal(status, 200);
    assert.match(String(headers['content-type']), /^text\/html/);
    const policy = String(headers['content-security-policy']);
    assert.match(policy, /default-src 'none'/);
    assert.doesNotMatch(policy, /unsafe/);
    assert.equal(headers['x-content-type-options'], 'nosniff');
  });

  it('counts requests by the pattern of their route', async () => {
    const { ask, observed } = await testApp();
    await ask('GET', '/api/v1/devices/lamp');
    assert.ok(observed.includes('GET /api/v1/devices/:endpoint 200'));
  });

  it('refuses what a page of another site asks for', async () => {
    const { ask, device } = await testApp();
    const url = '/api/v1/devices/lamp/execute/3/0/4';
    const host = { host: '127.0.0.1:8080' };
    const byOrigin = await ask('POST', url, undefined, { ...host, origin: 'https://evil.example' });
    assert.deepEqual([byOrigin.status, byOrigin.body['error']], [403, 'forbidden-origin']);
    const bySite = await ask('POST', url, undefined, { ...host, 'sec-fetch-site': 'cross-site' });
    assert.equal(bySite.status, 403);
    assert.deepEqual(device.asked, []);
    const own = { ...host, origin: 'http://127.0.0.1:8080', 'sec-fetch-site': 'same-origin' };
    assert.equal((await ask('POST', url, undefined, own)).status, 204);
  });

  it('lets a link on another site lead to the page', async () => {
    const { ask } = await testApp();
    const headers = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' };
    assert.equal((await ask('GET', '/', undefined, headers)).status, 200);
  });

  it('refuses a name that is not its own while it listens on loopback (DNS rebinding)', async () => {
    const { ask } = await testApp({ hostNames: ['devices.example'] });
    const status = async (host: string): Promise<number> =>
      (await ask('GET', '/healthz', undefined, { host })).status;
    assert.equal(await status('evil.example:8080'), 403);
    for (const host of ['127.0.0.1:8080', '[::1]:8080', 'localhost:8080', 'devices.example']) {
      assert.equal(await status(host), 200);
    }
  });
});
