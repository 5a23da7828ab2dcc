// The bootstrap cases of the enabler tests between our Bootstrap-Server and our client: what both put on the wire.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { seconds } from '@dunlin/base';
import { pathOf, rootPath, Security, Server } from '@dunlin/lwm2m';

import { BootstrapWorld, minimalAccount } from './support/bootstrap-world.ts';
import { deviceAddress, endpointName } from './support/places.ts';

describe('Our Bootstrap-Server and our device: bootstrap', () => {
  it('1.0-int-0: Bootstrap-Request, Write of both Objects, Discover, Finish, and then Register', async () => {
    await using world = await BootstrapWorld.open({ writeLevel: 'object', isVerified: true });
    await world.registered();
    const [request] = world.wire.from(deviceAddress);
    assert.equal(request?.line, 'POST /bs');
    assert.deepEqual(request.query, [`ep=${endpointName}`]);
    assert.deepEqual(
      request.responses.map(({ code }) => code),
      ['2.04'],
    );
    // The Discover before the Writes is ours: it finds free instances.
    assert.deepEqual(world.commands, [
      'GET / 2.05',
      'PUT /0 2.04',
      'PUT /1 2.04',
      'GET / 2.05',
      'POST /bs 2.04',
    ]);
    const discovered = new TextDecoder().decode(world.exchanges[3]?.responses[0]?.payload);
    const links = discovered.split(',');
    assert.equal(links[0], 'lwm2m="1.0"');
    for (const link of ['</0/0>', '</0/1>;ssid=1', '</1/0>;ssid=1', '</3/0>']) {
      assert.ok(links.includes(link), `${link} in ${discovered}`);
    }
    const registration = await world.server.device(endpointName).registration();
    assert.deepEqual([registration?.lifetime, registration?.bindingMode], [86_400, 'U']);
  });

  it('1.1-int-4: Deletes take accounts, never that of the Bootstrap-Server, and the device is given new ones', async () => {
    await using world = await BootstrapWorld.open();
    await world.registered();
    world.give({ deletes: [pathOf(0), pathOf(1)], servers: [{ ...minimalAccount, shortServerId: 9 }] });
    world.client.requestBootstrap();
    await world.sessions(2);
    const again = world.commands.slice(world.commands.indexOf('POST /bs 2.04') + 1);
    assert.deepEqual(again.slice(0, 3), ['GET / 2.05', 'DELETE /0 2.02', 'DELETE /1 2.02']);
    assert.equal(again.at(-1), 'POST /bs 2.04');
    const accounts = world.client.objects
      .instanceIds(0)
      .map((id) => [
        world.client.get(Security(id).bootstrapServer),
        world.client.get(Security(id).shortServerId),
      ]);
    assert.equal(accounts.filter(([isBootstrapServer]) => isBootstrapServer === true).length, 1);
    assert.deepEqual(
      accounts.filter(([isBootstrapServer]) => isBootstrapServer !== true),
      [[false, 9]],
    );
  });

  it('X-BS-3: Delete of everything leaves the Bootstrap-Server and the device, and may be repeated', async () => {
    await using world = await BootstrapWorld.open({ deletes: [rootPath] });
    await world.registered();
    // The first time there is nothing to delete.
    for (const count of [2, 3]) {
      world.client.requestBootstrap();
      await world.sessions(count);
    }
    assert.equal(world.commands.filter((line) => line === 'DELETE / 2.02').length, 2);
    assert.ok(world.bootstrapServer.sessions().every(({ outcome }) => outcome === 'finished'));
    await world.registered();
  });

  it('X-BS-4: the account of the Bootstrap-Server that is given with a timeout is gone after it', async () => {
    await using world = await BootstrapWorld.open({
      bootstrapServer: {
        uri: 'coap://192.0.2.2:5783',
        security: { kind: 'none' },
        accountTimeout: seconds(2),
        securityInstanceId: 0,
      },
    });
    await world.registered();
    const has = (): boolean =>
      world.client.objects
        .instanceIds(0)
        .some((id) => world.client.get(Security(id).bootstrapServer) === true);
    assert.equal(has(), true);
    await world.pass(3);
    assert.equal(has(), false);
  });

  for (const writeLevel of ['resource', 'object'] as const) {
    it(`X-BS-5: two accounts written by ${writeLevel}, with access control for both`, async () => {
      await using world = await BootstrapWorld.open({
        writeLevel,
        servers: [minimalAccount, { ...minimalAccount, uri: 'coap://192.0.2.3', shortServerId: 2 }],
        accessControl: 'shared',
      });
      await world.sessions(1);
      assert.equal(world.bootstrapServer.sessions()[0]?.outcome, 'finished', world.commands.join(', '));
      const ids = world.client.objects.instanceIds(1).map((id) => world.client.get(Server(id).shortServerId));
      assert.deepEqual(ids, [1, 2]);
      assert.ok(world.client.objects.instanceIds(2).length >= 3, 'an entry for each instance');
      const depth = writeLevel === 'object' ? 1 : 3;
      const writes = world.exchanges.filter(({ line }) => line.startsWith('PUT '));
      assert.ok(writes.every(({ line }) => line.split('/').length - 1 === depth));
    });
  }

  it('X-BS-6: the Bootstrap-Server begins by itself during the hold-off', async () => {
    await using world = await BootstrapWorld.open({}, { clientHoldOffTime: seconds(60) });
    await world.pass(10);
    assert.deepEqual(world.wire.from(deviceAddress), []);
    await world.bootstrapServer.start(endpointName, `coap://${deviceAddress}:5683`);
    await world.registered();
    assert.equal(world.bootstrapServer.sessions()[0]?.initiatedBy, 'server');
    assert.ok(!world.wire.from(deviceAddress).some(({ line }) => line === 'POST /bs'));
  });
});
