// LwM2M by short messages through a message centre that is not ours: a Client at a modem, a Server at SMPP. Each test says
// how many short messages it takes.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { DeviceAndPlatform, psk } from './support/device-and-platform.ts';
import { deviceNumber, serverNumber, skipWithoutModem } from './support/modem-and-server.ts';

const signal = (): AbortSignal => AbortSignal.timeout(120_000);

/** Each test has a network of its own, and most of its time it waits for others. */
const concurrency = 4;

describe('LwM2M by short messages', { skip: skipWithoutModem, concurrency }, () => {
  it('S: registers over DTLS, is read, written and executed, in two short messages each', async () => {
    await using both = await DeviceAndPlatform.open({
      account: { binding: 'S', sms: { number: serverNumber, security: psk } },
    });
    await both.client.whenRegistered(signal());
    const { bindingMode, smsNumber, peer } = await both.registration();
    assert.deepEqual([bindingMode, smsNumber, peer.transport], ['S', deviceNumber, 'sms']);
    assert.deepEqual(peer.security, { kind: 'psk', identity: psk.identity });
    await both.costs(3 + 1, 3 + 1); // A handshake, a Register, and its answer.
    assert.match(JSON.stringify(await both.device.read('/3/0/0')), /Dunlin/);
    await both.costs(1, 1);
    await both.device.execute('/3/0/4');
    await both.costs(1, 1);
    assert.deepEqual(both.executed, ['reboot']);
    await both.device.write('/1/0/1', 90_000);
    await both.costs(2, 2); // It is the lifetime, of which the device tells in an Update.
  });

  it('UQS: a hundred operations for a sleeping device cost one short message, and its answer', async () => {
    await using both = await DeviceAndPlatform.open({
      account: { binding: 'UQS', sms: { number: serverNumber } },
    });
    await both.client.whenRegistered(signal());
    assert.equal((await both.registration()).peer.transport, 'udp');
    await both.sleeps();
    const asked = Array.from({ length: 100 }, () => both.device.read('/3/0/0'));
    assert.equal((await Promise.all(asked)).length, 100);
    await both.costs(1, 1);
  });

  it('US: goes over UDP, and by short message where that is asked for', async () => {
    await using both = await DeviceAndPlatform.open({
      account: { binding: 'US', sms: { number: serverNumber } },
      policy: { unprotected: 'everything' },
      unprotected: 'everything',
    });
    await both.client.whenRegistered(signal());
    await both.device.execute('/3/0/4');
    await both.costs(0, 0);
    await both.device.execute('/3/0/4', '', { channel: 'sms' });
    await both.costs(1, 1);
    assert.equal(both.executed.length, 2);
  });

  it('SQ: operations wait until the device was heard', async () => {
    await using both = await DeviceAndPlatform.open({
      account: { binding: 'SQ', sms: { number: serverNumber, security: psk } },
    });
    await both.client.whenRegistered(signal());
    await both.sleeps();
    await both.costs(4, 4);
    const asked = both.device.read('/3/0/0');
    both.client.update();
    assert.match(JSON.stringify(await asked), /Dunlin/);
    await both.costs(2, 2); // An Update and a Read, each with its answer.
  });
});
