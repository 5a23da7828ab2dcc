import { addDuration, milliseconds, noBytes, seconds } from '@dunlin/base';
import {
  device,
  FirmwareError,
  type FirmwarePackage,
  type FirmwareStorage,
  firmwareUpdate,
  memoryFirmwareStorage,
} from '@dunlin/client';
import { FirmwareUpdateProtocol, FirmwareUpdateResult } from '@dunlin/lwm2m';
import { firmwareDownloader } from '@dunlin/node';

import { type Configuration, deviceFacts, minimalAccount } from './configurations.ts';
import { deviceAddress } from './places.ts';

const installationTime = milliseconds(2000);

/** What a device is prepared for. */
export interface UpdatableFacts {
  /** The bytes of flash that it has for a package. */
  readonly flash?: number;
  /** The bytes of memory that a package may take; default more than flash. */
  readonly memory?: number;
  readonly failsToInstall?: boolean;
}

/** C.8: like C.3, with Firmware Update by push, and by pull over CoAP. */
export function updatable(facts: UpdatableFacts = {}): Configuration {
  const { flash = 20_000, memory = 1_000_000, failsToInstall = false } = facts;
  return {
    account: minimalAccount,
    objects: async (onReboot, network) => {
      let version: string = deviceFacts.firmwareVersion;
      const firmware = await firmwareUpdate({
        storage: memoryFirmwareStorage(memory),
        downloader: firmwareDownloader({
          protocols: [FirmwareUpdateProtocol.coap],
          binding: network.binding(deviceAddress, 0),
        }),
        limits: { maximumSize: flash, downloadAttempts: 2, retryDelay: seconds(1) },
        verify,
        install: async (_storage, { version: next = '' }) => {
          const { promise, resolve } = Promise.withResolvers<void>();
          network.at(addDuration(network.clock.now, installationTime), resolve);
          await promise;
          if (failsToInstall) throw new Error('the flash is locked');
          version = next;
        },
        onInstalled: onReboot,
      });
      return [device({ ...deviceFacts, firmwareVersion: () => version, onReboot }), firmware];
    },
  };
}

/** Packages of these cases begin with what they are. */
function packageOf(title: string, length: number): Uint8Array {
  const body = Uint8Array.from({ length }, (_, index) => (index * 7 + (index >> 8)) & 0xff);
  body.set(new TextEncoder().encode(title));
  return body;
}

export const goodPackage: Uint8Array = packageOf('FW', 5000);
export const largePackage: Uint8Array = packageOf('FW', 30_000);
export const corruptPackage: Uint8Array = packageOf('F?', 5000);
export const foreignPackage: Uint8Array = packageOf('XX', 5000);

async function verify(storage: FirmwareStorage): Promise<FirmwarePackage> {
  let first: Uint8Array = noBytes;
  for await (const piece of storage.read()) {
    first = piece;
    break;
  }
  switch (new TextDecoder().decode(first.subarray(0, 2))) {
    case 'FW':
      return { name: 'valve', version: '2.0' };
    case 'XX':
      throw new FirmwareError(FirmwareUpdateResult.unsupportedPackageType, 'it is for another device');
    default:
      throw new Error('the signature is wrong');
  }
}
