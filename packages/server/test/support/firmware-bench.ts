import assert from 'node:assert/strict';

import { milliseconds, StorageError } from '@dunlin/base';
import {
  type DeviceStore,
  type FirmwareImage,
  type FirmwareOptions,
  type FirmwareStateKind,
  type FirmwareUpdate,
  type LwM2mServerOptions,
  MemoryDeviceStore,
  MemoryFirmwareImageStore,
  MemoryRegistrationStore,
} from '@dunlin/server';
import type { SimulatedNetwork } from '@dunlin/simulation';

import { FirmwareDevice } from './firmware-device.ts';
import { imageBytes, pieces } from './firmware-image-store-contract.ts';
import { newNetwork, openTestServer, type TestServer } from './test-server.ts';

export const imageSize = 20_000;
export const bytes: Uint8Array = imageBytes(imageSize);

/** A server with an image, and a device that can be updated to it. */
export interface FirmwareBench {
  /** As it is now; `restart` puts another one in its place. */
  readonly server: TestServer;
  readonly network: SimulatedNetwork;
  readonly device: FirmwareDevice;
  readonly image: FirmwareImage;
  /** The states that the update went through. */
  readonly states: FirmwareStateKind[];
  start(options?: FirmwareOptions): Promise<FirmwareUpdate>;
  status(): Promise<FirmwareUpdate>;
  /** Lets time pass until the update is in a state. */
  reach(kind: FirmwareStateKind, limit?: number): Promise<FirmwareUpdate>;
  /** Lets time pass until the device installs the image, as the server knows. */
  reachInstallation(limit?: number): Promise<void>;
  pass(duration: number): Promise<void>;
  /** Ends the server, at once and without a word with `kill`, and starts another one on the same stores. */
  restart(pause?: number, way?: 'close' | 'kill'): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export async function openFirmwareBench(
  facts: {
    readonly options?: Partial<LwM2mServerOptions>;
    readonly network?: SimulatedNetwork;
    readonly device?: Parameters<typeof FirmwareDevice.open>[1];
    readonly image?: { readonly bytes?: Uint8Array; readonly version?: string; readonly model?: string };
  } = {},
): Promise<FirmwareBench> {
  const { network = newNetwork(1) } = facts;
  const images = new MemoryFirmwareImageStore();
  const store = new MemoryRegistrationStore();
  const devices = new MemoryDeviceStore();
  const states: FirmwareStateKind[] = [];
  let cut = new AbortController();
  const open = async (): Promise<TestServer> => {
    const opened = await openTestServer(
      {
        store,
        deviceStore: cuttable(devices, cut.signal),
        ...facts.options,
        firmware: { images, ...facts.options?.firmware },
      },
      network,
    );
    opened.server.firmwareProgress.subscribe(({ state }) => {
      if (states.at(-1) !== state.kind) states.push(state.kind);
    });
    return opened;
  };
  let server = await open();
  const image = await server.server.firmware.add(pieces(facts.image?.bytes ?? bytes), {
    name: 'image.bin',
    version: facts.image?.version ?? '2.0',
    model: facts.image?.model,
  });
  const device = await FirmwareDevice.open(network, facts.device);
  await device.register();
  const { endpointName } = device;
  const status = async (): Promise<FirmwareUpdate> =>
    (await server.server.device(endpointName).firmware.status()) ?? assert.fail('there is no update');
  const pass = (duration: number): Promise<void> => network.run(milliseconds(duration));
  const bench: FirmwareBench = {
    get server() {
      return server;
    },
    network,
    device,
    image,
    states,
    start: (options) => server.server.device(endpointName).firmware.start(image, options),
    status,
    async reach(kind, limit = 600_000) {
      const end = network.clock.now + limit;
      for (;;) {
        const update = await server.server.device(endpointName).firmware.status();
        if (update?.state.kind === kind) return update;
        const log = update?.log.map(({ message }) => message).join('\n');
        if (network.clock.now >= end)
          assert.fail(`it is ${JSON.stringify(update?.state)}, not ${kind}:\n${log}`);
        await pass(50);
      }
    },
    async reachInstallation(limit) {
      await device.until(() => device.resources.state === 3, limit);
      await bench.reach('installing', limit);
      // The answer to the Execute has come.
      await pass(100);
    },
    pass,
    async restart(pause = 1000, way = 'close') {
      if (way === 'kill') cut.abort();
      await server.server.close();
      await pass(pause);
      cut = new AbortController();
      server = await open();
    },
    [Symbol.asyncDispose]: () => server.server.close(),
  };
  return bench;
}

/** A store that takes nothing any more once the process that uses it was killed. */
function cuttable(store: DeviceStore, cut: AbortSignal): DeviceStore {
  return new Proxy(store, {
    get: (target, name) => {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== 'function') return member;
      return (...input: readonly unknown[]): unknown => {
        if (cut.aborted && name !== Symbol.asyncDispose) throw new StorageError('killed');
        return Reflect.apply(member, target, input);
      };
    },
  });
}
