import assert from 'node:assert/strict';

import { expectCode, instanceOf, opaque, text, tlv, utf8, valueOf, type Values } from '../support/checks.ts';
import { type ConformanceCase, NotApplicable } from '../support/conformance-case.ts';
import type { DeviceUnderTest } from '../support/device-under-test.ts';

/** Images for a device under test. */
export interface FirmwareImages {
  /** One that it takes and installs. */
  readonly good?: Uint8Array | undefined;
  /** Others, by the Update Result that it has to come to with them. */
  readonly bad: ReadonlyMap<number, Uint8Array>;
}

/** How long a download or an installation may take, in seconds. */
const patience = 120;

/** How long a device may try before it takes a connection for lost, in seconds: some do for several timeouts of CoAP. */
const lossPatience = 1800;

/** The Delivery Methods, `/5/0/9`. */
const pullOnly = 0;
const pushOnly = 1;

async function factsOf(device: DeviceUnderTest): Promise<Values> {
  return instanceOf(await device.get('/5/0', tlv), '/5/0');
}

async function stateOf(device: DeviceUnderTest): Promise<readonly [state: number, result: number]> {
  const values = await factsOf(device);
  return [Number(values[3]), Number(values[5])];
}

/** Waits for a state and a result; a device that restarts meanwhile does not answer. */
async function reaches(
  device: DeviceUnderTest,
  isIt: (state: number, result: number) => boolean,
  what: string,
  seconds = patience,
): Promise<void> {
  const end = device.pace.elapsed() + seconds;
  let seen = 'nothing';
  while (device.pace.elapsed() < end) {
    try {
      const [state, result] = await stateOf(device);
      if (isIt(state, result)) return;
      seen = `State ${state} and Result ${result}`;
    } catch (error) {
      seen = error instanceof Error ? error.message : String(error);
    }
    await device.pace.pass(1);
  }
  assert.fail(`${what} within ${seconds} s; it is ${seen}`);
}

/** Brings the Object into its first state: a Package of one byte, or an empty one, resets it (R-1053). */
async function reset(device: DeviceUnderTest): Promise<void> {
  device.needs('/5/0');
  const { 9: method } = await factsOf(device);
  const answer =
    method === pullOnly
      ? await device.put('/5/0/1', text, utf8(''))
      : await device.put('/5/0/0', opaque, Uint8Array.of(0));
  expectCode(answer, '2.04');
  assert.deepEqual(await stateOf(device), [0, 0], 'State and Result are 0 after a reset');
}

async function needsPush(device: DeviceUnderTest): Promise<void> {
  device.needs('/5/0');
  if ((await factsOf(device))[9] === pullOnly)
    throw new NotApplicable('the device takes packages by pull only');
}

/** The URI of an image at the runner; ends the case where the device cannot fetch from there. */
async function uriOf(device: DeviceUnderTest, image: Uint8Array): Promise<string> {
  device.needs('/5/0');
  const { 8: protocols, 9: method } = await factsOf(device);
  if (method === pushOnly) throw new NotApplicable('the device takes packages by push only');
  const { uri, protocol } = device.offer(image);
  // CoAP is the default where the device does not say (1.0 E.6).
  const listed = typeof protocols === 'object' ? Object.values(protocols).map(Number) : [0];
  if (!listed.includes(protocol)) throw new NotApplicable(`the device does not fetch from ${uri}`);
  return uri;
}

/** Brings an image to the device in the way that it takes, push where it takes both. */
async function deliver(device: DeviceUnderTest, image: Uint8Array): Promise<void> {
  await reset(device);
  if ((await factsOf(device))[9] === pullOnly) {
    expectCode(await device.put('/5/0/1', text, utf8(await uriOf(device, image))), '2.04');
    return;
  }
  // Whatever is wrong with the image may be said in the answer; the Result is what counts.
  await device.put('/5/0/0', opaque, image);
}

async function push(device: DeviceUnderTest, image: Uint8Array): Promise<void> {
  await needsPush(device);
  await reset(device);
  expectCode(await device.put('/5/0/0', opaque, image), '2.04');
  await reaches(device, (state) => state === 2, 'State becomes Downloaded');
  assert.deepEqual(await stateOf(device), [2, 0]);
}

async function pull(device: DeviceUnderTest, image: Uint8Array): Promise<void> {
  const uri = await uriOf(device, image);
  await reset(device);
  expectCode(await device.put('/5/0/1', text, utf8(uri)), '2.04');
  await reaches(device, (state) => state === 2, 'State becomes Downloaded');
  assert.deepEqual(await stateOf(device), [2, 0]);
}

async function install(device: DeviceUnderTest): Promise<void> {
  expectCode(await device.post('/5/0/2'), '2.04');
  await reaches(
    device,
    (state, result) => state === 0 && result === 1,
    'State is Idle, and Result is success',
  );
}

async function versionOf(device: DeviceUnderTest): Promise<unknown> {
  const answer = await device.get('/3/0/3');
  return answer.payload.length === 0 ? undefined : valueOf(answer, '/3/0/3');
}

/** A Package URI that comes to this result. */
async function failsToFetch(device: DeviceUnderTest, uri: string, result: number): Promise<void> {
  await reset(device);
  if ((await factsOf(device))[9] === pushOnly)
    throw new NotApplicable('the device takes packages by push only');
  // Some answer the Write of such a URI with 4.00; the Result is what counts (R-1057a).
  await device.put('/5/0/1', text, utf8(uri));
  await reaches(device, (_, seen) => seen === result, `Update Result becomes ${result}`);
  assert.equal((await stateOf(device))[0], 0, 'State is Idle');
}

/** Firmware Update of a Client (1.0 E.6; ETS 751 to 780); those that need an image take it from `images`. */
export function firmwareUpdateCases({
  good,
  bad,
}: FirmwareImages): readonly ConformanceCase<DeviceUnderTest>[] {
  const image = (): Uint8Array => {
    if (good === undefined)
      throw new NotApplicable('give an image that the device takes with --firmware FILE');
    return good;
  };
  const badImage = (result: number): Uint8Array => {
    const found = bad.get(result);
    if (found !== undefined) return found;
    throw new NotApplicable(
      `give an image that the device has to end so with, --bad-firmware ${result}=FILE`,
    );
  };
  const failsToDownload = (id: string, title: string, result: number): ConformanceCase<DeviceUnderTest> => ({
    id,
    title,
    run: async (device) => {
      const wrong = badImage(result);
      await deliver(device, wrong);
      await reaches(device, (_, seen) => seen !== 0, `Update Result becomes ${result}`);
      assert.deepEqual(await stateOf(device), [0, result], `State is Idle, and Result is ${result}`);
    },
  });
  return [
    {
      id: '1.0-int-751',
      title: 'Querying of Firmware Update',
      run: async (device) => {
        device.needs('/5/0');
        const values = await factsOf(device);
        for (const id of [3, 5, 9]) assert.ok(id in values, `/5/0/${id} is mandatory and missing`);
      },
    },
    {
      id: '1.0-int-755',
      title: 'Setting of Package',
      run: async (device) => {
        await push(device, image());
        await reset(device);
      },
    },
    {
      id: '1.0-int-756',
      title: 'Setting of Package URI',
      run: async (device) => {
        await reset(device);
        expectCode(await device.put('/5/0/1', text, utf8('')), '2.04');
        assert.deepEqual(await stateOf(device), [0, 0]);
        // What is left is nothing for a device that fetches nothing, or without an image.
        if (good === undefined || (await factsOf(device))[9] === pushOnly) return;
        await pull(device, good);
        await reset(device);
      },
    },
    {
      id: '1.0-int-760',
      title: 'Observation of State while a package is pushed',
      run: async (device) => {
        await needsPush(device);
        const bytes = image();
        await reset(device);
        expectCode(await device.writeAttributes('/5/0', 'pmin=2', 'pmax=10'), '2.04');
        const watch = await device.observe('/5/0/3', tlv);
        expectCode(await device.put('/5/0/0', opaque, bytes), '2.04');
        const isDownloaded = (): boolean =>
          watch.notifications.some(({ response }) => valueOf(response, '/5/0/3') === 2);
        assert.ok(await device.pace.until(isDownloaded, patience), 'State 2 is notified');
        device.party.cancel(watch, 'active');
        expectCode(await device.writeAttributes('/5/0', 'pmin', 'pmax'), '2.04');
        await reset(device);
      },
    },
    {
      id: '1.0-int-770',
      title: 'Update with a pushed package',
      run: async (device) => {
        await push(device, image());
        await install(device);
      },
    },
    {
      id: '1.0-int-771',
      title: 'Update with a pulled package',
      run: async (device) => {
        await pull(device, image());
        await install(device);
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
    failsToDownload('1.0-int-773', 'Not enough storage', 2),
    failsToDownload('1.0-int-774', 'Out of memory', 3),
    {
      id: '1.0-int-775',
      title: 'Connection lost while downloading',
      run: async (device) => {
        const uri = await uriOf(device, image());
        await reset(device);
        using _cut = device.cutDownloads();
        expectCode(await device.put('/5/0/1', text, utf8(uri)), '2.04');
        await reaches(device, (_, result) => result !== 0, 'Update Result becomes 4', lossPatience);
        assert.deepEqual(await stateOf(device), [0, 4], 'State is Idle, and Result is 4');
      },
    },
    failsToDownload('1.0-int-776', 'Integrity check failure', 5),
    failsToDownload('1.0-int-777', 'Unsupported package type', 6),
    {
      id: '1.0-int-778',
      title: 'Package URI that is none',
      run: (device) => failsToFetch(device, 'coap://', 7),
    },
    {
      id: '1.0-int-779',
      title: 'Installation fails',
      run: async (device) => {
        const wrong = badImage(8);
        const version = await versionOf(device);
        await deliver(device, wrong);
        await reaches(device, (state) => state === 2, 'State becomes Downloaded');
        expectCode(await device.post('/5/0/2'), '2.04');
        await reaches(device, (_, result) => result !== 0, 'Update Result becomes 8');
        const [state, result] = await stateOf(device);
        assert.equal(result, 8);
        // Figure 29 of the enabler also has the package dropped.
        assert.ok(state === 2 || state === 0, `State is Downloaded or Idle, not ${state}`);
        assert.deepEqual(await versionOf(device), version, 'the old version runs');
        await reset(device);
      },
    },
    {
      id: '1.0-int-780',
      title: 'Package URI of an unsupported protocol',
      run: (device) => failsToFetch(device, 'ftp://192.0.2.1/image', 9),
    },
  ];
}
