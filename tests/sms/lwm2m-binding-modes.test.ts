// LwM2M by short messages, the whole way: a device with a modem, a mobile network with the message centre of others, and a
// server with an account there. What each thing costs is counted where it is paid.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { Device } from '@dunlin/lwm2m';

import { until } from '../support/until.ts';
import { endpoint, Story } from './support/lwm2m-story.ts';
import { deviceNumber, skipWithoutModem } from './support/modem-and-server.ts';

const nothing = { to: 0, from: 0 };
const oneEach = { to: 1, from: 1 };

/** Each test has a network of its own, and most of its time it waits for that. */
const concurrency = 4;

describe('a device of mode S (R-922)', { skip: skipWithoutModem, concurrency }, () => {
  it('registers, is read, written, executed and observed, updates and deregisters, each for its price', async () => {
    await using story = await Story.open({ binding: 'S', security: 'none' });
    const { peer, bindingMode, smsNumber } = await story.registered();
    assert.deepEqual([peer.transport, bindingMode, smsNumber], ['sms', 'S', deviceNumber]);
    await story.costs(oneEach, 'a Register');
    assert.equal(await story.device.read(Device.manufacturer), 'Dunlin');
    await story.costs(oneEach, 'a Read');
    await story.device.write('/3/0/14', '+01:00');
    await story.costs(oneEach, 'a Write');
    await story.device.execute('/3/0/4');
    await story.costs(oneEach, 'an Execute');
    assert.equal(story.reboots, 1);
    const observation = story.device.observe('/3/0/14')[Symbol.asyncIterator]();
    assert.match(JSON.stringify(await observation.next()), /\+01:00/);
    await story.costs(oneEach, 'an Observe');
    await story.device.write('/3/0/14', '+02:00');
    assert.match(JSON.stringify(await observation.next()), /\+02:00/);
    await story.costs({ to: 1, from: 2 }, 'a Write and the Notify that it causes');
    story.client.update();
    await story.costs(oneEach, 'an Update');
    await story.client.close();
    await story.costs(oneEach, 'a Deregister');
    assert.deepEqual(story.events, ['registered by sms', 'updated', 'deregistered']);
  });

  it('does so with DTLS: six short messages more once, and 29 bytes in each (R-753)', async () => {
    await using story = await Story.open({ binding: 'S', security: 'dtls' });
    const { peer } = await story.registered();
    assert.deepEqual(peer.security, { kind: 'psk', identity: endpoint });
    await story.costs({ to: 4, from: 5 }, 'a handshake, a Register in two parts, and its answer');
    assert.equal(await story.device.read(Device.manufacturer), 'Dunlin');
    await story.costs(oneEach, 'a Read');
    await story.device.execute('/3/0/4');
    await story.costs(oneEach, 'an Execute');
    await story.device.write('/1/0/1', 43_200);
    await story.costs({ to: 2, from: 2 }, 'a Write of the lifetime, which the device tells in an Update');
    assert.deepEqual([story.reboots, story.events], [1, ['registered by sms', 'updated']]);
  });

  it('is asked what waited while the message centre was gone, by the association that it had', async () => {
    await using story = await Story.open({ binding: 'S', security: 'dtls' });
    await story.registered();
    await story.costs({ to: 4, from: 5 }, 'a handshake, a Register in two parts, and its answer');
    await story.stopCentre();
    const asked = story.device.execute('/3/0/4');
    await story.startCentre();
    await asked;
    assert.equal(story.reboots, 1);
  });
});

describe('a device of mode SQ', { skip: skipWithoutModem, concurrency }, () => {
  it('is sent nothing while it sleeps, and what waited once it was heard (R-360)', async () => {
    await using story = await Story.open({ binding: 'SQ', security: 'dtls' });
    const { bindingMode } = await story.registered();
    assert.equal(bindingMode, 'SQ');
    await story.costs({ to: 4, from: 5 }, 'a handshake, a Register in two parts, and its answer');
    await story.asleep();
    const asked = story.device.read(Device.manufacturer);
    await story.stillAsleep();
    await story.costs(nothing, 'a Read that waits');
    story.client.update();
    assert.equal(await asked, 'Dunlin');
    await story.costs({ to: 2, from: 2 }, 'an Update, and the Read');
  });
});

describe('a device of mode US', { skip: skipWithoutModem, concurrency }, () => {
  it('is asked on either way, and answers on the same (R-360)', async () => {
    await using story = await Story.open({ binding: 'US', security: 'none' });
    const { peer, smsNumber } = await story.registered();
    assert.deepEqual([peer.transport, smsNumber], ['udp', deviceNumber]);
    assert.equal(await story.device.read(Device.manufacturer), 'Dunlin');
    await story.costs(nothing, 'a Read over UDP');
    assert.equal(await story.device.read(Device.manufacturer, { channel: 'sms' }), 'Dunlin');
    await story.costs(oneEach, 'a Read by short messages');
    assert.deepEqual(story.events, ['registered by udp']);
  });
});

describe('a device of mode UQS that sleeps (R-809)', { skip: skipWithoutModem, concurrency }, () => {
  it('is woken by one short message for a hundred operations, which go over UDP', async () => {
    await using story = await Story.open({ binding: 'UQS', security: 'triggers' });
    await story.registered();
    await story.asleep();
    const { operations } = story.device;
    for (let count = 0; count < 100; count += 1) {
      await operations.enqueue({ name: 'execute', target: '/3/0/4' });
    }
    await until(() => story.events.includes('updated'));
    await story.done(100);
    await story.costs(oneEach, 'a trigger and its answer');
    assert.deepEqual([story.reboots, story.events], [100, ['registered by udp', 'updated']]);
    assert.deepEqual(story.outbox, [['trigger', deviceNumber, 1]]);
  });

  it('is woken so over DTLS, too', async () => {
    await using story = await Story.open({ binding: 'UQS', security: 'dtls' });
    await story.registered();
    await story.costs({ to: 3, from: 3 }, 'a handshake');
    await story.asleep();
    assert.equal(await story.device.read(Device.manufacturer), 'Dunlin');
    await story.costs(oneEach, 'a trigger and its answer');
  });

  it('is woken when it is switched on, and the message centre was killed and started in between', async () => {
    await using story = await Story.open({ binding: 'UQS', security: 'triggers' });
    await story.registered();
    await story.asleep();
    await story.lab.modem.phone.detach();
    const asked = story.device.read(Device.manufacturer);
    await story.costs({ to: 1, from: 0 }, 'a trigger');
    await story.stopCentre();
    await story.startCentre();
    assert.equal(await asked, 'Dunlin');
    await story.costs({ to: 0, from: 1 }, 'the answer to the trigger');
    assert.deepEqual(story.events, ['registered by udp', 'updated']);
  });
});
