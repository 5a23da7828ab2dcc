/** What a Server may do with an Object Instance, or with an Object in the case of `create` (1.0 E.3): bits of a mask. */
export const AccessRight = { read: 1, write: 2, execute: 4, delete: 8, create: 16 } as const;

/** All that a Server can be allowed to do with an Object Instance. */
export const fullAccess: number =
  AccessRight.read | AccessRight.write | AccessRight.execute | AccessRight.delete;

/** What stands for every instance of an Object (1.0 E.3). */
export const everyInstance = 65_535;

/** The Short Server ID of an owner that stands for the Bootstrap-Server. */
export const bootstrapOwner = 65_535;

/** An instance of Object 2: which Server may do what with one Object Instance, or create instances of an Object. */
export interface AccessControlEntry {
  readonly objectId: number;
  /** `everyInstance` for who may create instances of the Object. */
  readonly objectInstanceId: number;
  /** The Short Server ID of who may change the entry, or `bootstrapOwner`. */
  readonly owner: number;
  /** Masks of `AccessRight` by Short Server ID; 0 stands for Servers that have none of their own. */
  readonly acl: ReadonlyMap<number, number>;
}
