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
          state: 'online',
          presence: 'reachable',
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
          tags: [],
          queued: 0,
          lastSeen: '2026-01-01T12:00:00.000Z',
          registeredAt: '2026-01-01T12:00:00.000Z',
          updatedAt: '2026-01-01T12:00:00.000Z',
          expiresAt: '2026-01-01T12:05:00.000Z',
        },
      ],
      next: null,
      total: 1,
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

  it('removes a registration, and still knows the device as it was', async () => {
    const { ask } = await testApp();
    assert.equal((await ask('DELETE', '/api/v1/devices/lamp')).status, 204);
    const { status, body } = await ask('GET', '/api/v1/devices/lamp');
    assert.equal(status, 200);
    assert.deepEqual(
      [body['state'], body['presence'], body['address']],
      ['offline', 'gone', '192.0.2.7:40123'],
    );
    assert.deepEqual(names(await ask('GET', '/api/v1/devices')), []);
    assert.deepEqual(names(await ask('GET', '/api/v1/devices?filter=state:offline')), ['lamp']);
  });

  it('forgets a device that is not registered when it is told to', async () => {
    const { ask } = await testApp();
    await ask('DELETE', '/api/v1/devices/lamp');
    assert.equal((await ask('DELETE', '/api/v1/devices/lamp')).status, 404);
    assert.equal((await ask('DELETE', '/api/v1/devices/lamp?forget=true')).status, 204);
    assert.equal((await ask('GET', '/api/v1/devices/lamp')).status, 404);
  });
});

describe('GET /devices?filter=', () => {
  it('gives the devices that fit, and how many they are in all', async () => {
    const { ask, server } = await testApp();
    for (const name of ['a1', 'a2', 'a3', 'b1']) server.add(registration(name));
    const filter = encodeURIComponent('endpoint:a* has:/3303');
    const first = await ask('GET', `/api/v1/devices?filter=${filter}&limit=2`);
    assert.deepEqual(names(first), ['a1', 'a2']);
    assert.deepEqual([first.body['total'], first.body['next']], [3, 'a2']);
    const second = await ask('GET', `/api/v1/devices?filter=${filter}&limit=2&after=a2`);
    assert.deepEqual([names(second), second.body['total'], second.body['next']], [['a3'], 3, null]);
    const third = await ask('GET', `/api/v1/devices?filter=${filter}&limit=1&offset=1`);
    assert.deepEqual([names(third), third.body['next']], [['a2'], 'a2']);
  });

  it('answers 400 with the character at fault', async () => {
    const { ask } = await testApp();
    const { status, body } = await ask(
      'GET',
      `/api/v1/devices?filter=${encodeURIComponent('lamp colour:red')}`,
    );
    assert.equal(status, 400);
    assert.deepEqual([body['error'], body['field'], body['position']], ['bad-request', 'query.filter', 6]);
    assert.match(String(body['message']), /at character 6: "colour" is nothing to filter by/);
  });
});

describe('PUT /devices/{endpoint}/tags', () => {
  it('gives a device its tags, by which it is found', async () => {
    const { ask } = await testApp();
    const { status, body } = await ask('PUT', '/api/v1/devices/lamp/tags', { tags: ['roof', 'lab', 'lab'] });
    assert.equal(status, 200);
    assert.deepEqual(body['tags'], ['lab', 'roof']);
    assert.deepEqual(names(await ask('GET', '/api/v1/devices?filter=tag:roof')), ['lamp']);
    await ask('PUT', '/api/v1/devices/lamp/tags', { tags: [] });
    assert.deepEqual(names(await ask('GET', '/api/v1/devices?filter=tag:*')), []);
  });

  it('takes words only, of a device that is known', async () => {
    const { ask } = await testApp();
    for (const tag of ['', 'two words', 'a,b', 'x*', '"', 'x'.repeat(65)]) {
      const { status, body } = await ask('PUT', '/api/v1/devices/lamp/tags', { tags: [tag] });
      assert.deepEqual([status, body['field']], [400, 'body.tags.0'], tag);
    }
    assert.equal((await ask('PUT', '/api/v1/devices/nobody/tags', { tags: ['x'] })).status, 404);
  });
});

describe('a device in queue mode', () => {
  it('says whether it is awake, until when, and for how long after its messages', async () => {
    const { ask, server } = await testApp();
    server.add(registration('meter', { bindingMode: 'UQ' }));
    const awake = (await ask('GET', '/api/v1/devices/meter')).body;
    assert.deepEqual(
      [awake['presence'], awake['awakeUntil'], awake['awakeWindow']],
      ['awake', '2026-01-01T12:01:33.000Z', 93],
    );
    server.sleeping.add('meter');
    const asleep = (await ask('GET', '/api/v1/devices/meter')).body;
    assert.deepEqual([asleep['presence'], 'awakeUntil' in asleep], ['asleep', false]);
  });

  it('takes an awake window of its own, and gives it back', async () => {
    const { ask, server } = await testApp();
    server.add(registration('meter', { bindingMode: 'UQ' }));
    const change = (awakeWindow: unknown) => ask('PATCH', '/api/v1/devices/meter', { awakeWindow });
    assert.equal((await change(20)).body['awakeWindow'], 20);
    assert.equal((await change(null)).body['awakeWindow'], 93);
    for (const wrong of [0, -1, 'long', 100_000]) {
      const { status, body } = await change(wrong);
      assert.deepEqual([status, body['field']], [400, 'body.awakeWindow']);
    }
    assert.equal((await ask('PATCH', '/api/v1/devices/nobody', { awakeWindow: 1 })).status, 404);
  });
});

describe('DELETE /devices/{endpoint}?forget=true', () => {
  it('forgets what outlives registrations, also of a device that is not registered', async () => {
    const { ask, server, device } = await testApp();
    assert.equal((await ask('DELETE', '/api/v1/devices/lamp?forget=true')).status, 204);
    const gone = server.addGone('gone');
    assert.equal((await ask('DELETE', '/api/v1/devices/gone?forget=true')).status, 204);
    assert.deepEqual(gone.asked, [{ operation: 'forget', path: 'gone' }]);
    assert.equal((await ask('DELETE', '/api/v1/devices/gone')).status, 404);
    assert.equal((await ask('DELETE', '/api/v1/devices/nobody?forget=true')).status, 404);
    assert.deepEqual(device.asked, []);
  });
});
