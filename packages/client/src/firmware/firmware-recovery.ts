import { FirmwareUpdateResult, FirmwareUpdateState } from '@dunlin/lwm2m';

import type { FirmwareStorage } from './firmware-storage.ts';
import { type FirmwarePackage, type FirmwareStatus, initialFirmwareStatus } from './firmware-status.ts';

/** Says, when the device went off while it installed a package, whether that package runs now. */
export type InstallationJudge = (firmware: FirmwarePackage) => Promise<boolean> | boolean;

/**
 * Where an update stands after the device was off in the middle: a download goes on, a push is lost, a package that is
 * whole stays, and what was being installed is or is not (R-1058). Clears the storage of what is of no use any more.
 */
export async function recoverFirmwareStatus(
  saved: FirmwareStatus,
  storage: FirmwareStorage,
  isInstalled: InstallationJudge,
): Promise<FirmwareStatus> {
  const { packageUri, delivery, package: firmware } = saved;
  const { success, connectionLost, integrityCheckFailure, updateFailed } = FirmwareUpdateResult;
  switch (saved.state) {
    case FirmwareUpdateState.idle:
      // It may have gone off when this was saved, and the storage not yet cleared.
      if ((await storage.size()) > 0) await storage.clear();
      return saved;
    case FirmwareUpdateState.downloading:
      if (delivery?.kind === 'pull') return saved;
      await storage.clear();
      return { ...initialFirmwareStatus, packageUri, result: connectionLost };
    case FirmwareUpdateState.downloaded:
      if (await isWhole(saved, storage)) return saved;
      await storage.clear();
      return { ...initialFirmwareStatus, packageUri, result: integrityCheckFailure };
    case FirmwareUpdateState.updating:
      if (await isInstalled(firmware)) {
        await storage.clear();
        return { ...initialFirmwareStatus, packageUri, package: firmware, result: success };
      }
      if (await isWhole(saved, storage)) {
        return { ...saved, state: FirmwareUpdateState.downloaded, result: updateFailed };
      }
      await storage.clear();
      return { ...initialFirmwareStatus, packageUri, result: updateFailed };
  }
}

async function isWhole({ size }: FirmwareStatus, storage: FirmwareStorage): Promise<boolean> {
  return size > 0 && (await storage.size()) === size;
}
