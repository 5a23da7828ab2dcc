import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { milliseconds, UsageError } from '@dunlin/base';
import {
  type Device,
  FirmwareConflictError,
  type FirmwareUpdate,
  FirmwareUpdateError,
  MemoryFirmwareImageStore,
} from '@dunlin/server';

import { type FirmwareBench, openFirmwareBench } from '../support/firmware-bench.ts';
import { FirmwareDevice } from '../support/firmware-device.ts';
import { imageBytes, pieces } from '../support/firmware-image-store-contract.ts';

function device({ server }: FirmwareBench): Device {
  return server.server.device('node-1');
}

describe('Starting an update', () => {
  test('refuses what makes no sense, and keeps nothing of it', async () => {
    await using bench = await openFirmwareBench();
    const { firmware } = device(bench);
    await assert.rejects(firmware.start('0'.repeat(64)), { code: 'no-such-image' });
    await assert.rejects(firmware.start('../../etc/passwd'), { code: 'no-such-image' });
    await assert.rejects(firmware.start(bench.image, { blockSize: 100 }), UsageError);
    await assert.rejects(firmware.start(bench.image, { method: 'push', protocol: 'coap' }), UsageError);
    const stranger = bench.server.server.device('stranger');
    await assert.rejects(stranger.firmware.start(bench.image), { code: 'not-registered' });
    assert.equal(await firmware.status(), undefined);
    assert.equal(await firmware.cancel(), undefined);
    assert.equal(await firmware.finished(), undefined);
    await assert.rejects(firmware.install(), FirmwareConflictError);
  });

  test('refuses a device without the Firmware Update Object, before anything is sent', async () => {
    await using bench = await openFirmwareBench();
    await bench.device.register('</1/0>,</3/0>');
    await assert.rejects(
      device(bench).firmware.start(bench.image),
      /does not have the Firmware Update Object/,
    );
  });

  test('refuses a second update while one is under way, and numbers them', async () => {
    await using bench = await openFirmwareBench();
    assert.equal((await bench.start()).id, 1);
    await assert.rejects(bench.start(), FirmwareConflictError);
    await bench.reachInstallation();
    await bench.device.installed();
    await bench.reach('succeeded');
    assert.equal((await bench.start()).id, 2);
  });

  test('refuses more updates than there may be', async () => {
    await using bench = await openFirmwareBench({ options: { limits: { firmwareUpdates: 1 } } });
    await bench.start();
    const other = await FirmwareDevice.open(bench.network, { endpointName: 'node-2', address: '10.0.0.4' });
    await other.register();
    const { firmware } = bench.server.server.device('node-2');
    await assert.rejects(firmware.start(bench.image), { code: 'queue-full' });
  });

  test('is accepted for a device that was registered before, which is updated when it comes back', async () => {
    await using bench = await openFirmwareBench();
    await bench.server.server.deregister('node-1');
    await bench.start();
    await bench.pass(3_600_000);
    assert.equal((await bench.status()).state.kind, 'waiting');
    await bench.device.register();
    await bench.reachInstallation();
  });

  test('fails for a device that is known and comes back without the Object', async () => {
    await using bench = await openFirmwareBench();
    await bench.server.server.deregister('node-1');
    await bench.start();
    await bench.device.register('</1/0>,</3/0>');
    const { state } = await bench.reach('failed');
    assert.ok(state.kind === 'failed' && state.failure.reason === 'unsupported');
  });
});

describe('The updates that are under way', () => {
  test('are told by endpoint name, page by page, whatever the order in which they began', async () => {
    await using bench = await openFirmwareBench();
    const { server } = bench.server;
    const names = ['m', 'c', 'x', 'a', 'q', 'b', 'z', 'k'];
    for (const [index, endpointName] of names.entries()) {
      const facts = { endpointName, address: `10.0.1.${index + 1}` };
      await (await FirmwareDevice.open(bench.network, facts)).register();
      await server.device(endpointName).firmware.start(bench.image, { install: 'manual' });
    }
    const sorted = names.toSorted();
    for (let limit = 1; limit <= names.length + 1; limit += 1) {
      const told: string[] = [];
      for (let after: string | undefined; ; after = told.at(-1)) {
        const page = server.firmware.updates({ after, limit }).map(({ endpointName }) => endpointName);
        assert.ok(page.length <= limit);
        if (page.length === 0) break;
        told.push(...page);
      }
      assert.deepEqual(told, sorted, `${limit} a page`);
    }
    const filter = ({ endpointName }: FirmwareUpdate): boolean => endpointName > 'm';
    assert.deepEqual(
      server.firmware.updates({ filter, limit: 2 }).map(({ endpointName }) => endpointName),
      ['q', 'x'],
    );
    await server.device('a').firmware.cancel();
    await bench.pass(20_000);
    assert.equal(server.firmware.updates().length, names.length - 1);
  });
});

describe('An image for one model of devices', () => {
  for (const [model, own, outcome] of [
    ['T-1', 'T-1', 'installing'],
    ['T-1', undefined, 'installing'],
    ['T-1', 'T-10', 'failed'],
  ] as const) {
    test(`${outcome === 'failed' ? 'is not given to' : 'is given to'} a device that says it is ${own ?? 'nothing'}`, async () => {
      await using bench = await openFirmwareBench({ image: { model } });
      bench.device.model = own;
      await bench.start();
      const { state, image } = await bench.reach(outcome);
      assert.equal(image.model, model);
      if (state.kind !== 'failed') return;
      assert.equal(state.failure.reason, 'unsupported');
      assert.match(state.failure.message, /is for the model T-1, and node-1 is a T-10/);
      assert.deepEqual(
        bench.device.asked.filter((each) => /^PUT \/5\/0\/[01]$/.test(each)),
        [],
      );
    });
  }
});

describe('How the image goes to its device (1.0 E.6, R-1055)', () => {
  /** How the first transfer goes, or why there is none. */
  async function wayOf(
    facts: { readonly protocols?: readonly number[]; readonly deliveryMethod?: number | undefined },
    options: Parameters<FirmwareBench['start']>[0] = {},
    uris: readonly string[] = [],
  ): Promise<string> {
    await using bench = await openFirmwareBench({
      options: { firmware: { images: new MemoryFirmwareImageStore(), uris } },
    });
    Object.assign(bench.device.resources, facts);
    bench.device.quirks.isLazy = true;
    await bench.start(options);
    await bench.pass(1000);
    const { state, log } = await bench.status();
    if (state.kind === 'failed') return state.failure.message;
    const pull = bench.device.resources.packageUri;
    return pull === '' ? (log[1]?.message ?? '') : pull.replace(/\/[^/]*$/, '/…');
  }

  test('is push where the device takes both and nobody said where it could fetch images', async () => {
    assert.equal(await wayOf({}), 'the image is pushed');
    assert.equal(await wayOf({ deliveryMethod: undefined }), 'the image is pushed');
  });

  test('is pull where the operator said from where, in the best protocol that the device has', async () => {
    const uris = ['https://images.example/a/', 'coap://[2001:db8::1]:5683', 'http://images.example'];
    assert.equal(await wayOf({}, {}, uris), 'coap://[2001:db8::1]:5683/fw/…');
    assert.equal(await wayOf({ protocols: [3, 0] }, {}, uris), 'https://images.example/a/fw/…');
    assert.equal(await wayOf({ protocols: [2] }, {}, uris), 'http://images.example/fw/…');
    assert.equal(await wayOf({ protocols: [] }, {}, uris), 'coap://[2001:db8::1]:5683/fw/…');
    assert.equal(await wayOf({ protocols: [1, 4, 99] }, {}, uris), 'the image is pushed');
    assert.equal(await wayOf({ deliveryMethod: 1 }, {}, uris), 'the image is pushed');
  });

  test('is what was asked for, if the device can', async () => {
    assert.equal(await wayOf({}, { method: 'pull' }), 'coap://10.0.0.1:5683/fw/…');
    assert.equal(await wayOf({ deliveryMethod: 1 }, { method: 'push' }), 'the image is pushed');
    assert.match(await wayOf({ deliveryMethod: 0 }, { method: 'push' }), /by pull only \(\/5\/0\/9 is 0\)/);
    assert.match(await wayOf({ deliveryMethod: 1 }, { method: 'pull' }), /by push only \(\/5\/0\/9 is 1\)/);
    assert.match(
      await wayOf({}, { protocol: 'http' }),
      /cannot fetch images by http, but by coap \(\/5\/0\/8\)/,
    );
    assert.equal(
      await wayOf({ protocols: [0, 2] }, { protocol: 'http' }, ['http://a.example']),
      'http://a.example/fw/…',
    );
  });

  test('is none, and says why, where the device fetches by what is not offered here', async () => {
    assert.match(
      await wayOf({ deliveryMethod: 0, protocols: [3] }),
      /fetches images by https \(\/5\/0\/8\), and this server has them at coap:\/\/10\.0\.0\.1:5683$/,
    );
    assert.match(await wayOf({ deliveryMethod: 0, protocols: [4] }), /by none that is known here/);
  });

  test('refuses base URIs that are none', async () => {
    const bad = [
      '',
      'images.example',
      'ftp://a',
      'coap://',
      'http://a b',
      'http://a/?q',
      `http://${'a'.repeat(300)}`,
    ];
    for (const uri of bad) await assert.rejects(wayOf({}, {}, [uri]), UsageError, uri);
  });
});

describe('Cancelling an update', () => {
  test('that has not begun ends it at once', async () => {
    await using bench = await openFirmwareBench();
    await bench.server.server.deregister('node-1');
    await bench.start();
    await bench.pass(100);
    assert.equal((await device(bench).firmware.cancel())?.state.kind, 'cancelled');
    await bench.device.register();
    await bench.pass(1000);
    assert.deepEqual(bench.device.asked, []);
  });

  test('stops the push and has the device forget the image', async () => {
    await using bench = await openFirmwareBench({ device: { blockSize: 16 } });
    const finished = device(bench).firmware.update(bench.image);
    await bench.device.until(() => bench.device.resources.state === 1);
    await bench.pass(1000);
    await device(bench).firmware.cancel();
    await assert.rejects(bench.server.finish(finished), (error) => {
      assert.ok(error instanceof FirmwareUpdateError);
      assert.equal(error.failure, undefined);
      return /was cancelled/.test(error.message);
    });
    assert.equal(bench.device.resources.state, 0);
    const count = bench.device.raw.received.length;
    await bench.pass(10_000);
    assert.equal(bench.device.raw.received.length, count);
  });

  test('has a device forget the image that it fetches, or has', async () => {
    for (const isWhole of [false, true]) {
      await using bench = await openFirmwareBench();
      bench.device.resources.deliveryMethod = 0;
      if (!isWhole) bench.device.quirks.verify = () => ({ state: 1, result: 0 });
      await bench.start({ install: 'manual' });
      await bench.reach(isWhole ? 'downloaded' : 'transferring');
      await bench.pass(1000);
      await device(bench).firmware.cancel();
      await bench.reach('cancelled');
      assert.equal(bench.device.resources.state, 0);
      assert.equal(bench.device.resources.packageUri, '');
    }
  });

  test('waits for a device that cannot be reached, and may be followed by another update meanwhile', async () => {
    await using bench = await openFirmwareBench();
    await bench.start({ install: 'manual' });
    await bench.reach('downloaded');
    bench.device.quirks.answer = () => 'silence';
    await device(bench).firmware.cancel();
    await bench.pass(200_000);
    assert.equal((await bench.status()).state.kind, 'cancelling');
    const other = await bench.server.server.firmware.add(pieces(imageBytes(3000, 5)), { name: 'other' });
    const first = device(bench).firmware.finished(1);
    const started = await device(bench).firmware.start(other);
    assert.equal(started.id, 2);
    assert.equal((await first)?.state.kind, 'cancelled');
    bench.device.quirks = {};
    await bench.device.register();
    await bench.reachInstallation();
    assert.deepEqual(bench.device.image, imageBytes(3000, 5));
  });

  test('is too late when the device installs already', async () => {
    await using bench = await openFirmwareBench();
    await bench.start();
    await bench.reachInstallation();
    await assert.rejects(device(bench).firmware.cancel(), FirmwareConflictError);
    await bench.device.installed();
    await bench.reach('succeeded');
    assert.equal((await device(bench).firmware.cancel())?.state.kind, 'succeeded');
  });

  test('is too late when the device began to install at that very time', async () => {
    await using bench = await openFirmwareBench();
    await bench.start({ install: 'manual' });
    await bench.reach('downloaded');
    bench.device.resources.state = 3;
    await device(bench).firmware.cancel();
    await bench.reach('installing');
    await bench.device.installed();
    await bench.reach('succeeded');
  });
});

describe('An image', () => {
  test('that a device is updated to cannot be removed', async () => {
    await using bench = await openFirmwareBench();
    const { firmware } = bench.server.server;
    await bench.start();
    await assert.rejects(firmware.remove(bench.image.id), FirmwareConflictError);
    await bench.reachInstallation();
    await bench.device.installed();
    await bench.reach('succeeded');
    assert.equal(await firmware.remove(bench.image.id), true);
    assert.equal(await firmware.remove(bench.image.id), false);
    assert.deepEqual(await firmware.images(), []);
  });

  test('that can no longer be read ends the update', async () => {
    const images = new MemoryFirmwareImageStore();
    await using bench = await openFirmwareBench({ options: { firmware: { images } } });
    await bench.start();
    images.remove(bench.image.id);
    const { state } = await bench.reach('failed');
    assert.ok(state.kind === 'failed' && state.failure.reason === 'image-unreadable');
  });
});

describe('Waiting for the end of an update', () => {
  test('may end before it, and the update goes on', async () => {
    await using bench = await openFirmwareBench();
    const { firmware } = device(bench);
    const waiting = firmware.update(bench.image, { timeout: milliseconds(5000) });
    await assert.rejects(bench.server.finish(waiting), { code: 'expired' });
    const controller = new AbortController();
    const aborted = firmware.finished(1, { signal: controller.signal });
    controller.abort(new RangeError('enough'));
    await assert.rejects(aborted, RangeError);
    const finished = firmware.finished();
    await bench.device.installed();
    assert.equal((await bench.server.finish(finished))?.state.kind, 'succeeded');
    assert.equal((await firmware.finished(1))?.state.kind, 'succeeded');
    assert.equal(await firmware.finished(7), undefined);
  });

  test('ends when the device is forgotten, with all that is known of the update', async () => {
    await using bench = await openFirmwareBench();
    const { firmware } = device(bench);
    await bench.start({ install: 'manual' });
    await bench.reach('downloaded');
    const finished = firmware.finished();
    await bench.server.finish(device(bench).forget());
    assert.equal((await bench.server.finish(finished))?.state.kind, 'cancelled');
    assert.equal(await firmware.status(), undefined);
  });
});
