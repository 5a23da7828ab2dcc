import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { registration } from '../support/fake-server.ts';
import { testApp } from '../support/test-app.ts';

const names = ({ body }: { body: Record<string, unknown> }): unknown =>
  (body['devices'] as { endpoint: string }[]).map(({ endpoint }) => endpoint);

describe('GET /devices', () => {
  it('lists registered devices with the names of their Objects', async () => {
    const { ask } = await testApp();
    const { status, body } = await ask('GET', '/api/v1/devices');
    assert.equal(status, 200);
    assert.deepEqual(body, {
      devices: [
        {
          endpoint: 'lamp',
          registrationId: 'id-of-4',
          lifetime: 300,
          version: '1.0',
          bindingMode: 'U',
          address: '192.0.2.7:40123',
          transport: 'udp',
          security: 'none',
          rootPath: '/',
          objects: [
            { id: 3, name: 'Device', instances: [0] },
            { id: 3303, name: 'Temperature', version: '1.1', instances: [0, 1] },
          ],
          contentFormats: [11_543],
          additional: { site: 'roof' },
          registeredAt: '2026-01-01T12:00:00.000Z',
          updatedAt: '2026-01-01T12:00:00.000Z',
          expiresAt: '2026-01-01T12:05:00.000Z',
        },
      ],
      next: null,
    });
  });

  it('pages by a cursor', async () => {
    const { ask, server } = await testApp();
    for (const name of ['a', 'b', 'c']) server.add(registration(name));
    const first = await ask('GET', '/api/v1/devices?limit=2');
    assert.deepEqual(names(first), ['a', 'b']);
    assert.equal(first.body['next'], 'b');
    const second = await ask('GET', '/api/v1/devices?limit=2&after=b');
    assert.deepEqual(names(second), ['c', 'lamp']);
    assert.equal(second.body['next'], null);
  });

  it('filters by prefix and by part of the endpoint name, the latter in any case', async () => {
    const { ask, server } = await testApp();
    for (const name of ['urn:dev:1', 'urn:dev:2', 'other:DEV']) server.add(registration(name));
    assert.deepEqual(names(await ask('GET', '/api/v1/devices?prefix=urn%3Adev')), ['urn:dev:1', 'urn:dev:2']);
    assert.deepEqual(names(await ask('GET', '/api/v1/devices?contains=dEv')), [
      'other:DEV',
      'urn:dev:1',
      'urn:dev:2',
    ]);
    assert.deepEqual(names(await ask('GET', '/api/v1/devices?prefix=urn&contains=2')), ['urn:dev:2']);
  });

  for (const [query, field] of [
    ['limit=0', 'query.limit'],
    ['limit=1001', 'query.limit'],
    ['limit=ten', 'query.limit'],
    ['prefix=', 'query.prefix'],
    ['colour=red', 'query.colour'],
  ] as const) {
    it(`answers 400 naming ${field} for ?${query}`, async () => {
      const { ask } = await testApp();
      const { status, body } = await ask('GET', `/api/v1/devices?${query}`);
      assert.equal(status, 400);
      assert.equal(body['error'], 'bad-request');
      assert.equal(body['field'], field);
    });
  }
});

describe('/devices/{endpoint}', () => {
  for (const name of ['urn:dev:ops:32473-é', 'a/b', 'with space', 'percent%2F', '?&=#']) {
    it(`finds the endpoint ${name}, percent-encoded`, async () => {
      const { ask, server } = await testApp();
      server.add(registration(name));
      const { status, body } = await ask('GET', `/api/v1/devices/${encodeURIComponent(name)}`);
      assert.equal(status, 200);
      assert.equal(body['endpoint'], name);
    });
  }

  it('answers 404 for an unknown device', async () => {
    const { ask } = await testApp();
    for (const method of ['GET', 'DELETE'] as const) {
      const { status, body } = await ask(method, '/api/v1/devices/nobody');
      assert.equal(status, 404);
      assert.deepEqual(body, { error: 'unknown-device', message: 'no device is registered as nobody' });
    }
  });

  it('removes a registration', async () => {
    const { ask } = await testApp();
    assert.equal((await ask('DELETE', '/api/v1/devices/lamp')).status, 204);
    assert.equal((await ask('GET', '/api/v1/devices/lamp')).status, 404);
  });
});
