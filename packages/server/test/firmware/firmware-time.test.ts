import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { equalBytes, milliseconds } from '@dunlin/base';
import { ResponseCode } from '@dunlin/coap';

import { bytes, type FirmwareBench, openFirmwareBench } from '../support/firmware-bench.ts';
import { FirmwareDevice } from '../support/firmware-device.ts';

const hour = 3_600_000;

function failureOf(update: Awaited<ReturnType<FirmwareBench['status']>>): string | undefined {
  return update.state.kind === 'failed' ? update.state.failure.reason : undefined;
}

describe('An update that stands still', () => {
  test('fails an hour after it came on last while its device can be reached, and says what was last', async () => {
    await using bench = await openFirmwareBench();
    bench.device.quirks.verify = () => ({ state: 1, result: 0 });
    await bench.start();
    await bench.pass(hour - 10_000);
    assert.equal((await bench.status()).state.kind, 'transferring');
    const update = await bench.reach('failed', 70_000);
    assert.equal(failureOf(update), 'no-progress');
    assert.match(update.log.at(-1)?.message ?? '', /stood still for 60 minutes; last: the image is sent/);
  });

  test('is let alone as long as it comes on, however slowly', async () => {
    await using bench = await openFirmwareBench();
    bench.device.resources.deliveryMethod = 0;
    bench.device.quirks.isLazy = true;
    await bench.start();
    await bench.device.until(() => bench.device.resources.packageUri !== '');
    const uriPath = new URL(bench.device.resources.packageUri).pathname.split('/').slice(1);
    bench.device.become({ state: 1 });
    for (let offset = 0; offset < 4096; offset += 1024) {
      await bench.pass(hour - 120_000);
      const options = { bodyOffset: offset, preferredBlockSize: 1024, singleBlock: true };
      await bench.device.raw.exchange({ method: 1, uriPath }, options);
    }
    assert.equal((await bench.status()).state.kind, 'transferring');
  });

  test('fails when the device does not come back from its installation', async () => {
    await using bench = await openFirmwareBench();
    await bench.start();
    await bench.reachInstallation();
    bench.device.quirks.answer = () => 'silence';
    await bench.pass(hour - 10_000);
    assert.equal((await bench.status()).state.kind, 'installing');
    assert.equal(failureOf(await bench.reach('failed', 20 * 60_000)), 'no-progress');
  });

  test('waits a week for a device that cannot be reached', async () => {
    await using bench = await openFirmwareBench();
    await bench.server.server.deregister('node-1');
    await bench.start();
    await bench.pass(7 * 24 * hour - 1000);
    assert.equal((await bench.status()).state.kind, 'waiting');
    await bench.pass(2000);
    const update = await bench.status();
    assert.equal(failureOf(update), 'no-progress');
    assert.match(update.log.at(-1)?.message ?? '', /which is not registered/);
  });

  test('has its hour from when the device is back', async () => {
    await using bench = await openFirmwareBench();
    bench.device.resources.deliveryMethod = 0;
    bench.device.quirks.verify = () => ({ state: 1, result: 0 });
    await bench.start();
    await bench.pass(10_000);
    await bench.server.server.deregister('node-1');
    await bench.pass(5 * hour);
    await bench.device.restart({ state: 1 });
    await bench.pass(hour - 60_000);
    assert.equal((await bench.status()).state.kind, 'transferring');
    bench.device.become({ state: 2 });
    await bench.reachInstallation();
  });

  test('that is being cancelled is cancelled after a week at the latest', async () => {
    await using bench = await openFirmwareBench();
    await bench.start({ install: 'manual' });
    await bench.reach('downloaded');
    bench.device.quirks.answer = () => 'silence';
    await bench.server.server.device('node-1').firmware.cancel();
    await bench.server.server.deregister('node-1');
    await bench.pass(7 * 24 * hour + 1000);
    const update = await bench.status();
    assert.equal(update.state.kind, 'cancelled');
    assert.match(update.log.at(-1)?.message ?? '', /could not be told/);
  });
});

describe('A device that does not answer', () => {
  test('is asked again after a while, and the push goes on at the block where it was', async () => {
    await using bench = await openFirmwareBench();
    const offsets: number[] = [];
    bench.device.quirks.answer = ({ part }) => {
      if (offsets.length === 8) return 'silence';
      if (part !== undefined) offsets.push(part.offset);
      return undefined;
    };
    await bench.start();
    await bench.device.until(() => offsets.length === 8);
    await bench.pass(100_000);
    bench.device.quirks.answer = ({ part }) => {
      if (part !== undefined) offsets.push(part.offset);
      return undefined;
    };
    // A sign of life ends the pause after a message that was given up.
    await bench.device.update();
    await bench.reachInstallation();
    assert.equal(offsets[8], 8 * 1024);
    assert.ok(equalBytes(bench.device.image, bytes));
    assert.equal((await bench.status()).attempts, 1);
  });

  test('is asked again without a sign of life, less and less often', async () => {
    await using bench = await openFirmwareBench();
    bench.device.quirks.answer = () => 'silence';
    await bench.start();
    await bench.pass(12 * hour);
    const times = bench.device.asked.length;
    assert.ok(times > 10 && times < 60 * 12, String(times));
    bench.device.quirks = {};
    await bench.reachInstallation(20 * 60_000);
  });

  test('or has no time just now is asked again, and what it said is in the log', async () => {
    await using bench = await openFirmwareBench();
    bench.device.quirks.answer = ({ uriPath }) =>
      uriPath.join('/') === '5/0' ? { code: ResponseCode.serviceUnavailable } : undefined;
    await bench.start();
    await bench.pass(60_000);
    const { log } = await bench.status();
    assert.match(log.at(-1)?.message ?? '', /refused the Read of \/5\/0 with 5\.03/);
    bench.device.quirks = {};
    await bench.reachInstallation();
  });

  test('in a way that makes sense is asked again', async () => {
    await using bench = await openFirmwareBench();
    bench.device.quirks.answer = ({ uriPath }) =>
      uriPath.join('/') === '5/0'
        ? { code: ResponseCode.content, contentFormat: 11542, payload: Uint8Array.of(1) }
        : undefined;
    await bench.start();
    await bench.pass(10_000);
    assert.equal((await bench.status()).state.kind, 'waiting');
    bench.device.quirks = {};
    await bench.reachInstallation();
  });
});

describe('A device in queue mode', () => {
  async function openSleeper(): Promise<FirmwareBench> {
    const bench = await openFirmwareBench({ device: { binding: 'UQ' } });
    await bench.pass(100_000);
    return bench;
  }

  test('is asked for nothing while it sleeps, and for everything in its awake window (R-802)', async () => {
    await using bench = await openSleeper();
    await bench.start();
    await bench.pass(hour);
    assert.deepEqual(bench.device.asked, []);
    await bench.device.update();
    await bench.reachInstallation();
    assert.ok(equalBytes(bench.device.image, bytes));
    await bench.device.installed();
    await bench.reach('succeeded');
  });

  test('is not kept awake by being asked now and then', async () => {
    await using bench = await openSleeper();
    bench.device.resources.deliveryMethod = 0;
    bench.device.quirks.isLazy = true;
    await bench.start();
    await bench.device.update();
    await bench.pass(10_000);
    const count = bench.device.asked.length;
    await bench.pass(hour);
    assert.equal(bench.device.asked.length, count);
    assert.equal((await bench.server.server.device('node-1').reachability())?.kind, 'asleep');
  });

  test('that falls asleep in the middle of a push gets the rest when it wakes up', async () => {
    await using bench = await openSleeper();
    const offsets: number[] = [];
    bench.device.quirks.answer = ({ part }) => {
      if (offsets.length >= 8) return 'silence';
      if (part !== undefined) offsets.push(part.offset);
      return undefined;
    };
    await bench.start();
    await bench.device.update();
    await bench.pass(hour);
    assert.equal(offsets.length, 8);
    bench.device.quirks = {};
    await bench.device.update();
    // The upload was given up by the device meanwhile.
    await bench.reachInstallation();
    assert.ok(equalBytes(bench.device.image, bytes));
  });

  test('is looked at whenever it wakes up, as its notifications may be lost', async () => {
    await using bench = await openSleeper();
    bench.device.quirks.verify = () => ({ state: 1, result: 0 });
    await bench.start();
    await bench.device.update();
    await bench.pass(hour);
    bench.device.resources.state = 2;
    await bench.device.update();
    await bench.reachInstallation();
  });

  test('is told to install and to forget when it wakes up', async () => {
    await using bench = await openSleeper();
    const { firmware } = bench.server.server.device('node-1');
    await bench.start({ install: 'manual' });
    await bench.device.update();
    await bench.reach('downloaded');
    await bench.pass(hour);
    await firmware.install();
    await bench.pass(hour);
    assert.equal(bench.device.installations, 0);
    await bench.device.update();
    await bench.reachInstallation();
  });

  test('lets operations of others in between the blocks', async () => {
    await using bench = await openSleeper();
    await bench.start();
    await bench.device.update();
    await bench.device.until(() => bench.device.resources.state === 1);
    const content = await bench.server.finish(bench.server.server.device('node-1').read('/3/0/3'));
    assert.equal(content.kind, 'resource');
    assert.equal(bench.device.resources.state, 1);
  });
});

describe('Many devices', () => {
  test('are pushed to by a bounded number at a time, and nobody waits for ever', async () => {
    await using bench = await openFirmwareBench({ options: { limits: { firmwarePushes: 2 } } });
    const devices = [bench.device];
    for (let index = 2; index <= 6; index += 1) {
      const address = `10.0.0.${index + 10}`;
      const device = await FirmwareDevice.open(bench.network, { endpointName: `node-${index}`, address });
      await device.register();
      devices.push(device);
    }
    for (const { endpointName } of devices)
      await bench.server.server.device(endpointName).firmware.start(bench.image);
    let most = 0;
    const isDone = (): boolean => {
      most = Math.max(most, devices.filter(({ resources }) => resources.state === 1).length);
      return devices.every(({ resources }) => resources.state === 3);
    };
    await bench.network.runUntil(isDone, milliseconds(60_000));
    assert.equal(most, 2);
    assert.ok(devices.every(({ image }) => equalBytes(image, bytes)));
  });

  test('that wait for their turn and leave do not hold up the others', async () => {
    await using bench = await openFirmwareBench({
      options: { limits: { firmwarePushes: 1 } },
      device: { blockSize: 64 },
    });
    const devices: FirmwareDevice[] = [];
    for (const index of [2, 3]) {
      const address = `10.0.0.${index + 10}`;
      const device = await FirmwareDevice.open(bench.network, { endpointName: `node-${index}`, address });
      await device.register();
      devices.push(device);
    }
    await bench.start();
    await bench.device.until(() => bench.device.resources.state === 1);
    const [second, third] = devices;
    for (const each of devices)
      await bench.server.server.device(each.endpointName).firmware.start(bench.image);
    await bench.pass(500);
    assert.equal(second?.resources.state, 0);
    await bench.server.server.device('node-2').firmware.cancel();
    await third?.until(() => third.resources.state === 3);
    assert.equal(second?.image.length, 0);
  });
});
