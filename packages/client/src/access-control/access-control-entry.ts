import { maxId } from '@dunlin/lwm2m';

import { rightBits } from './rights.ts';

/** Who may do what with an Object Instance, or may create instances of an Object: an instance of Object 2. */
export interface AccessControlEntry {
  readonly objectId: number;
  /** Absent: who may create instances of the Object. */
  readonly objectInstanceId?: number;
  /** The short server id of whoever may change the entry; absent: nobody but a Bootstrap-Server. */
  readonly owner?: number;
  /**
   * What each Server may do, by its short server id, as letters: `R`, `W`, `E`, `D`, and `C` for the creation of
   * instances. 0 stands for those that have no rights of their own. An owner without rights of its own has all.
   */
  readonly rights: Readonly<Record<number, string>>;
}

/** What the Resources of an Access Control instance say. */
export interface AccessControlValues {
  readonly objectId: number;
  readonly objectInstanceId: number;
  readonly acl: ReadonlyMap<number, number>;
  readonly accessControlOwner: number;
}

/** The values of an entry. Throws `UsageError` on letters that are no rights. */
export function accessControlValues(entry: AccessControlEntry): AccessControlValues {
  const { objectId, objectInstanceId = maxId, owner = maxId, rights } = entry;
  return {
    objectId,
    objectInstanceId,
    acl: new Map(Object.entries(rights).map(([id, letters]) => [Number(id), rightBits(letters)])),
    accessControlOwner: owner,
  };
}
