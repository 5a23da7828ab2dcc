import { addDuration, milliseconds, noBytes, seconds } from '@dunlin/base';
import {
  device,
  FirmwareError,
  type FirmwarePackage,
  type FirmwareStorage,
  firmwareUpdate,
  type FirmwareUpdateSetup,
  memoryFirmwareStorage,
} from '@dunlin/client';
import type { Binding } from '@dunlin/coap';
import { FirmwareUpdateProtocol, FirmwareUpdateResult } from '@dunlin/lwm2m';
import { firmwareDownloader, type FirmwareDownloaderOptions } from '@dunlin/node';
import type { SimulatedNetwork } from '@dunlin/simulation';

import { type Configuration, deviceFacts, minimalAccount } from './configurations.ts';
import { deviceAddress } from './places.ts';

/** The bytes of flash that the device has for a package, and of memory; the latter are less, to show what comes of it. */
const flash = 20_000;
const memory = 10_000;

const installationTime = milliseconds(2000);

/** The Firmware Update Object of a device that can come to every result, and the version that runs. */
export interface Updatable {
  readonly setup: FirmwareUpdateSetup;
  readonly version: () => string;
}

/** Opens it: by push, and by pull over the binding. */
export async function openUpdatable(
  network: SimulatedNetwork,
  downloads: Pick<FirmwareDownloaderOptions, 'binding' | 'secureBinding' | 'credentialOf'> & {
    readonly binding: Binding;
  },
  onInstalled: () => void,
): Promise<Updatable> {
  let version: string = deviceFacts.firmwareVersion;
  const { coap, coaps } = FirmwareUpdateProtocol;
  const setup = await firmwareUpdate({
    storage: memoryFirmwareStorage(memory),
    downloader: firmwareDownloader({
      ...downloads,
      protocols: downloads.secureBinding === undefined ? [coap] : [coap, coaps],
    }),
    limits: { maximumSize: flash, downloadAttempts: 2, retryDelay: seconds(1) },
    verify: async (storage) => {
      switch (await titleOf(storage)) {
        case 'FW':
        case 'F!':
          return { name: 'valve', version: '2.0' };
        case 'XX':
          throw new FirmwareError(FirmwareUpdateResult.unsupportedPackageType, 'it is for another device');
        default:
          throw new Error('the signature is wrong');
      }
    },
    install: async (storage, { version: next = '' }: FirmwarePackage) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      network.at(addDuration(network.clock.now, installationTime), resolve);
      await promise;
      if ((await titleOf(storage)) === 'F!') throw new Error('the flash is locked');
      version = next;
    },
    onInstalled,
  });
  return { setup, version: () => version };
}

/** C.8: like C.3, with Firmware Update by push, and by pull over CoAP. */
export const updatable: Configuration = {
  account: minimalAccount,
  objects: async (onReboot, network) => {
    const binding = network.binding(deviceAddress, 0);
    const { setup, version } = await openUpdatable(network, { binding }, onReboot);
    return [device({ ...deviceFacts, firmwareVersion: version, onReboot }), setup];
  },
};

/** Packages of these cases begin with what they are. */
function packageOf(title: string, length: number): Uint8Array {
  const body = Uint8Array.from({ length }, (_, index) => (index * 7 + (index >> 8)) & 0xff);
  body.set(new TextEncoder().encode(title));
  return body;
}

export const goodPackage: Uint8Array = packageOf('FW', 5000);

/** Packages by the result that the device comes to with them. */
export const badPackages: ReadonlyMap<number, Uint8Array> = new Map([
  [FirmwareUpdateResult.notEnoughFlash, packageOf('FW', flash + 10_000)],
  [FirmwareUpdateResult.outOfRam, packageOf('FW', memory + 5000)],
  [FirmwareUpdateResult.integrityCheckFailure, packageOf('F?', 5000)],
  [FirmwareUpdateResult.unsupportedPackageType, packageOf('XX', 5000)],
  [FirmwareUpdateResult.updateFailed, packageOf('F!', 5000)],
]);

async function titleOf(storage: FirmwareStorage): Promise<string> {
  let first: Uint8Array = noBytes;
  for await (const piece of storage.read()) {
    first = piece;
    break;
  }
  return new TextDecoder().decode(first.subarray(0, 2));
}
