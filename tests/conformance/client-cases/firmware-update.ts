import assert from 'node:assert/strict';

import { expectCode, instanceOf, opaque, text, tlv, utf8 } from '../support/checks.ts';
import { type ConformanceCase, NotApplicable } from '../support/conformance-case.ts';
import type { DeviceUnderTest } from '../support/device-under-test.ts';

/** How long a download or an installation may take, in seconds. */
const patience = 120;

async function stateOf(device: DeviceUnderTest): Promise<readonly [state: number, result: number]> {
  const values = instanceOf(await device.get('/5/0', tlv), '/5/0');
  return [Number(values[3]), Number(values[5])];
}

/** Brings the Object into its first state: an empty Package resets it (R-1053). */
async function reset(device: DeviceUnderTest): Promise<void> {
  device.needs('/5/0');
  expectCode(await device.put('/5/0/0', opaque, Uint8Array.of(0)), '2.04');
  assert.deepEqual(await stateOf(device), [0, 0], 'State and Result are 0 after a reset');
}

/** Firmware Update of a Client (1.0 E.6; ETS 751 to 779); those that need a real image take one from `image`. */
export function firmwareUpdateCases(
  image: Uint8Array | undefined,
): readonly ConformanceCase<DeviceUnderTest>[] {
  const given = (): Uint8Array => {
    if (image === undefined)
      throw new NotApplicable('give an image that the device takes with --firmware FILE');
    return image;
  };
  const push = async (device: DeviceUnderTest): Promise<void> => {
    await reset(device);
    const bytes = given();
    expectCode(await device.put('/5/0/0', opaque, bytes), '2.04');
    const isDownloaded = await eventually(device, async () => (await stateOf(device))[0] === 2);
    assert.ok(isDownloaded, 'State becomes Downloaded');
    assert.deepEqual(await stateOf(device), [2, 0]);
  };
  return [
    {
      id: '1.0-int-751',
      title: 'Querying of Firmware Update',
      run: async (device) => {
        device.needs('/5/0');
        const values = instanceOf(await device.get('/5/0', tlv), '/5/0');
        for (const id of [3, 5, 9]) assert.ok(id in values, `/5/0/${id} is mandatory and missing`);
      },
    },
    {
      id: '1.0-int-755',
      title: 'Setting of Package',
      run: async (device) => {
        await push(device);
        await reset(device);
      },
    },
    {
      id: '1.0-int-756',
      title: 'Setting of Package URI to nothing',
      run: async (device) => {
        await reset(device);
        expectCode(await device.put('/5/0/1', text, utf8('')), '2.04');
        assert.deepEqual(await stateOf(device), [0, 0]);
      },
    },
    {
      id: '1.0-int-770',
      title: 'Update with a pushed package',
      run: async (device) => {
        await push(device);
        expectCode(await device.post('/5/0/2'), '2.04');
        const isDone = await eventually(device, async () => (await stateOf(device))[1] !== 0);
        assert.ok(isDone, 'Update Result becomes another one');
        assert.deepEqual(await stateOf(device), [0, 1], 'State is Idle, and Result is success');
      },
    },
    {
      id: '1.0-int-772',
      title: 'Update without a package is refused',
      run: async (device) => {
        await reset(device);
        expectCode(await device.post('/5/0/2'), '4.05');
        assert.deepEqual(await stateOf(device), [0, 0], 'State and Result are unchanged');
      },
    },
    {
      id: '1.0-int-778',
      title: 'Package URI that is none',
      run: async (device) => {
        await reset(device);
        // Some answer the Write of such a URI with 4.00; the Result is what counts (R-1057a).
        await device.put('/5/0/1', text, utf8('coap://'));
        const isTold = await eventually(device, async () => (await stateOf(device))[1] === 7);
        assert.ok(isTold, 'Update Result becomes 7, invalid URI');
        assert.equal((await stateOf(device))[0], 0, 'State is Idle');
      },
    },
    {
      id: '1.0-int-780',
      title: 'Package URI of an unsupported protocol',
      run: async (device) => {
        await reset(device);
        await device.put('/5/0/1', text, utf8('ftp://192.0.2.1/image'));
        const isTold = await eventually(device, async () => (await stateOf(device))[1] === 9);
        assert.ok(isTold, 'Update Result becomes 9, unsupported protocol');
        assert.equal((await stateOf(device))[0], 0, 'State is Idle');
      },
    },
    ...['771', '773', '774', '775', '776', '777', '779'].map((number) => ({
      id: `1.0-int-${number}`,
      title: titles[number] ?? '',
      run: () =>
        Promise.reject(
          new NotApplicable('the device has to be prepared for this failure by whoever makes it'),
        ),
    })),
  ];
}

const titles: Readonly<Record<string, string>> = {
  771: 'Update with a pulled package',
  773: 'Not enough storage',
  774: 'Out of memory',
  775: 'Connection lost while downloading',
  776: 'Integrity check failure',
  777: 'Unsupported package type',
  779: 'Installation fails',
};

async function eventually(device: DeviceUnderTest, condition: () => Promise<boolean>): Promise<boolean> {
  const end = device.pace.elapsed() + patience;
  while (device.pace.elapsed() < end) {
    if (await condition()) return true;
    await device.pace.pass(1);
  }
  return false;
}
