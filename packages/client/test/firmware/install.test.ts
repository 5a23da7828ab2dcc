import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { concatBytes } from '@dunlin/base';
import { FirmwareError, memoryFirmwareStorage } from '@dunlin/client';
import { FirmwareUpdateResult } from '@dunlin/lwm2m';

import { FirmwareWorld, MemoryStateStore, packageOf } from '../support/firmware-world.ts';
import { text } from '../support/world.ts';

const { integrityCheckFailure, outOfRam, updateFailed } = FirmwareUpdateResult;

describe('Update (1.0 §E.6, R-1050, R-1058)', () => {
  test('is answered first; then the package is installed, and the device registers anew (int-770)', async () => {
    const order: string[] = [];
    const device = await FirmwareWorld.open({
      install: (_, { version = '' }) => {
        order.push(`install ${version}`);
      },
      onInstalled: () => {
        order.push('restart');
        device.world.client.restart();
      },
    });
    await device.pushAll(packageOf(3000));
    device.world.network.watch(({ from, datagram }) => {
      if (from.address === '192.0.2.7' && datagram[1] === 0x44) order.push('2.04');
      if (from.address === '192.0.2.7' && datagram[1] === 0x02) order.push('POST');
    });
    assert.equal((await device.update()).code, '2.04');
    await device.world.pass(1);
    assert.deepEqual(order, ['2.04', 'install 2', 'restart', 'POST']);
    assert.equal(await device.shown(), '0/1');
    assert.deepEqual(await device.stored(), new Uint8Array(0), 'the storage is free again');
  });

  test('shows Updating while it lasts, and the new version afterwards (int-770)', async () => {
    const installed = Promise.withResolvers<void>();
    const device = await FirmwareWorld.open({
      install: async () => {
        await installed.promise;
        device.firmware.version = 2;
      },
    });
    const watch = await device.world.observe('/5/0/3', text);
    await device.pushAll(packageOf(3000));
    await device.update();
    await device.world.pass(3600);
    assert.equal(await device.shown(), '3/0');
    assert.equal((await device.world.read('/3/0/3', text)).text, '1.0');
    installed.resolve();
    await device.until(0, 1);
    await device.world.pass(1);
    assert.equal((await device.world.read('/3/0/3', text)).text, '2.0');
    assert.deepEqual(watch.notifications.map((notification) => notification.text).slice(-3), ['2', '3', '0']);
  });

  test('the handler is given the package and what it is called', async () => {
    const given: unknown[] = [];
    const device = await FirmwareWorld.open({
      install: async (storage, firmware) => {
        const pieces: Uint8Array[] = [];
        for await (const piece of storage.read()) pieces.push(piece);
        given.push(concatBytes(pieces), firmware);
      },
    });
    await device.pushAll(packageOf(3000));
    await device.update();
    await device.until(0, 1);
    assert.deepEqual(given, [packageOf(3000), { name: 'acme-firmware', version: '2' }]);
  });

  test('one that fails leaves the package there: Downloaded, Result 8; it may be tried again (int-779)', async () => {
    let isBroken = true;
    const device = await FirmwareWorld.open({
      install: () => {
        if (isBroken) throw new Error('the partition is locked');
        device.firmware.version = 2;
      },
    });
    await device.pushAll(packageOf(3000));
    assert.equal((await device.update()).code, '2.04');
    await device.until(2, updateFailed);
    assert.equal((await device.world.read('/3/0/3', text)).text, '1.0');
    assert.equal(device.firmware.restarts, 0);
    const failure = device.events.find(({ kind }) => kind === 'failed');
    assert.match(String(failure?.kind === 'failed' && failure.error.message), /partition is locked/);
    isBroken = false;
    assert.equal((await device.update()).code, '2.04');
    await device.until(0, 1);
  });

  for (const [name, result] of [
    ['finds it broken', integrityCheckFailure],
    ['runs out of memory', outOfRam],
  ] as const) {
    test(`one that ${name} drops the package: Idle, Result ${result}`, async () => {
      const device = await FirmwareWorld.open({
        install: () => Promise.reject(new FirmwareError(result, 'as the test wants it')),
      });
      await device.pushAll(packageOf(3000));
      await device.update();
      await device.until(0, result);
      await device.world.pass(1);
      assert.deepEqual(await device.stored(), new Uint8Array(0));
      assert.equal((await device.update()).code, '4.05');
    });
  }

  test('arguments are of no effect', async () => {
    const device = await FirmwareWorld.open();
    await device.pushAll(packageOf(3000));
    assert.equal((await device.world.execute('/5/0/2', "0='now'")).code, '2.04');
    await device.until(0, 1);
  });

  test('Result goes back to 0 when another package or update begins (R-1052)', async () => {
    const device = await FirmwareWorld.open();
    await device.pushAll(packageOf(3000));
    await device.update();
    await device.until(0, 1);
    // It is not registered yet, and takes the part when that comes once more.
    assert.equal(await device.pushSlice(packageOf(5000), 0, 1024), '2.31');
    assert.equal(await device.shown(), '1/0');
  });

  test('what the device throws after it was installed is told to it, and changes nothing', async () => {
    const device = await FirmwareWorld.open({
      onInstalled: () => {
        throw new Error('no reboot today');
      },
    });
    await device.pushAll(packageOf(3000));
    await device.update();
    await device.until(0, 1);
    await device.world.pass(1);
    assert.equal(await device.shown(), '0/1');
    const told = device.events.find(({ kind }) => kind === 'device-error');
    assert.match(String(told?.kind === 'device-error' && told.error), /no reboot/);
  });

  test('the author is asked for a way to bring packages in', async () => {
    const storage = memoryFirmwareStorage(1000);
    await assert.rejects(FirmwareWorld.open({ storage, takesPush: false }), /push or by pull/);
  });

  test('a state that cannot be saved is told to the device, and does not keep it from being updated', async () => {
    const state = new MemoryStateStore();
    state.isBroken = true;
    const device = await FirmwareWorld.open({ state });
    await device.pushAll(packageOf(3000));
    await device.update();
    await device.until(0, 1);
    assert.equal(device.firmware.version, 2);
    assert.ok(device.events.some(({ kind }) => kind === 'device-error'));
  });
});
