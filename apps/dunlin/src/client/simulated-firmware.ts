import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { concatBytes, noBytes, utf8Decode, utf8Encode } from '@dunlin/base';
import {
  type FirmwareDownloader,
  FirmwareError,
  type FirmwareFailure,
  type FirmwarePackage,
  type FirmwareStateStore,
  type FirmwareStorage,
  firmwareUpdate,
  type FirmwareUpdateEvent,
  type FirmwareUpdateSetup,
  memoryFirmwareStorage,
} from '@dunlin/client';
import { FirmwareUpdateResult, FirmwareUpdateState } from '@dunlin/lwm2m';
import { clientStateFile, firmwareStorageFile } from '@dunlin/node';

/** What a simulated device does with firmware. */
export interface SimulatedFirmwareOptions {
  /** Where the package, the state of the update and the version are kept; `undefined`: as long as the process runs. */
  readonly folder: string | undefined;
  /** What runs before anything was installed. */
  readonly version: string;
  readonly downloader: FirmwareDownloader;
  /** What every update comes to in place of success. */
  readonly failure: FirmwareFailure | undefined;
  /** How long an installation takes, in milliseconds. */
  readonly installationTime: number;
  /** What the device does with new firmware. */
  readonly restart: () => void;
  readonly tell: (line: string) => void;
}

/** The Firmware Update Object of a device that runs what it was given by changing what it says of its version. */
export interface SimulatedFirmware {
  readonly setup: FirmwareUpdateSetup;
  /** What the device runs: `/3/0/3`. */
  readonly version: () => string;
}

/** Bytes of a package in memory, where the device has no folder: those that an update has by default. */
const memorySize = 16 * 1024 * 1024;

/** Bytes of one in a folder: the largest image that a server takes unless told otherwise. */
const folderSize = 256 * 1024 * 1024;

/** Opens the Firmware Update Object of a simulated device. Rejects with a `StorageError` when its folder cannot be used. */
export async function simulatedFirmware(
  options: Readonly<SimulatedFirmwareOptions>,
): Promise<SimulatedFirmware> {
  const { folder, failure, installationTime, tell } = options;
  const kept = folder === undefined ? undefined : keptIn(folder);
  const running = await kept?.version.load();
  let version = running === undefined ? options.version : (utf8Decode(running) ?? options.version);
  const setup = await firmwareUpdate({
    ...(kept === undefined
      ? { storage: memoryFirmwareStorage(memorySize) }
      : { storage: kept.storage, state: kept.state }),
    limits: { maximumSize: kept === undefined ? memorySize : folderSize },
    downloader: failing(options.downloader, failure),
    verify: async (storage) => {
      if (failure !== undefined && failure !== FirmwareUpdateResult.updateFailed) throw asked(failure);
      return await packageIn(storage);
    },
    install: async (_storage, { version: next = '' }) => {
      await delay(installationTime);
      if (failure !== undefined) throw asked(failure);
      await kept?.version.save(utf8Encode(next));
      version = next;
    },
    isInstalled: (firmware) => firmware.version === version,
    onInstalled: options.restart,
  });
  setup.events.subscribe((event) => {
    const line = lineOf(event);
    if (line !== undefined) tell(`firmware: ${line}`);
  });
  return { setup, version: () => version };
}

/** What is in a folder of firmware. */
interface KeptFirmware {
  readonly storage: FirmwareStorage;
  readonly state: FirmwareStateStore;
  readonly version: FirmwareStateStore;
}

function keptIn(folder: string): KeptFirmware {
  return {
    storage: firmwareStorageFile(join(folder, 'package.bin')),
    state: clientStateFile(join(folder, 'update.json')),
    version: clientStateFile(join(folder, 'version')),
  };
}

/** Fetches nothing where that is what goes wrong: what a URI leads to is known before the first byte. */
function failing(downloader: FirmwareDownloader, failure: FirmwareFailure | undefined): FirmwareDownloader {
  const isOfUri =
    failure === FirmwareUpdateResult.invalidUri || failure === FirmwareUpdateResult.unsupportedProtocol;
  if (!isOfUri) return downloader;
  return { protocols: downloader.protocols, open: () => Promise.reject(asked(failure)) };
}

function asked(failure: FirmwareFailure): FirmwareError {
  return new FirmwareError(failure, 'This device was started so that its updates fail.');
}

/** The first line of a package that says what it is. */
const titleLine = /^firmware (\S+) (\S+)\r?\n/;

/** Within so many bytes. */
const titleLength = 600;

/** Any file is a package: of the version that its first line says, `firmware NAME VERSION`, or else of that of its digest. */
async function packageIn(storage: FirmwareStorage): Promise<FirmwarePackage> {
  const hash = createHash('sha256');
  let head: Uint8Array = noBytes;
  for await (const piece of storage.read()) {
    hash.update(piece);
    if (head.length < titleLength) head = concatBytes([head, piece.subarray(0, titleLength - head.length)]);
  }
  const title = titleLine.exec(new TextDecoder().decode(head));
  const [, name = '', version = hash.digest('hex').slice(0, 12)] = title ?? [];
  return { name, version };
}

function lineOf(event: FirmwareUpdateEvent): string | undefined {
  switch (event.kind) {
    case 'status': {
      const { state, result, package: firmware, delivery, packageUri } = event.status;
      const what = [firmware.name, firmware.version].filter((part) => part !== '').join(' ');
      switch (state) {
        case FirmwareUpdateState.idle:
          return result === FirmwareUpdateResult.success ? `${what} is installed` : undefined;
        case FirmwareUpdateState.downloading:
          // A pull has a second status when the version is known.
          if (delivery?.kind === 'pull')
            return delivery.validator === undefined ? `fetching ${packageUri}` : undefined;
          return 'a package comes in';
        case FirmwareUpdateState.downloaded:
          return result === FirmwareUpdateResult.initial ? `${what} is here` : undefined;
        case FirmwareUpdateState.updating:
          return `installing ${what}`;
      }
      return undefined;
    }
    case 'failed':
      return `${event.error.message} (result ${event.error.result})`;
    case 'retrying':
      return `${event.error.message} Once more in ${event.delay / 1000} s.`;
    case 'device-error':
      return String(event.error);
    case 'progress':
      return undefined;
  }
}
