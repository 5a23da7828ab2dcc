// A device of ours on a modem and a server of ours on SMPP, with the message centre of Osmocom between them: what goes
// by which way, and how many short messages it costs.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { milliseconds } from '@dunlin/base';
import { Device } from '@dunlin/lwm2m';

import { DeviceAndServer, deviceNumber, endpoint, psk, serverNumber } from './support/device-and-server.ts';
import { skipWithoutModem } from './support/modem-and-server.ts';

const secured = { sms: { number: serverNumber, security: psk } } as const;
const unsecured = { sms: { number: serverNumber } } as const;

describe('a device and a server on a message centre of Osmocom', { skip: skipWithoutModem }, () => {
  it('talk by short messages alone with DTLS: mode S', async () => {
    await using world = await DeviceAndServer.start({ account: { binding: 'S', ...secured } });
    const registration = await world.registered();
    assert.deepEqual(registration.peer.security, { kind: 'psk', identity: endpoint });
    assert.deepEqual([registration.peer.transport, registration.smsNumber], ['sms', deviceNumber]);
    // Six of the handshake, then the Register with its object list, and the answer.
    const [server, device] = [4, 4];
    await world.hasSent(server, device);
    const handle = world.server.device(endpoint);
    assert.equal(await handle.read(Device.manufacturer), 'Dunlin');
    await world.hasSent(server + 1, device + 1);
    await handle.write('/1/0/1', 43_200);
    await handle.execute('/3/0/4');
    assert.equal(world.reboots.length, 1);
    // A new lifetime is told in an Update.
    await world.hasSent(server + 4, device + 4);
    const observation = handle.observe('/1/0/1');
    await observation.started();
    await handle.write('/1/0/1', 86_400);
    for await (const { value } of observation) {
      if (value.kind === 'resource' && value.resource.kind === 'single' && value.resource.value === 86_400)
        break;
    }
  });

  it('wake with one short message for a hundred operations: mode UQS', async () => {
    await using world = await DeviceAndServer.start({ account: { binding: 'UQS', ...unsecured } });
    const { peer } = await world.registered();
    assert.equal(peer.transport, 'udp');
    await world.asleep();
    const { operations } = world.server.device(endpoint);
    for (let count = 0; count < 100; count += 1) {
      await operations.enqueue({ name: 'execute', target: '/3/0/4' });
    }
    await world.until(() => Promise.resolve(world.reboots.length === 100), 'a hundred executions');
    // The trigger, and its answer.
    await world.hasSent(1, 1);
    const outbox = world.binding.outbox().map(({ purpose, to, parts }) => [purpose, to, parts]);
    assert.deepEqual(outbox, [['trigger', deviceNumber, 1]]);
  });

  it('keep a trigger for a phone that is off, and wake it when it is on', async () => {
    await using world = await DeviceAndServer.start({ account: { binding: 'UQS', ...unsecured } });
    await world.registered();
    await world.asleep();
    await world.modem.modem.phone.detach();
    await world.server.device(endpoint).operations.enqueue({ name: 'execute', target: '/3/0/4' });
    await world.until(() => Promise.resolve(world.sent.server === 1), 'the trigger to be accepted');
    assert.equal(world.reboots.length, 0);
    await world.modem.modem.phone.attach();
    await world.network.triggerQueue();
    await world.until(() => Promise.resolve(world.reboots.length === 1), 'the execution');
    assert.equal(world.sent.server, 1);
  });

  it('answer on the way that was asked on: mode US', async () => {
    await using world = await DeviceAndServer.start({
      account: { binding: 'US', ...unsecured },
      policy: { unprotected: 'everything' },
      unprotected: 'all',
    });
    const { peer } = await world.registered();
    assert.equal(peer.transport, 'udp');
    const handle = world.server.device(endpoint);
    assert.equal(await handle.read(Device.manufacturer), 'Dunlin');
    await world.hasSent(0, 0);
    assert.equal(await handle.read(Device.manufacturer, { channel: 'sms' }), 'Dunlin');
    await world.hasSent(1, 1);
  });

  it('queue until the device was heard: mode SQ', async () => {
    await using world = await DeviceAndServer.start({ account: { binding: 'SQ', ...secured } });
    const registration = await world.registered();
    assert.equal(registration.bindingMode, 'SQ');
    const handle = world.server.device(endpoint);
    await handle.setAwakeWindow(milliseconds(500));
    await world.asleep();
    const before = world.sent.server;
    const waiting = handle.execute('/3/0/4');
    await new Promise((resolve) => setTimeout(resolve, 3000));
    assert.equal(world.sent.server, before);
    world.client.update();
    await waiting;
    assert.equal(world.reboots.length, 1);
  });

  it('go on after the message centre was gone for a while', async () => {
    await using world = await DeviceAndServer.start({ account: { binding: 'S', ...secured } });
    await world.registered();
    await world.network.stopCentre();
    await world.until(() => Promise.resolve(!world.binding.isUp), 'the loss of the centre');
    const handle = world.server.device(endpoint);
    const asked = handle.execute('/3/0/4');
    await world.network.startCentre();
    await world.modem.modem.phone.attach();
    // Where the server was back before the device, its message waits in the centre.
    await world.network.triggerQueue();
    await asked;
    assert.equal(world.reboots.length, 1);
  });
});
