import { AccessControl, type ObjectInstancePath, type ObjectPath } from '@dunlin/lwm2m';

import { type AccessPolicy, type AccessRights, fullRights } from '../device-management/access-rights.ts';
import type { ObjectTree } from '../object-tree/object-tree.ts';
import { accountsIn } from '../security/account-instances.ts';
import { accessControlAt, type AccessControlRecord, findAccessControl } from './access-control-index.ts';
import { allInstanceRights, rightsFrom } from './rights.ts';

const noRights = rightsFrom(0);

/**
 * What each Server may do, as the Access Control Object says (1.0 §7.3.2, R-601, R-620). The only Server of a device may
 * do everything; how many there are is a matter of accounts, not of registrations.
 */
export function accessControlPolicy(tree: ObjectTree): AccessPolicy {
  let isSingle: boolean | undefined;
  const known = new Map<string, AccessControlRecord | undefined>();
  tree.changed.subscribe(({ created, deleted, written }) => {
    if (![...created, ...deleted, ...written].some(({ objectId }) => concerned.has(objectId))) return;
    isSingle = undefined;
    known.clear();
  });
  const recordFor = (path: ObjectPath | ObjectInstancePath): AccessControlRecord | undefined => {
    const instanceId = path.kind === 'object' ? undefined : path.objectInstanceId;
    const key = `${path.objectId}/${instanceId ?? ''}`;
    if (!known.has(key)) known.set(key, findAccessControl(tree, path.objectId, instanceId));
    return known.get(key);
  };
  return (shortServerId, path) => {
    isSingle ??= accountsIn(tree).length <= 1;
    if (path.objectId === AccessControl.definition.id)
      return rightsOnAccessControl(shortServerId, path, tree, isSingle);
    if (isSingle) return fullRights;
    const record = recordFor(path);
    return record === undefined ? noRights : rightsFrom(bitsFor(shortServerId, record));
  };
}

/** Objects 0, 1 and 2 decide. */
const concerned: ReadonlySet<number> = new Set([0, 1, AccessControl.definition.id]);

/** An entry of its own, all rights for an owner without one, or the entry for everybody else (1.0.1 §7.3.2.1). */
function bitsFor(shortServerId: number, { owner, acl }: AccessControlRecord): number {
  const own = acl.get(shortServerId);
  if (own !== undefined) return own;
  return owner === shortServerId ? allInstanceRights : (acl.get(0) ?? 0);
}

/**
 * Everybody may read who may do what, owners may change it, and only a Bootstrap-Server makes and removes it (R-610,
 *
 */
function rightsOnAccessControl(
  shortServerId: number,
  path: ObjectPath | ObjectInstancePath,
  tree: ObjectTree,
  isSingle: boolean,
): AccessRights {
  if (path.kind === 'object') return noRights;
  const write = isSingle || accessControlAt(tree, path.objectInstanceId).owner === shortServerId;
  return { read: true, write, execute: false, delete: false, create: false };
}
