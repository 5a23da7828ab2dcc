import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { StorageError, utf8Encode } from '@dunlin/base';
import { FirmwareError, type FirmwareStorage, memoryFirmwareStorage } from '@dunlin/client';
import { FirmwareUpdateResult } from '@dunlin/lwm2m';
import fc from 'fast-check';

import {
  FirmwareWorld,
  hanging,
  MemoryStateStore,
  packageOf,
  ScriptedDownloader,
  served,
} from '../support/firmware-world.ts';
import { text } from '../support/world.ts';

const { connectionLost, integrityCheckFailure, invalidUri, updateFailed } = FirmwareUpdateResult;

type Options = NonNullable<Parameters<typeof FirmwareWorld.open>[0]>;

/** What outlives the programs of a device: its storage and the state that it saved. */
class Flash {
  readonly storage: FirmwareStorage = memoryFirmwareStorage(1_000_000);
  readonly state = new MemoryStateStore();

  /** Starts the program of the device; the one before is gone without a word. */
  start(options: Options = {}): Promise<FirmwareWorld> {
    return FirmwareWorld.open({ storage: this.storage, state: this.state, ...options });
  }
}

const failure = new FirmwareError(invalidUri, 'there is nothing');

/** An installation that the device does not live to see the end of. */
const never = (): Promise<void> => new Promise(() => undefined);

describe('a device that goes off in the middle of a firmware update (1.0 §E.6)', () => {
  test('begins as new without anything saved', async () => {
    assert.equal(await (await new Flash().start()).shown(), '0/0');
  });

  test('shows Idle and success after it came up with what was installed, as a Server reads first (R-1058)', async () => {
    const flash = new Flash();
    const device = await flash.start();
    await device.pushAll(packageOf(3000));
    await device.update();
    await device.until(0, 1);
    const again = await flash.start();
    assert.equal(await again.shown(), '0/1');
    assert.equal((await again.world.read('/5/0/7', text)).text, '2');
  });

  test('keeps the failure of the last one', async () => {
    const flash = new Flash();
    const device = await flash.start({ downloader: new ScriptedDownloader(), limits: { maximumSize: 10 } });
    await device.writeUri('coap://192.0.2.9/fw');
    await device.until(0, 2);
    await device.world.pass(1);
    const again = await flash.start();
    assert.equal(await again.shown(), '0/2');
    assert.equal((await again.world.read('/5/0/1', text)).text, 'coap://192.0.2.9/fw');
  });

  test('while it was pulled: goes on where it was, with what tells the version', async () => {
    const flash = new Flash();
    const body = packageOf(9000);
    const before = new ScriptedDownloader();
    before.script = (request) => ({
      offset: 0,
      size: 9000,
      validator: '"etag"',
      chunks: (async function* () {
        yield body.subarray(0, 4000);
        yield* hanging(request).chunks;
      })(),
    });
    const device = await flash.start({ downloader: before });
    await device.writeUri('coap://192.0.2.9/fw');
    await device.world.pass(1);
    const after = new ScriptedDownloader();
    after.script = ({ offset }) => served(body, { offset, validator: '"etag"' });
    const again = await flash.start({ downloader: after });
    await again.until(2, 0);
    assert.deepEqual(await again.stored(), body);
    const [request] = after.requests;
    assert.deepEqual(
      [request?.uri, request?.offset, request?.validator, request?.shortServerId],
      ['coap://192.0.2.9/fw', 4000, '"etag"', 101],
    );
  });

  test('before its state is saved: takes no other bytes for the package that it has verified', async () => {
    const flash = new Flash();
    const device = await flash.start();
    await device.pushAll(packageOf(3000));
    await device.until(2, 0);
    await device.world.pass(1);
    const { promise, resolve } = Promise.withResolvers<void>();
    flash.state.ready = promise;
    await device.writeUri('');
    const answer = device.pushSlice(packageOf(5000, 3), 0, 2048);
    await device.world.pass(1);
    assert.deepEqual(await device.stored(), packageOf(3000));
    resolve();
    assert.equal(await answer, '2.31');
    assert.deepEqual(await device.stored(), packageOf(5000, 3).subarray(0, 2048));
  });

  test('has a package for no Server before it has written that down', async () => {
    const flash = new Flash();
    const device = await flash.start();
    const { promise, resolve } = Promise.withResolvers<void>();
    assert.equal(await device.pushSlice(packageOf(3000), 0, 2048), '2.31');
    flash.state.ready = promise;
    assert.equal(await device.pushSlice(packageOf(3000), 2048, 1024), '2.04');
    await device.world.pass(10);
    assert.equal(await device.shown(), '1/0');
    resolve();
    await device.until(2, 0);
    assert.equal(await (await flash.start()).shown(), '2/0');
  });

  test('before its storage is cleared: nothing of the package is left', async () => {
    const flash = new Flash();
    const device = await flash.start();
    await device.pushAll(packageOf(3000));
    await device.until(2, 0);
    await device.update();
    await device.until(0, 1);
    await flash.storage.append(packageOf(3000));
    const again = await flash.start();
    assert.equal(await again.shown(), '0/1');
    assert.deepEqual(await again.stored(), new Uint8Array(0));
  });

  test('is saved as it is when it has been disposed of', async () => {
    const flash = new Flash();
    const downloader = new ScriptedDownloader();
    downloader.script = hanging;
    const device = await flash.start({ downloader });
    const { promise, resolve } = Promise.withResolvers<void>();
    flash.state.ready = promise;
    await device.writeUri('coap://192.0.2.9/fw');
    setImmediate(resolve);
    await device.setup[Symbol.asyncDispose]();
    const again = await flash.start({ downloader });
    assert.equal(await again.shown(), '1/0');
  });

  test('ends its download when it is disposed of, and changes nothing that is saved', async () => {
    const flash = new Flash();
    const downloader = new ScriptedDownloader();
    downloader.script = hanging;
    const device = await flash.start({ downloader });
    await device.writeUri('coap://192.0.2.9/fw');
    await device.world.pass(1);
    const { saved } = flash.state;
    await device.setup[Symbol.asyncDispose]();
    await device.world.pass(1000);
    assert.equal(downloader.requests[0]?.signal.aborted, true);
    assert.equal(downloader.requests.length, 1);
    assert.equal(flash.state.saved, saved);
  });

  test('while it was pulled, and the downloader is gone: unsupported protocol', async () => {
    const flash = new Flash();
    const downloader = new ScriptedDownloader();
    downloader.script = hanging;
    const device = await flash.start({ downloader });
    await device.writeUri('coap://192.0.2.9/fw');
    const again = await flash.start();
    await again.until(0, 9);
  });

  test('while it was pushed: the connection is lost, and the storage free (Result 4)', async () => {
    const flash = new Flash();
    const device = await flash.start();
    assert.equal(await device.pushSlice(packageOf(5000), 0, 2048), '2.31');
    const again = await flash.start();
    assert.equal(await again.shown(), `0/${connectionLost}`);
    assert.deepEqual(await again.stored(), new Uint8Array(0));
    assert.equal(await again.pushSlice(packageOf(5000), 2048, 1024), '4.08');
    assert.equal((await again.pushAll(packageOf(5000))).code, '2.04');
    await again.until(2, 0);
  });

  test('while it was verified: a push is lost, a download is verified again', async () => {
    const flash = new Flash();
    const downloader = new ScriptedDownloader();
    const device = await flash.start({ downloader, verify: () => never() });
    await device.writeUri('coap://192.0.2.9/fw');
    await device.world.pass(1);
    const again = await flash.start({ downloader });
    await again.until(2, 0);
    const [, second] = downloader.requests;
    assert.equal(second?.offset, 3000, 'all of it was there');
  });

  test('with a package that waits: it stays, and can be installed', async () => {
    const flash = new Flash();
    const device = await flash.start();
    await device.pushAll(packageOf(3000));
    await device.until(2, 0);
    await device.world.pass(1);
    const again = await flash.start();
    assert.equal(await again.shown(), '2/0');
    assert.equal((await again.update()).code, '2.04');
    await again.until(0, 1);
    assert.equal(again.firmware.version, 2);
  });

  test('with a package that is not there any more: Idle, Result 5', async () => {
    const flash = new Flash();
    const device = await flash.start();
    await device.pushAll(packageOf(3000));
    await device.until(2, 0);
    await device.world.pass(1);
    await flash.storage.append(Uint8Array.of(1));
    assert.equal(await (await flash.start()).shown(), `0/${integrityCheckFailure}`);
  });

  const installing = async (flash: Flash): Promise<void> => {
    const device = await flash.start({ install: never });
    await device.pushAll(packageOf(3000));
    await device.update();
    await device.world.pass(1);
    assert.equal(await device.shown(), '3/0');
  };

  test('while it was installed, and comes up with it: Idle, success (R-1058)', async () => {
    const flash = new Flash();
    await installing(flash);
    const again = await flash.start({ isInstalled: ({ version }) => version === '2' });
    assert.equal(await again.shown(), '0/1');
    assert.deepEqual(await again.stored(), new Uint8Array(0));
    const later = await flash.start();
    assert.equal(await later.shown(), '0/1', 'that is saved, too');
  });

  test('while it was installed, and comes up without: Downloaded, Result 8', async () => {
    const flash = new Flash();
    await installing(flash);
    const again = await flash.start({ isInstalled: () => Promise.resolve(false) });
    assert.equal(await again.shown(), `2/${updateFailed}`);
    assert.equal((await again.update()).code, '2.04');
    await again.until(0, 1);
  });

  test('while it was installed, and comes up without it and without the package: Idle, Result 8', async () => {
    const flash = new Flash();
    await installing(flash);
    await flash.storage.clear();
    assert.equal(await (await flash.start()).shown(), `0/${updateFailed}`);
  });

  test('a Write that changed nothing since is not repeated', async () => {
    const flash = new Flash();
    const downloader = new ScriptedDownloader();
    downloader.script = () => served(packageOf(3000));
    const device = await flash.start({ downloader });
    await device.writeUri('coap://192.0.2.9/fw');
    await device.until(2, 0);
    await device.world.pass(1);
    await flash.start({ downloader });
    assert.equal(downloader.requests.length, 1);
  });
});

describe('a saved state of a firmware update', () => {
  const damaged: readonly string[] = [
    '',
    'null',
    '[]',
    '"x"',
    '{"version":2}',
    '{}',
    '{"version":1,"state":4,"result":0,"packageUri":"","package":{},"size":0}',
    '{"version":1,"state":0,"result":10,"packageUri":"","package":{},"size":0}',
    '{"version":1,"state":0,"result":0,"packageUri":7,"package":{},"size":0}',
    '{"version":1,"state":0,"result":0,"packageUri":"","package":[],"size":0}',
    '{"version":1,"state":0,"result":0,"packageUri":"","package":{"name":1},"size":0}',
    '{"version":1,"state":0,"result":0,"packageUri":"","package":{},"size":-1}',
    '{"version":1,"state":1,"result":0,"packageUri":"","package":{},"size":0,"delivery":{"kind":"mail"}}',
    '{"version":1,"state":1,"result":0,"packageUri":"","package":{},"size":0,"delivery":"push"}',
    '{"version":1,"state":1,"result":0,"packageUri":"","package":{},"size":0,"delivery":{"kind":"pull","validator":1}}',
  ];
  for (const source of damaged) {
    test(`that is damaged is a StorageError, which says what to do: ${source}`, async () => {
      const state = new MemoryStateStore();
      state.saved = utf8Encode(source);
      await assert.rejects(FirmwareWorld.open({ state }), (error) => {
        assert.ok(error instanceof StorageError);
        assert.match(error.message, /Remove it to begin as new/);
        return true;
      });
    });
  }

  test('of any bytes is taken or refused, and nothing else is thrown', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 60 }), async (saved) => {
        const state = new MemoryStateStore();
        state.saved = saved;
        await assert.rejects(FirmwareWorld.open({ state }), StorageError);
      }),
      { numRuns: 50 },
    );
  });

  test('comes back as it was, texts of all kinds included', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }), async (uri) => {
        const flash = new Flash();
        const downloader = new ScriptedDownloader();
        downloader.script = () => Promise.reject(failure);
        const device = await flash.start({ downloader });
        await device.writeUri(uri);
        await device.until(0, invalidUri);
        await device.world.pass(1);
        const again = await flash.start();
        assert.equal(again.setup.status.packageUri, uri);
      }),
      { numRuns: 10 },
    );
  });
});
