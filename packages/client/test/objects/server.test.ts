import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { Security, Server } from '@dunlin/lwm2m';

import { bytes, lifetime, serverUri, text, World } from '../support/world.ts';

describe('the Server Object (1.0 §E.2)', () => {
  test('each account has an instance; the Security instance with the same short server id goes with it (R-201)', async () => {
    const world = await World.registered({
      servers: [
        {
          uri: serverUri,
          shortServerId: 101,
          defaultMinimumPeriod: lifetime(300),
          defaultMaximumPeriod: lifetime(6000),
        },
      ],
    });
    const { client } = world;
    assert.equal(client.get(Server(0).shortServerId), 101);
    assert.equal(client.get(Server(0).defaultMinimumPeriod), 300);
    assert.equal(client.get(Security(0).shortServerId), 101);
    assert.equal(client.get(Security(0).lwm2mServerUri), serverUri);
    assert.equal(client.get(Security(0).bootstrapServer), false);
    assert.equal(client.get(Security(0).securityMode), 3);
  });

  test('the defaults are those of the specification: a day, storing on, no periods', async () => {
    const { client } = await World.registered();
    assert.equal(client.get(Server(0).lifetime), 86_400);
    assert.equal(client.get(Server(0).disableTimeout), 86_400);
    assert.equal(client.get(Server(0).notificationStoringWhenDisabledOrOffline), true);
    assert.equal(client.get(Server(0).binding), 'U');
    assert.equal(client.get(Server(0).defaultMinimumPeriod), undefined);
    assert.equal(client.get(Server(0).defaultMaximumPeriod), undefined);
  });

  test('the short server id cannot be written (R-1010)', async () => {
    const world = await World.registered();
    assert.equal((await world.put('/1/0/0', text, bytes('5'))).code, '4.05');
  });

  test('periods are not negative', async () => {
    const world = await World.registered();
    for (const id of [2, 3, 5]) {
      assert.equal((await world.put(`/1/0/${id}`, text, bytes('-1'))).code, '4.00');
      assert.equal((await world.put(`/1/0/${id}`, text, bytes('99999999999'))).code, '4.00');
      assert.equal((await world.put(`/1/0/${id}`, text, bytes('0'))).code, '2.04');
    }
  });

  test('the device itself may change its terms, which an Update tells', async () => {
    const world = await World.registered();
    world.client.set(Server(0).lifetime, 500);
    await world.until(() => world.server.lines.length === 2);
    assert.deepEqual(world.server.received[1]?.request.uriQuery, ['lt=500']);
    assert.throws(() => world.client.set(Server(0).lifetime, 0), /lifetime/);
  });
});
