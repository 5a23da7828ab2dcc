/** Values of State, `/5/0/3` (1.0 E.6). */
export const DeviceFirmwareState = { idle: 0, downloading: 1, downloaded: 2, updating: 3 } as const;

/** Values of Update Result, `/5/0/5` (1.0 E.6; 10 and 11 come with 1.1). */
export const UpdateResult = {
  initial: 0,
  success: 1,
  notEnoughFlash: 2,
  outOfMemory: 3,
  connectionLost: 4,
  integrityFailure: 5,
  unsupportedPackage: 6,
  invalidUri: 7,
  updateFailed: 8,
  unsupportedProtocol: 9,
  cancelled: 10,
  deferred: 11,
} as const;

const meanings: ReadonlyMap<number, string> = new Map([
  [UpdateResult.initial, 'no result yet'],
  [UpdateResult.success, 'the firmware was updated'],
  [UpdateResult.notEnoughFlash, 'there is not enough flash memory for the image'],
  [UpdateResult.outOfMemory, 'it ran out of RAM while it downloaded the image'],
  [UpdateResult.connectionLost, 'the connection was lost while it downloaded the image'],
  [UpdateResult.integrityFailure, 'the integrity check of the image failed'],
  [UpdateResult.unsupportedPackage, 'it does not support this type of image'],
  [UpdateResult.invalidUri, 'there is no image at the URI that it was given'],
  [UpdateResult.updateFailed, 'the installation failed'],
  [UpdateResult.unsupportedProtocol, 'it does not support the protocol of the URI that it was given'],
  [UpdateResult.cancelled, 'the update was cancelled'],
  [UpdateResult.deferred, 'the update was deferred'],
]);

/** What a device means by its Update Result: the rest of a sentence that begins with the device. */
export function resultMeaning(result: number): string {
  return meanings.get(result) ?? 'it reported a result that no version of the enabler knows';
}
