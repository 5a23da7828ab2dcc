import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { seconds } from '@dunlin/base';
import { FirmwareError, type FirmwareDownload, memoryFirmwareStorage } from '@dunlin/client';
import { FirmwareUpdateResult } from '@dunlin/lwm2m';

import { FirmwareWorld, hanging, packageOf, ScriptedDownloader, served } from '../support/firmware-world.ts';
import { text } from '../support/world.ts';

const {
  connectionLost,
  integrityCheckFailure,
  invalidUri,
  notEnoughFlash,
  outOfRam,
  unsupportedPackageType,
  unsupportedProtocol,
} = FirmwareUpdateResult;

const uri = 'coaps://192.0.2.9/firmware?v=2';

function refuse(result: FirmwareError['result']): never {
  throw new FirmwareError(result, 'as the test wants it');
}

async function open(
  script: ScriptedDownloader['script'],
  options: Parameters<typeof FirmwareWorld.open>[0] = {},
): Promise<FirmwareWorld & { readonly downloader: ScriptedDownloader }> {
  const downloader = new ScriptedDownloader();
  downloader.script = script;
  return Object.assign(await FirmwareWorld.open({ downloader, ...options }), { downloader });
}

describe('a package that is pulled (1.0 §E.6, R-1055)', () => {
  test('goes from Idle over Downloading to Downloaded, as an observer sees (int-756)', async () => {
    const started = Promise.withResolvers<void>();
    const device = await open(async () => {
      await started.promise;
      return served(packageOf(5000));
    });
    const watch = await device.world.observe('/5/0/3', text);
    assert.equal((await device.writeUri(uri)).code, '2.04');
    assert.equal(await device.shown(), '1/0');
    started.resolve();
    await device.until(2, 0);
    await device.world.pass(1);
    assert.deepEqual(
      watch.notifications.map((notification) => notification.text),
      ['0', '1', '2'],
    );
    assert.deepEqual(await device.stored(), packageOf(5000));
  });

  test('the downloader hears the URI as it was written, and which Server wrote it', async () => {
    const device = await open(() => served(packageOf(3000)));
    await device.writeUri(uri);
    await device.until(2, 0);
    const [request, ...others] = device.downloader.requests;
    assert.deepEqual(
      [request?.uri, request?.offset, request?.validator, request?.shortServerId],
      [uri, 0, undefined, 101],
    );
    assert.deepEqual(others, []);
  });

  interface Failing {
    readonly name: string;
    readonly script: ScriptedDownloader['script'];
    readonly options?: Parameters<typeof FirmwareWorld.open>[0];
    readonly result: number;
  }
  const failures: readonly Failing[] = [
    {
      name: 'a URI at which there is nothing (int-778)',
      script: () => refuse(invalidUri),
      result: invalidUri,
    },
    {
      name: 'a scheme that is not known (int-780)',
      script: () => refuse(unsupportedProtocol),
      result: unsupportedProtocol,
    },
    {
      name: 'a package that is announced as too large (int-773)',
      script: () => served(packageOf(100), { size: 50_001 }),
      result: notEnoughFlash,
    },
    {
      name: 'a package that turns out too large',
      script: () => served(packageOf(60_000), { size: undefined }),
      result: notEnoughFlash,
    },
    {
      name: 'a storage that is out of memory (int-774)',
      script: () => served(packageOf(5000)),
      options: { storage: memoryFirmwareStorage(2000) },
      result: outOfRam,
    },
    {
      name: 'a broken package (int-776)',
      script: () => served(Uint8Array.from({ length: 3000 }, () => 0xee)),
      result: integrityCheckFailure,
    },
    {
      name: 'a package of another type (int-777)',
      script: () => served(Uint8Array.from({ length: 3000 }, () => 0x58)),
      result: unsupportedPackageType,
    },
    {
      name: 'an empty package',
      script: () => served(new Uint8Array(0)),
      result: integrityCheckFailure,
    },
  ];
  for (const { name, script, options, result } of failures) {
    test(`ends in Idle with Result ${result}, and the Write is answered with 2.04: ${name} (R-1051)`, async () => {
      const device = await open(script, { limits: { maximumSize: 50_000 }, ...options });
      assert.equal((await device.writeUri(uri)).code, '2.04');
      await device.until(0, result);
      await device.world.pass(600);
      assert.equal(await device.shown(), `0/${result}`);
      assert.equal(device.downloader.requests.length, 1, 'it is not tried again');
      assert.deepEqual(await device.stored(), new Uint8Array(0), 'the storage is free again');
      device.downloader.script = () => served(packageOf(1000));
      assert.equal((await device.writeUri(uri)).code, '2.04');
      await device.until(2, 0);
    });
  }
});

describe('a download whose connection is lost (R-1055, int-775)', () => {
  test('goes on where it was, of the version that it was', async () => {
    const body = packageOf(9000);
    const device = await open(({ offset }) =>
      served(body, { offset, cutAt: offset === 0 ? 3500 : offset === 3500 ? 7200 : Infinity }),
    );
    await device.writeUri(uri);
    await device.until(2, 0);
    assert.deepEqual(
      device.downloader.requests.map(({ offset, validator }) => [offset, validator]),
      [
        [0, undefined],
        [3500, 'v1'],
        [7200, 'v1'],
      ],
    );
    assert.deepEqual(await device.stored(), body);
  });

  test('stays in Downloading meanwhile, tells the device, and waits longer each time that nothing came', async () => {
    const times: number[] = [];
    const device = await open(() => {
      times.push(device.world.network.clock.now);
      return refuse(connectionLost);
    });
    await device.writeUri(uri);
    await device.world.pass(60);
    assert.equal(await device.shown(), '1/0');
    await device.until(0, connectionLost);
    const [first = 0] = times;
    assert.deepEqual(
      times.map((at) => Math.round((at - first) / 1000)),
      [0, 10, 30, 70, 150, 310],
    );
    const retries = device.events.filter(({ kind }) => kind === 'retrying');
    assert.deepEqual(
      retries.map((event) => event.kind === 'retrying' && event.delay),
      [10_000, 20_000, 40_000, 80_000, 160_000],
    );
  });

  test('a byte that came makes it patient anew', async () => {
    const body = packageOf(20_000);
    const device = await open(({ offset }) => served(body, { offset, cutAt: offset + 1000 }), {
      limits: { downloadAttempts: 2 },
    });
    await device.writeUri(uri);
    await device.until(2, 0);
    assert.equal(device.downloader.requests.length, 20);
    assert.deepEqual(await device.stored(), body);
  });

  test('begins anew when that version is not there any more', async () => {
    const before = packageOf(5000, 2);
    const after = packageOf(6000, 3);
    const device = await open(({ offset, validator }) =>
      validator === undefined && offset === 0
        ? served(before, { cutAt: 2500 })
        : served(after, { validator: 'v2' }),
    );
    await device.writeUri(uri);
    await device.until(2, 0);
    assert.deepEqual(await device.stored(), after);
    assert.equal(device.setup.status.package.version, '3');
  });

  test('begins anew where nothing tells versions apart', async () => {
    let count = 0;
    const device = await open(() =>
      served(packageOf(5000), { validator: undefined, cutAt: (count += 1) === 1 ? 2500 : Infinity }),
    );
    await device.writeUri(uri);
    await device.until(2, 0);
    assert.deepEqual(
      device.downloader.requests.map(({ offset, validator }) => [offset, validator]),
      [
        [0, undefined],
        [0, undefined],
      ],
    );
    assert.deepEqual(await device.stored(), packageOf(5000));
  });

  test('a downloader that goes on at another byte is not believed', async () => {
    const body = packageOf(5000);
    const device = await open(
      ({ offset }) =>
        served(body, { offset: offset === 0 ? 0 : offset + 1, cutAt: offset === 0 ? 2500 : Infinity }),
      { limits: { downloadAttempts: 3 } },
    );
    await device.writeUri(uri);
    await device.until(0, connectionLost);
  });

  test('whatever else a downloader throws is a lost connection', async () => {
    const device = await open(
      () => {
        throw new TypeError('fetch failed');
      },
      { limits: { downloadAttempts: 1 } },
    );
    await device.writeUri(uri);
    await device.until(0, connectionLost);
    const failure = device.events.find(({ kind }) => kind === 'failed');
    assert.ok(failure?.kind === 'failed' && failure.error.cause instanceof TypeError);
  });

  test('one that hangs is given up, and its signal tells it so', async () => {
    const device = await open(hanging, { limits: { stallTimeout: seconds(60), downloadAttempts: 2 } });
    await device.writeUri(uri);
    await device.world.pass(58);
    const [request] = device.downloader.requests;
    assert.equal(request?.signal.aborted, false);
    await device.world.pass(20);
    assert.equal(request?.signal.aborted, true);
    assert.equal(await device.shown(), '1/0');
    await device.until(0, connectionLost);
    assert.equal(device.downloader.requests.length, 2);
  });

  test('one that is slow is not', async () => {
    const body = packageOf(5000);
    const device = await open(
      async () => {
        async function* chunks(): AsyncGenerator<Uint8Array> {
          for (let at = 0; at < body.length; at += 1000) {
            const { promise, resolve } = Promise.withResolvers<void>();
            const { network } = device.world;
            network.at((network.clock.now + 55_000) as typeof network.clock.now, () => resolve());
            await promise;
            yield body.subarray(at, at + 1000);
          }
        }
        return await Promise.resolve({ offset: 0, size: 5000, validator: 'v1', chunks: chunks() });
      },
      { limits: { stallTimeout: seconds(60) } },
    );
    await device.writeUri(uri);
    await device.until(2, 0);
    assert.equal(device.downloader.requests.length, 1);
  });
});

describe('a download that is not wanted any more (R-1057)', () => {
  test('is ended by a reset; what comes late goes nowhere', async () => {
    const late = Promise.withResolvers<FirmwareDownload>();
    const device = await open(() => late.promise);
    await device.writeUri(uri);
    await device.writeUri('');
    assert.equal(device.downloader.requests[0]?.signal.aborted, true);
    late.resolve(served(packageOf(3000)));
    await device.world.pass(10);
    assert.equal(await device.shown(), '0/0');
    assert.deepEqual(await device.stored(), new Uint8Array(0));
  });

  test('is ended while it waits for its next attempt', async () => {
    const device = await open(() => refuse(connectionLost));
    await device.writeUri(uri);
    await device.world.pass(5);
    await device.writeUri('');
    await device.world.pass(600);
    assert.equal(device.downloader.requests.length, 1);
    assert.equal(await device.shown(), '0/0');
  });

  test('another one may follow at once', async () => {
    const first = Promise.withResolvers<FirmwareDownload>();
    const device = await open((request) =>
      request.uri === uri ? first.promise : served(packageOf(2000, 9)),
    );
    await device.writeUri(uri);
    await device.writeUri('');
    await device.writeUri('coap://192.0.2.9/other');
    first.resolve(served(packageOf(3000)));
    await device.until(2, 0);
    assert.deepEqual(await device.stored(), packageOf(2000, 9));
  });
});
