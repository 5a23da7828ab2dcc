import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { seconds } from '@dunlin/base';
import { Method } from '@dunlin/coap';
import { FirmwareError, type FirmwareStorage, memoryFirmwareStorage } from '@dunlin/client';
import { FirmwareUpdateResult } from '@dunlin/lwm2m';

import { FirmwareWorld, opaque, packageInTlv, packageOf } from '../support/firmware-world.ts';
import { json, text, tlv, watched } from '../support/world.ts';

const { integrityCheckFailure, notEnoughFlash, outOfRam, unsupportedPackageType } = FirmwareUpdateResult;

/** A storage that goes to memory, and what becomes of each `append`. */
function storageWith(judge: (size: number) => Promise<void> | void): FirmwareStorage {
  const storage = memoryFirmwareStorage(1_000_000);
  return {
    ...storage,
    append: async (bytes) => {
      await judge((await storage.size()) + bytes.length);
      await storage.append(bytes);
    },
  };
}

function failing(result: FirmwareError['result']): () => never {
  return () => {
    throw new FirmwareError(result, 'as the test wants it');
  };
}

describe('a package that is pushed (1.0 §E.6.2, R-1054)', () => {
  test('each block is answered with 2.31, and the last one with 2.04 (R-1054)', async () => {
    const device = await FirmwareWorld.open({}, { coap: { blockwise: { blockSize: 128 } } });
    const codes: number[] = [];
    device.world.network.watch(({ from, datagram }) => {
      if (from.address === '192.0.2.7') codes.push(datagram[1] ?? 0);
    });
    // The first block has 1024 bytes, in answer to which the device asks for smaller ones.
    assert.equal((await device.pushAll(packageOf(10_240))).code, '2.04');
    const answers = codes.filter((code) => code === 0x5f || code === 0x44);
    assert.equal(answers.length, 1 + (10_240 - 1024) / 128);
    assert.deepEqual([...new Set(answers.slice(0, -1))], [0x5f]);
    assert.equal(answers.at(-1), 0x44);
    assert.deepEqual(await device.stored(), packageOf(10_240));
  });

  test('goes from Idle over Downloading to Downloaded, as an observer sees (int-755, int-760)', async () => {
    const device = await FirmwareWorld.open();
    const watch = await device.world.observe('/5/0/3', text);
    assert.equal(await device.pushSlice(packageOf(5000), 0, 1024), '2.31');
    await device.world.pass(1);
    assert.equal(await device.pushSlice(packageOf(5000), 1024, 3976), '2.04');
    await device.until(2, 0);
    await device.world.pass(1);
    assert.deepEqual(
      watch.notifications.map((notification) => notification.text),
      ['0', '1', '2'],
    );
    assert.deepEqual(await device.stored(), packageOf(5000));
  });

  test('is taken as fast as the storage takes it, and is in memory nowhere', async () => {
    const waiting: (() => void)[] = [];
    const storage = storageWith(() => new Promise((resolve) => waiting.push(resolve)));
    const device = await FirmwareWorld.open({ storage });
    const uriPath = ['5', '0', '0'];
    const request = { method: Method.put, uriPath, contentFormat: opaque, payload: packageOf(4096) };
    const done = watched(device.world.server.send(request));
    for (const expected of [1, 2, 3, 4]) {
      await device.world.until(() => waiting.length === expected);
      await device.world.pass(60);
      assert.equal(waiting.length, expected, 'the Server waits');
      waiting.at(-1)?.();
    }
    await device.until(2, 0);
    await device.world.pass(1);
    assert.ok(typeof done.value === 'object' && done.value.code === '2.04');
    assert.deepEqual(await device.stored(), packageOf(4096));
  });

  test('tells its progress to the device, and its size where the Server says it', async () => {
    const device = await FirmwareWorld.open();
    await device.pushAll(packageOf(2500));
    assert.deepEqual(
      device.events.filter(({ kind }) => kind === 'progress'),
      [
        { kind: 'progress', received: 1024, size: 2500 },
        { kind: 'progress', received: 2048, size: undefined },
        { kind: 'progress', received: 2500, size: undefined },
      ],
    );
  });

  interface Failing {
    readonly name: string;
    readonly storage?: FirmwareStorage;
    readonly body: Uint8Array;
    readonly code: string;
    readonly result: number;
  }
  const failures: readonly Failing[] = [
    {
      name: 'a package above the maximum size, at its first part (int-773)',
      body: packageOf(50_001),
      code: '4.13',
      result: notEnoughFlash,
    },
    {
      name: 'a storage that is full (int-773)',
      storage: storageWith((size) => (size > 2000 ? failing(notEnoughFlash)() : undefined)),
      body: packageOf(5000),
      code: '4.13',
      result: notEnoughFlash,
    },
    {
      name: 'a storage that is out of memory (int-774)',
      storage: memoryFirmwareStorage(2000),
      body: packageOf(5000),
      code: '4.13',
      result: outOfRam,
    },
    {
      name: 'a storage that fails for a reason of its own',
      storage: storageWith((size) => {
        if (size > 2000) throw new Error('EIO');
      }),
      body: packageOf(5000),
      code: '4.13',
      result: notEnoughFlash,
    },
    {
      name: 'a storage that knows the type at once',
      storage: storageWith(failing(unsupportedPackageType)),
      body: packageOf(5000),
      code: '4.00',
      result: unsupportedPackageType,
    },
    {
      name: 'a package that is broken (int-776)',
      body: Uint8Array.from({ length: 3000 }, () => 0xee),
      code: '2.04',
      result: integrityCheckFailure,
    },
    {
      name: 'a package of another type (int-777)',
      body: Uint8Array.from({ length: 3000 }, () => 0x58),
      code: '2.04',
      result: unsupportedPackageType,
    },
    {
      name: 'a broken package in one message',
      body: Uint8Array.from({ length: 100 }, () => 0xee),
      code: '2.04',
      result: integrityCheckFailure,
    },
  ];
  for (const { name, storage, body, code, result } of failures) {
    test(`ends in Idle with Result ${result} and ${code}: ${name}`, async () => {
      const device = await FirmwareWorld.open({
        limits: { maximumSize: 50_000 },
        ...(storage !== undefined && { storage }),
      });
      assert.equal((await device.pushAll(body)).code, code);
      await device.until(0, result);
      await device.world.pass(1);
      assert.deepEqual(await device.stored(), new Uint8Array(0), 'the storage is free again');
      const failure = device.events.find(({ kind }) => kind === 'failed');
      assert.equal(failure?.kind === 'failed' && failure.error.result, result);
      // And nothing keeps a good one from being taken afterwards.
      assert.equal(
        (await device.pushAll(packageOf(200))).code,
        storage === undefined || name.includes('memory') || result === notEnoughFlash ? '2.04' : '2.04',
      );
    });
  }

  test('a package that is shorter than its TLV says is broken', async () => {
    const device = await FirmwareWorld.open();
    const payload = packageInTlv(packageOf(5000)).subarray(0, 4000);
    assert.equal((await device.world.put('/5/0/0', tlv, payload)).code, '4.00');
    assert.equal(await device.shown(), `0/${integrityCheckFailure}`);
  });

  test('an announced size above the maximum is refused before a byte is stored', async () => {
    const device = await FirmwareWorld.open({ limits: { maximumSize: 2000 } });
    assert.equal((await device.world.put('/5/0/0', tlv, packageInTlv(packageOf(2001)))).code, '4.13');
    assert.ok(!device.events.some(({ kind }) => kind === 'progress'));
  });

  test('one that stalls is a lost connection, Result 4, and can be begun anew', async () => {
    const device = await FirmwareWorld.open({ limits: { stallTimeout: seconds(60) } });
    assert.equal(await device.pushSlice(packageOf(5000), 0, 1024), '2.31');
    await device.world.pass(58);
    assert.equal(await device.shown(), '1/0');
    await device.world.pass(20);
    assert.equal(await device.shown(), '0/4');
    assert.equal(await device.pushSlice(packageOf(5000), 1024, 1024), '4.08');
    assert.equal((await device.pushAll(packageOf(5000))).code, '2.04');
    await device.until(2, 0);
  });

  test('each part starts the time limit anew', async () => {
    const device = await FirmwareWorld.open({ limits: { stallTimeout: seconds(60) } });
    const body = packageOf(10_240);
    for (let offset = 0; offset < 9216; offset += 1024) {
      assert.equal(await device.pushSlice(body, offset, 1024), '2.31');
      await device.world.pass(55);
    }
    assert.equal(await device.pushSlice(body, 9216, 1024), '2.04');
    await device.until(2, 0);
  });

  test('the Server may go on after a pause where it was, and begin anew in the middle (RFC 7959 §2.5)', async () => {
    const device = await FirmwareWorld.open();
    const first = packageOf(5000, 2);
    assert.equal(await device.pushSlice(first, 0, 2048), '2.31');
    await device.world.pass(200);
    assert.equal(await device.pushSlice(first, 2048, 1024), '2.31');
    const second = packageOf(4000, 3);
    assert.equal(await device.pushSlice(second, 0, 1024), '2.31');
    assert.equal(await device.pushSlice(second, 1024, 2976), '2.04');
    await device.until(2, 0);
    assert.deepEqual(await device.stored(), second);
    assert.equal(device.setup.status.package.version, '3');
  });

  test('a reset in the middle ends it; what comes of it later goes nowhere (R-1057)', async () => {
    const device = await FirmwareWorld.open();
    const body = packageOf(5000);
    assert.equal(await device.pushSlice(body, 0, 1024), '2.31');
    await device.writeUri('');
    assert.equal(await device.shown(), '0/0');
    assert.equal(await device.pushSlice(body, 1024, 1024), '4.08');
    assert.equal(await device.shown(), '0/0');
    assert.deepEqual(await device.stored(), new Uint8Array(0));
  });

  test('a reset while it is verified ends that, too', async () => {
    const verified = Promise.withResolvers<void>();
    const device = await FirmwareWorld.open({ verify: () => verified.promise });
    await device.pushAll(packageOf(3000));
    await device.world.pass(1000);
    assert.equal(await device.shown(), '1/0', 'to verify may take as long as it does');
    await device.writeUri('');
    verified.resolve();
    await device.world.pass(1);
    assert.equal(await device.shown(), '0/0');
  });

  test('a name of more than 255 bytes is a package of no use', async () => {
    const device = await FirmwareWorld.open({ verify: () => ({ name: 'ü'.repeat(128) }) });
    await device.pushAll(packageOf(3000));
    await device.until(0, unsupportedPackageType);
    assert.equal((await device.world.read('/5/0', json)).code, '2.05');
  });

  test('without a check every package is good, and has no name', async () => {
    const device = await FirmwareWorld.open({ verify: () => undefined });
    await device.pushAll(packageOf(3000));
    await device.until(2, 0);
    assert.equal((await device.world.read('/5/0/6', text)).text, '');
  });
});
