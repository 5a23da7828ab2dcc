import { type Signal, UsageError } from '@dunlin/base';

import type { ObjectSetup } from '../object-tree/object-setup.ts';
import type { FirmwareDownloader } from './firmware-downloader.ts';
import type { FirmwareUpdateEvent } from './firmware-event.ts';
import type { FirmwareStorage } from './firmware-storage.ts';
import type { FirmwareVerifier } from './firmware-intake.ts';
import { type InstallationJudge, recoverFirmwareStatus } from './firmware-recovery.ts';
import { type FirmwareStateStore, FirmwareStatusBoard } from './firmware-status-board.ts';
import {
  decodeFirmwareStatus,
  type FirmwarePackage,
  type FirmwareStatus,
  initialFirmwareStatus,
} from './firmware-status.ts';
import { type FirmwareUpdateLimits, firmwareUpdateLimitsDefaults } from './firmware-update-limits.ts';
import { firmwareUpdateObject } from './firmware-update-object.ts';
import { FirmwareUpdateProcess } from './firmware-update-process.ts';

/** What `firmwareUpdate` takes. */
export interface FirmwareUpdateOptions {
  /** Where the package is kept while it comes in and until it is installed: `firmwareStorageFile()` of `@dunlin/node`, or `memoryFirmwareStorage`. */
  readonly storage: FirmwareStorage;
  /** Where the state is kept while the device is off; default: nowhere, so that it begins as new. */
  readonly state?: FirmwareStateStore;
  /** Fetches packages from URIs, such as `firmwareDownloader()` of `@dunlin/node`; absent: packages are taken by push only. */
  readonly downloader?: FirmwareDownloader;
  /** Whether Servers may write the package itself; default true. */
  readonly takesPush?: boolean;
  /** Checks signature, type and version of a package that is whole (R-1060); what it throws is an integrity failure unless it is a `FirmwareError`. Default: every package is good. */
  readonly verify?: FirmwareVerifier;
  /** Installs the package, after the answer to Update has left; the device may go off meanwhile. What it throws is a failed update unless it is a `FirmwareError`. */
  readonly install: (storage: FirmwareStorage, firmware: FirmwarePackage) => Promise<void> | void;
  /** Asked at the start when the device went off while it installed; default: it is not installed. */
  readonly isInstalled?: InstallationJudge;
  /** What the device does when the package is installed: it reboots, or at least `client.restart()` (R-1058). */
  readonly onInstalled?: () => void;
  readonly limits?: Partial<FirmwareUpdateLimits>;
}

/**
 * The Firmware Update Object of a device. To dispose of it, after the client is closed, ends a download that is under way
 * and waits until its state is saved; with a `state` store it goes on when the device comes up again.
 */
export interface FirmwareUpdateSetup extends ObjectSetup, AsyncDisposable {
  readonly status: FirmwareStatus;
  readonly events: Signal<FirmwareUpdateEvent>;
}

/**
 * The Firmware Update Object, `/5`, with the whole life of an update (1.0 E.6, R-1050 to R-1059): packages come by push
 * or pull, are verified, and installed when a Server says so; all of it goes on where it stood after the device was off.
 * Rejects with a `StorageError` when what is stored cannot be used.
 */
export async function firmwareUpdate(options: Readonly<FirmwareUpdateOptions>): Promise<FirmwareUpdateSetup> {
  const { storage, state: store, downloader, takesPush = true, isInstalled = () => false } = options;
  if (!takesPush && downloader === undefined) {
    throw new UsageError('A device whose firmware is updated takes packages by push or by pull.');
  }
  const stored = await store?.load();
  const saved = stored === undefined ? initialFirmwareStatus : decodeFirmwareStatus(stored);
  const status = await recoverFirmwareStatus(saved, storage, isInstalled);
  const board = new FirmwareStatusBoard(status, store);
  if (status !== saved) board.change({});
  const process = new FirmwareUpdateProcess(
    {
      storage,
      downloader,
      verify: options.verify ?? (() => ({})),
      install: options.install,
      onInstalled: options.onInstalled ?? (() => undefined),
      limits: { ...firmwareUpdateLimitsDefaults, ...options.limits },
    },
    board,
  );
  process.resume();
  const { protocols } = downloader ?? {};
  const setup = firmwareUpdateObject({ process, board, takesPush, protocols });
  return {
    ...setup,
    events: board.events,
    get status() {
      return board.status;
    },
    [Symbol.asyncDispose]: () => process.stop(),
  };
}
