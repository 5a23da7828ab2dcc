import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { equalBytes } from '@dunlin/base';
import { type IncomingRequest, type Response, ResponseCode } from '@dunlin/coap';
import { FirmwareUpdateError, resultMeaning, transferredBytes } from '@dunlin/server';

import { bytes, type FirmwareBench, imageSize, openFirmwareBench } from '../support/firmware-bench.ts';
import { imageBytes } from '../support/firmware-image-store-contract.ts';

/** Requests of an update other than for what the device says and observations. */
function writes(bench: FirmwareBench): readonly string[] {
  return bench.device.asked.filter((line) => !line.startsWith('GET'));
}

describe('An update of firmware (1.0 E.6)', () => {
  test('pushes the image block by block, has it installed and ends with what the device says (R-1054)', async () => {
    await using bench = await openFirmwareBench();
    const { device } = bench;
    const finished = bench.server.server.device('node-1').firmware.update(bench.image);
    await bench.reachInstallation();
    assert.ok(equalBytes(device.image, bytes));
    assert.equal(device.installations, 1);
    await device.installed();
    const update = await bench.server.finish(finished);
    assert.deepEqual(update.state, { kind: 'succeeded', at: update.activeAt, firmwareVersion: '2.0' });
    assert.deepEqual(bench.states, ['waiting', 'transferring', 'downloaded', 'installing', 'succeeded']);
    assert.equal(update.image.size, imageSize);
    assert.deepEqual(writes(bench), ['PUT /5/0/0', 'POST /5/0/2']);
  });

  test('has the device fetch the image by CoAP where it takes none by push (R-1055)', async () => {
    await using bench = await openFirmwareBench();
    const { device } = bench;
    device.resources.deliveryMethod = 0;
    await bench.start();
    await bench.reachInstallation();
    assert.ok(equalBytes(device.image, bytes));
    assert.match(device.resources.packageUri, /^coap:\/\/10\.0\.0\.1:5683\/fw\/[\w-]{24}$/);
    await device.installed();
    await bench.reach('succeeded');
    assert.deepEqual(bench.states, ['waiting', 'transferring', 'downloaded', 'installing', 'succeeded']);
    assert.deepEqual(writes(bench), ['PUT /5/0/1', 'POST /5/0/2']);
  });

  test('tells how far the image is, by what the device acknowledged or was given', async () => {
    for (const deliveryMethod of [1, 0]) {
      await using bench = await openFirmwareBench({ options: { coap: { blockwise: { blockSize: 64 } } } });
      bench.device.resources.deliveryMethod = deliveryMethod;
      const told: number[] = [];
      bench.server.server.firmwareProgress.subscribe((update) => {
        if (update.state.kind === 'transferring') told.push(transferredBytes(update));
      });
      await bench.start();
      await bench.reach('downloaded', 600_000).catch(() => bench.reachInstallation());
      assert.ok(told.length >= 4, told.join());
      assert.deepEqual(
        [...told].sort((a, b) => a - b),
        told,
      );
      assert.equal(told.at(-1), imageSize);
      // 313 blocks in some three seconds: not one event for each.
      assert.ok(told.length < 12, told.join());
    }
  });

  test('waits until it is told to install, in manual mode', async () => {
    await using bench = await openFirmwareBench();
    await bench.start({ install: 'manual' });
    await bench.reach('downloaded');
    await bench.pass(80_000_000);
    assert.equal((await bench.status()).state.kind, 'downloaded');
    assert.equal(bench.device.installations, 0);
    await bench.server.server.device('node-1').firmware.install();
    await bench.reachInstallation();
    await bench.device.installed();
    await bench.reach('succeeded');
  });

  test('pushes in the blocks that the device would rather have, and in those that were asked for', async () => {
    await using bench = await openFirmwareBench({ device: { blockSize: 64 } });
    await bench.start({ install: 'manual' });
    await bench.reach('downloaded');
    assert.ok(equalBytes(bench.device.image, bytes));
    await using other = await openFirmwareBench();
    const sizes = new Set<number>();
    other.device.quirks.answer = ({ part, payload }) => {
      if (part !== undefined) sizes.add(payload.length);
      return undefined;
    };
    await other.start({ blockSize: 32 });
    await other.reachInstallation();
    assert.deepEqual([...sizes], [32]);
  });

  test('pushes an image that fits into one message as it is', async () => {
    await using bench = await openFirmwareBench({ image: { bytes: imageBytes(100) } });
    await bench.start();
    await bench.reachInstallation();
    assert.deepEqual(bench.device.image, imageBytes(100));
  });

  test('follows a device that cannot be observed by asking it now and then', async () => {
    await using bench = await openFirmwareBench();
    const { device } = bench;
    device.quirks.isUnobservable = true;
    device.quirks.verify = () => ({ state: 1, result: 0 });
    await bench.start();
    await device.until(() => device.image.length === imageSize);
    device.become({ state: 2 });
    await bench.reachInstallation(61_000);
    await device.installed();
    await bench.reach('succeeded', 61_000);
  });

  test('asks anew for what a lost notification would have told', async () => {
    await using bench = await openFirmwareBench();
    const { device } = bench;
    device.quirks.verify = () => ({ state: 1, result: 0 });
    await bench.start();
    await device.until(() => device.image.length === imageSize);
    // As if the notification had been lost.
    device.resources.state = 2;
    await bench.reachInstallation(61_000);
  });

  test('ends what it observed, and nothing that others observe', async () => {
    await using bench = await openFirmwareBench();
    const device = bench.server.server.device('node-1');
    await bench.server.finish(device.desired.observe('/5/0/5'));
    await bench.start();
    await bench.reachInstallation();
    await bench.device.installed();
    await bench.reach('succeeded');
    await bench.pass(100);
    assert.deepEqual(
      (await device.observations()).map(({ path }) => path),
      ['/5/0/5'],
    );
  });

  test('leaves the observation of somebody who observes meanwhile to him', async () => {
    await using bench = await openFirmwareBench();
    const device = bench.server.server.device('node-1');
    await bench.start({ install: 'manual' });
    await bench.reach('downloaded');
    const stream = device.observe('/5/0/3');
    await bench.server.finish(stream.started());
    await device.firmware.install();
    await bench.reachInstallation();
    await bench.device.installed();
    await bench.reach('succeeded');
    await bench.pass(100);
    assert.ok((await device.observations()).every(({ path }) => path !== '/5/0/5'));
  });
});

describe('What a device says in the end (1.0 E.6, R-1051)', () => {
  /** How an update ends for a device that says so instead of having the image. */
  async function endWith(
    change: { state: number; result: number },
    deliveryMethod: number,
  ): Promise<unknown> {
    await using bench = await openFirmwareBench();
    bench.device.resources.deliveryMethod = deliveryMethod;
    bench.device.quirks.verify = () => change;
    const firmware = bench.server.server.device('node-1').firmware.update(bench.image);
    return await bench.server.finish(firmware.catch((error: unknown) => error));
  }

  for (const [result, words] of [
    [2, /not enough flash memory/],
    [3, /ran out of RAM/],
    [5, /integrity check of the image failed/],
    [6, /does not support this type of image/],
    [9, /does not support the protocol/],
    [42, /no version of the enabler knows/],
  ] as const) {
    test(`is told in words: result ${result} of a download`, async () => {
      for (const method of [0, 1]) {
        const error = await endWith({ state: 0, result }, method);
        assert.ok(error instanceof FirmwareUpdateError);
        assert.match(error.message, words);
        assert.match(error.message, new RegExp(`^node-1 reports result ${result}: `));
        assert.deepEqual(error.failure, { reason: 'result', result, message: error.message });
      }
    });
  }

  test('is told in words: result 7 of a download by pull', async () => {
    const error = await endWith({ state: 0, result: 7 }, 0);
    assert.match(String(error), /no image at the URI/);
  });

  test('is told in words: result 8 of an installation, with the device at Downloaded or Idle', async () => {
    for (const state of [2, 0]) {
      await using bench = await openFirmwareBench();
      await bench.start();
      await bench.reachInstallation();
      bench.device.become({ state, result: 8 });
      const { state: end } = await bench.reach('failed');
      assert.ok(end.kind === 'failed' && end.failure.result === 8);
      assert.match(end.failure.message, /the installation failed/);
    }
  });

  test('is told in words: result 5 of an installation', async () => {
    await using bench = await openFirmwareBench();
    await bench.start();
    await bench.reachInstallation();
    bench.device.become({ state: 0, result: 5 });
    const { state } = await bench.reach('failed');
    assert.ok(state.kind === 'failed' && state.failure.message.includes(resultMeaning(5)));
  });

  test('counts, and not the answer to the Write: a refusal with a result is the result (R-1057a)', async () => {
    await using bench = await openFirmwareBench();
    bench.device.resources.deliveryMethod = 0;
    bench.device.quirks.answer = ({ uriPath }) => {
      if (uriPath.join('/') !== '5/0/1') return undefined;
      bench.device.become({ result: 9 });
      return { code: ResponseCode.badRequest };
    };
    await bench.start();
    const { state } = await bench.reach('failed');
    assert.ok(state.kind === 'failed' && state.failure.result === 9);
  });

  test('is the refusal where there is no result', async () => {
    for (const [deliveryMethod, path] of [
      [0, '5/0/1'],
      [1, '5/0/0'],
    ] as const) {
      await using bench = await openFirmwareBench();
      bench.device.resources.deliveryMethod = deliveryMethod;
      bench.device.quirks.answer = ({ uriPath }) =>
        uriPath.join('/') === path ? { code: ResponseCode.forbidden } : undefined;
      await bench.start();
      const { state } = await bench.reach('failed');
      assert.ok(state.kind === 'failed' && state.failure.reason === 'refused');
      assert.equal(state.failure.coapCode, '4.03');
    }
  });

  test('is no refusal when the device goes on all the same', async () => {
    await using bench = await openFirmwareBench();
    bench.device.resources.deliveryMethod = 0;
    bench.device.quirks.answer = ({ uriPath, payload }) => {
      if (uriPath.join('/') !== '5/0/1' || payload.length < 10) return undefined;
      bench.device.become({ state: 1 });
      return { code: ResponseCode.badRequest };
    };
    await bench.start();
    await bench.pass(1000);
    bench.device.become({ state: 2 });
    await bench.reachInstallation();
  });

  test('is the refusal of an Execute that changes nothing', async () => {
    await using bench = await openFirmwareBench();
    bench.device.quirks.answer = ({ uriPath }) =>
      uriPath.join('/') === '5/0/2' ? { code: ResponseCode.unauthorized } : undefined;
    await bench.start();
    const { state } = await bench.reach('failed');
    assert.ok(state.kind === 'failed' && state.failure.coapCode === '4.01');
  });

  test('is told by its version when it comes back without a result', async () => {
    const cases = [
      { declared: '2.0', now: '2.0', kind: 'succeeded' },
      { declared: '2.0', now: '1.0', kind: 'failed' },
      { declared: '2.0', now: '2.0.1', kind: 'failed' },
    ] as const;
    for (const { declared, now, kind } of cases) {
      await using bench = await openFirmwareBench({ image: { version: declared } });
      await bench.start();
      await bench.reachInstallation();
      bench.device.version = now;
      await bench.device.restart();
      const { state } = await bench.reach(kind);
      if (state.kind === 'failed') {
        assert.equal(state.failure.reason, 'outcome-unknown');
        assert.match(state.failure.message, new RegExp(`its firmware is ${now}$`));
      }
    }
  });

  test('is success with the version that it has after a restart that comes right then', async () => {
    await using bench = await openFirmwareBench();
    const { device } = bench;
    await bench.start();
    await bench.reachInstallation();
    device.version = '2.0';
    device.quirks.answer = ({ uriPath }) => (uriPath.join('/') === '3/0/3' ? 'silence' : undefined);
    device.become({ state: 0, result: 1 });
    await device.until(() => device.asked.at(-1) === 'GET /3/0/3');
    delete device.quirks.answer;
    await device.restart({ state: 0, result: 1, packageUri: '' });
    const { state } = await bench.reach('succeeded');
    assert.ok(state.kind === 'succeeded' && state.firmwareVersion === '2.0');
  });

  test('is success also when its version is another one than that of the image, which the log says', async () => {
    await using bench = await openFirmwareBench({ image: { version: '2.0' } });
    bench.device.nextVersion = 'build-77';
    await bench.start();
    await bench.reachInstallation();
    await bench.device.installed();
    const { state, log } = await bench.reach('succeeded');
    assert.ok(state.kind === 'succeeded' && state.firmwareVersion === 'build-77');
    assert.match(log.at(-1)?.message ?? '', /its firmware is build-77, not 2\.0/);
  });
});

describe('What a device has of before', () => {
  test('is forgotten first: an image in whatever state (R-1053, R-1057)', async () => {
    for (const state of [1, 2]) {
      await using bench = await openFirmwareBench();
      bench.device.resources.state = state;
      await bench.start();
      await bench.reachInstallation();
      assert.deepEqual(writes(bench), ['PUT /5/0/1', 'PUT /5/0/0', 'POST /5/0/2']);
      assert.ok(equalBytes(bench.device.image, bytes));
    }
  });

  test('is forgotten by a Package of one byte where an empty URI is not taken', async () => {
    await using bench = await openFirmwareBench();
    bench.device.resources.state = 2;
    bench.device.quirks.answer = ({ uriPath }) =>
      uriPath.join('/') === '5/0/1' ? { code: ResponseCode.methodNotAllowed } : undefined;
    await bench.start();
    await bench.reachInstallation();
    assert.deepEqual(writes(bench), ['PUT /5/0/1', 'PUT /5/0/0', 'PUT /5/0/0', 'POST /5/0/2']);
  });

  test('ends the update when the device does not forget it', async () => {
    await using bench = await openFirmwareBench();
    bench.device.resources.state = 2;
    const refuse = ({ method }: IncomingRequest): Response | undefined =>
      method === 1 ? undefined : { code: ResponseCode.methodNotAllowed };
    bench.device.quirks.answer = refuse;
    await bench.start();
    const { state } = await bench.reach('failed');
    assert.ok(state.kind === 'failed' && state.failure.reason === 'misbehaved');
    assert.equal(bench.device.installations, 0);
  });

  test('is no result of this update: an old failure that is not taken back', async () => {
    await using bench = await openFirmwareBench();
    bench.device.resources.result = 8;
    bench.device.quirks.keepsResult = true;
    await bench.start();
    await bench.reachInstallation();
    bench.device.become({ state: 2, result: 8 });
    const { state } = await bench.reach('failed');
    assert.ok(state.kind === 'failed' && state.failure.result === 8);
  });

  test('is no result of this update: an old success that is not taken back, by pull that never begins', async () => {
    await using bench = await openFirmwareBench();
    bench.device.resources.result = 1;
    bench.device.resources.deliveryMethod = 0;
    Object.assign(bench.device.quirks, { keepsResult: true, isLazy: true });
    await bench.start();
    await bench.pass(120_000);
    assert.equal((await bench.status()).state.kind, 'transferring');
    bench.device.become({ state: 1, result: 0 });
    bench.device.become({ state: 2 });
    await bench.reachInstallation();
  });

  test('is waited for: an installation that somebody else began', async () => {
    await using bench = await openFirmwareBench();
    bench.device.resources.state = 3;
    await bench.start();
    await bench.pass(10_000);
    assert.deepEqual(writes(bench), []);
    bench.device.become({ state: 0, result: 1 });
    await bench.reachInstallation();
    assert.equal(bench.device.installations, 1);
  });

  test('is followed when somebody else has the image installed', async () => {
    await using bench = await openFirmwareBench();
    await bench.start({ install: 'manual' });
    await bench.reach('downloaded');
    bench.device.become({ state: 3 });
    await bench.reachInstallation();
    await bench.device.installed();
    await bench.reach('succeeded');
    assert.equal(bench.device.installations, 0);
  });
});
