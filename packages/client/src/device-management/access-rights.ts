import type { ObjectInstancePath, ObjectPath } from '@dunlin/lwm2m';

/** What a Server may do with an Object Instance, or with an Object as a whole (1.0 §7.3, R-610). */
export interface AccessRights {
  /** Read, Observe, Write-Attributes. */
  readonly read: boolean;
  readonly write: boolean;
  readonly execute: boolean;
  readonly delete: boolean;
  /** Create: of the Object. */
  readonly create: boolean;
}

/** Every right: what the only Server of a device has. */
export const fullRights: AccessRights = {
  read: true,
  write: true,
  execute: true,
  delete: true,
  create: true,
};

/** The policy that says what a Server may do; asked for each request and before each notification. */
export type AccessPolicy = (shortServerId: number, path: ObjectPath | ObjectInstancePath) => AccessRights;
