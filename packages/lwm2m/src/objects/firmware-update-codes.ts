/** The values of State, `/5/0/3` (1.0 E.6). */
export const FirmwareUpdateState = { idle: 0, downloading: 1, downloaded: 2, updating: 3 } as const;
export type FirmwareUpdateState = (typeof FirmwareUpdateState)[keyof typeof FirmwareUpdateState];

/** The values of Update Result, `/5/0/5` (1.0 E.6). */
export const FirmwareUpdateResult = {
  initial: 0,
  success: 1,
  notEnoughFlash: 2,
  outOfRam: 3,
  connectionLost: 4,
  integrityCheckFailure: 5,
  unsupportedPackageType: 6,
  invalidUri: 7,
  updateFailed: 8,
  unsupportedProtocol: 9,
} as const;
export type FirmwareUpdateResult = (typeof FirmwareUpdateResult)[keyof typeof FirmwareUpdateResult];

/** The values of Firmware Update Protocol Support, `/5/0/8`, that 1.0 knows (1.0 E.6). */
export const FirmwareUpdateProtocol = { coap: 0, coaps: 1, http: 2, https: 3 } as const;
export type FirmwareUpdateProtocol = (typeof FirmwareUpdateProtocol)[keyof typeof FirmwareUpdateProtocol];

/** The values of Firmware Update Delivery Method, `/5/0/9` (1.0 E.6). */
export const FirmwareUpdateDeliveryMethod = { pull: 0, push: 1, both: 2 } as const;
export type FirmwareUpdateDeliveryMethod =
  (typeof FirmwareUpdateDeliveryMethod)[keyof typeof FirmwareUpdateDeliveryMethod];
