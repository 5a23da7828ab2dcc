import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { equalBytes } from '@dunlin/base';
import { transferredBytes } from '@dunlin/server';

import { bytes, type FirmwareBench, imageSize, openFirmwareBench } from '../support/firmware-bench.ts';

/** Offsets of the blocks that the device was pushed. */
function watchBlocks(bench: FirmwareBench): number[] {
  const offsets: number[] = [];
  bench.device.quirks.answer = ({ part }) => {
    if (part !== undefined) offsets.push(part.offset);
    return undefined;
  };
  return offsets;
}

/** Lets the device have half of the image by push. */
async function halfPushed(bench: FirmwareBench, offsets: readonly number[]): Promise<void> {
  await bench.device.until(() => (offsets.at(-1) ?? 0) >= imageSize / 2);
}

/** Has the image installed, and looks whether it came whole. */
async function endWell(bench: FirmwareBench): Promise<void> {
  await bench.reachInstallation();
  assert.ok(equalBytes(bench.device.image, bytes));
  await bench.device.installed();
  await bench.reach('succeeded');
}

describe('When the device starts again', () => {
  test('in the middle of a push, the image is pushed from its beginning', async () => {
    await using bench = await openFirmwareBench();
    const offsets = watchBlocks(bench);
    await bench.start();
    await halfPushed(bench, offsets);
    await bench.device.restart();
    await endWell(bench);
    assert.equal(offsets.filter((offset) => offset === 0).length, 2);
    assert.equal((await bench.status()).attempts, 2);
  });

  test('in the middle of a push and still says that it downloads, it is reset and pushed to again (R-1057)', async () => {
    await using bench = await openFirmwareBench();
    const offsets = watchBlocks(bench);
    await bench.start();
    await halfPushed(bench, offsets);
    await bench.device.restart({ state: 1, result: 0 });
    await endWell(bench);
  });

  test('before it began to fetch the image, it is told the URI again', async () => {
    await using bench = await openFirmwareBench();
    bench.device.resources.deliveryMethod = 0;
    bench.device.quirks.isLazy = true;
    await bench.start();
    await bench.device.until(() => bench.device.resources.packageUri !== '');
    const first = bench.device.resources.packageUri;
    bench.device.quirks.isLazy = false;
    await bench.device.restart();
    await endWell(bench);
    assert.notEqual(bench.device.resources.packageUri, first);
  });

  test('while it fetches the image and has lost it, it is told the URI again', async () => {
    await using bench = await openFirmwareBench();
    bench.device.resources.deliveryMethod = 0;
    bench.device.quirks.verify = () => ({ state: 1, result: 0 });
    await bench.start();
    await bench.device.until(() => bench.device.image.length === imageSize);
    bench.device.quirks = {};
    await bench.device.restart();
    await endWell(bench);
    assert.equal((await bench.status()).attempts, 2);
  });

  test('while it fetches the image and goes on by itself, it is let alone', async () => {
    await using bench = await openFirmwareBench();
    bench.device.resources.deliveryMethod = 0;
    bench.device.quirks.verify = () => ({ state: 1, result: 0 });
    await bench.start();
    await bench.device.until(() => bench.device.image.length === imageSize);
    await bench.device.restart({ state: 1 });
    await bench.pass(5000);
    bench.device.become({ state: 2 });
    await endWell(bench);
    assert.equal((await bench.status()).attempts, 1);
  });

  test('with the image, it keeps it or gets it again', async () => {
    for (const state of [2, 0]) {
      await using bench = await openFirmwareBench();
      await bench.start({ install: 'manual' });
      await bench.reach('downloaded');
      await bench.device.restart({ state });
      await bench.pass(10_000);
      await bench.reach('downloaded');
      assert.equal((await bench.status()).attempts, state === 2 ? 1 : 2);
      await bench.server.server.device('node-1').firmware.install();
      await endWell(bench);
    }
  });

  test('with the image, and had not written that down, it gets it again', async () => {
    for (const fallen of [{ state: 0, result: 4 }, { state: 0, result: 7 }, { state: 1 }]) {
      await using bench = await openFirmwareBench();
      bench.device.quirks.isLazy = true;
      await bench.start({ install: 'manual' });
      await bench.reach('downloaded');
      await bench.device.restart(fallen);
      await bench.pass(10_000);
      await bench.reach('downloaded');
      assert.equal((await bench.status()).attempts, 2);
      await bench.server.server.device('node-1').firmware.install();
      await endWell(bench);
    }
  });

  test('when it was told to install the image, and had not written down that it has it, it gets it again', async () => {
    for (const fallen of [{ state: 0, result: 4 }, { state: 0, result: 7 }, { state: 1 }]) {
      await using bench = await openFirmwareBench();
      bench.device.quirks.isLazy = true;
      await bench.start();
      await bench.reachInstallation();
      await bench.device.restart(fallen);
      await bench.device.until(() => bench.device.resources.state === 3);
      await bench.device.installed();
      await bench.reach('succeeded');
      assert.equal((await bench.status()).attempts, 2);
    }
  });

  test('before it began to install, it is asked again', async () => {
    await using bench = await openFirmwareBench();
    await bench.start();
    await bench.reachInstallation();
    await bench.device.restart({ state: 2 });
    await bench.pass(1000);
    assert.equal(bench.device.installations, 2);
    await bench.device.installed();
    await bench.reach('succeeded');
  });

  test('while it installs, it is waited for', async () => {
    await using bench = await openFirmwareBench();
    await bench.start();
    await bench.reachInstallation();
    await bench.device.restart({ state: 3 });
    await bench.pass(60_000);
    assert.equal(bench.device.installations, 1);
    await bench.device.installed();
    await bench.reach('succeeded');
  });

  test('again and again, the update ends and says how often it was tried', async () => {
    await using bench = await openFirmwareBench();
    const offsets = watchBlocks(bench);
    await bench.start();
    for (let count = 0; count < 5; count += 1) {
      offsets.splice(0);
      await halfPushed(bench, offsets);
      await bench.device.restart();
    }
    const { state } = await bench.reach('failed');
    assert.ok(state.kind === 'failed' && state.failure.reason === 'lost');
    assert.match(state.failure.message, /5 times in vain/);
  });

  test('with the image again and again, it is not asked to install for ever', async () => {
    await using bench = await openFirmwareBench();
    await bench.start();
    for (let count = 0; count < 5; count += 1) {
      await bench.device.until(() => bench.device.resources.state === 3);
      await bench.device.restart({ state: 2 });
    }
    const { state } = await bench.reach('failed');
    assert.ok(state.kind === 'failed' && state.failure.reason === 'misbehaved');
    assert.equal(bench.device.installations, 5);
  });

  test('with another object list, that it has no such Object any more ends the update', async () => {
    await using bench = await openFirmwareBench();
    await bench.start({ install: 'manual' });
    await bench.reach('downloaded');
    await bench.device.register('</1/0>,</3/0>');
    const { state } = await bench.reach('failed');
    assert.ok(state.kind === 'failed' && state.failure.reason === 'unsupported');
  });
});

for (const way of ['close', 'kill'] as const) {
  describe(`When the server starts again after a ${way}`, () => {
    test('before the device was asked for anything, it is asked', async () => {
      await using bench = await openFirmwareBench();
      bench.device.quirks.answer = () => 'silence';
      await bench.start();
      await bench.pass(100);
      await bench.restart(1000, way);
      bench.device.quirks = {};
      await endWell(bench);
    });

    test('in the middle of a push, it goes on, at the very block if it had time to write that down', async () => {
      await using bench = await openFirmwareBench();
      const offsets = watchBlocks(bench);
      await bench.start();
      await halfPushed(bench, offsets);
      await bench.restart(1000, way);
      const before = offsets.length;
      await endWell(bench);
      const resumedAt = offsets[before] ?? assert.fail();
      if (way === 'close') assert.ok(resumedAt >= imageSize / 2 - 1024, String(resumedAt));
      assert.equal((await bench.status()).attempts, way === 'close' ? 1 : 2);
    });

    test('before the device had the URI, it is told', async () => {
      await using bench = await openFirmwareBench();
      bench.device.resources.deliveryMethod = 0;
      bench.device.quirks.answer = ({ uriPath }) => (uriPath.join('/') === '5/0/1' ? 'silence' : undefined);
      await bench.start();
      await bench.device.until(() => bench.device.asked.includes('PUT /5/0/1'));
      await bench.restart(1000, way);
      bench.device.quirks = {};
      await endWell(bench);
      assert.equal((await bench.status()).attempts, 1);
    });

    test('while the device fetches the image, the URI is what it was and the device goes on where it was', async () => {
      await using bench = await openFirmwareBench({ options: { coap: { blockwise: { blockSize: 64 } } } });
      bench.device.resources.deliveryMethod = 0;
      await bench.start();
      await bench.device.until(() => bench.device.resources.state === 1);
      await bench.pass(1000);
      const { state } = await bench.status();
      assert.ok(state.kind === 'transferring' && state.transfer.method === 'pull');
      await bench.restart(1000, way);
      await endWell(bench);
      assert.equal((await bench.status()).attempts, 1);
    });

    test('and the device said meanwhile that it has the image, it is installed', async () => {
      await using bench = await openFirmwareBench();
      bench.device.quirks.verify = () => ({ state: 1, result: 0 });
      await bench.start();
      await bench.device.until(() => bench.device.image.length === imageSize);
      const restarted = bench.restart(60_000, way);
      await bench.pass(10);
      bench.device.become({ state: 2 });
      await restarted;
      await endWell(bench);
    });

    test('before the Execute, it is sent', async () => {
      await using bench = await openFirmwareBench();
      bench.device.quirks.answer = ({ uriPath }) => (uriPath.join('/') === '5/0/2' ? 'silence' : undefined);
      await bench.start();
      await bench.device.until(() => bench.device.asked.includes('POST /5/0/2'));
      await bench.restart(1000, way);
      bench.device.quirks = {};
      await endWell(bench);
      assert.equal(bench.device.installations, 1);
    });

    test('while an image waits to be installed, it still does', async () => {
      await using bench = await openFirmwareBench();
      await bench.start({ install: 'manual' });
      await bench.reach('downloaded');
      await bench.restart(1000, way);
      await bench.pass(60_000);
      assert.equal(bench.device.installations, 0);
      await bench.server.server.device('node-1').firmware.install();
      await endWell(bench);
    });

    test('and the device has installed the image meanwhile, that is how the update ends', async () => {
      await using bench = await openFirmwareBench();
      await bench.start();
      await bench.reachInstallation();
      const restarted = bench.restart(7_200_000, way);
      await bench.pass(100);
      // Nobody hears its Register.
      bench.device.version = '2.0';
      Object.assign(bench.device.resources, { state: 0, result: 1 });
      await restarted;
      const { state } = await bench.reach('succeeded');
      assert.ok(state.kind === 'succeeded' && state.firmwareVersion === '2.0');
    });

    test('while the device is to forget the image, it still is', async () => {
      await using bench = await openFirmwareBench();
      await bench.start({ install: 'manual' });
      await bench.reach('downloaded');
      bench.device.quirks.answer = () => 'silence';
      await bench.server.server.device('node-1').firmware.cancel();
      await bench.pass(100);
      await bench.restart(1000, way);
      bench.device.quirks = {};
      await bench.reach('cancelled');
      assert.equal(bench.device.resources.state, 0);
    });

    test('how far the image is does not go back by more than some seconds', async () => {
      await using bench = await openFirmwareBench({ options: { coap: { blockwise: { blockSize: 16 } } } });
      bench.device.resources.deliveryMethod = 0;
      await bench.start();
      await bench.pass(8000);
      const before = transferredBytes(await bench.status());
      await bench.restart(0, way);
      const after = transferredBytes(await bench.status());
      assert.ok(before > 8000 && after > (way === 'close' ? before - 100 : 4000), `${before} ${after}`);
    });
  });
}
