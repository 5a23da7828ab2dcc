import {
  AccessControl,
  type ObjectInstancePath,
  pathOf,
  type ResourceContent,
  Security,
  Server,
  type Value,
} from '@dunlin/lwm2m';

import type { ObjectTree } from '../object-tree/object-tree.ts';
import { storedNumber } from '../object-tree/stored-value.ts';
import type { TreeTransaction } from '../object-tree/tree-transaction.ts';
import { accountsIn } from '../security/account-instances.ts';
import { type AccessControlEntry, accessControlValues } from './access-control-entry.ts';
import { findAccessControl } from './access-control-index.ts';

/** Objects whose instances nobody needs rights for, or that are the rights. */
const exempt: ReadonlySet<number> = new Set([Security, AccessControl].map(({ definition }) => definition.id));

/**
 * Gives every instance that exists at start and has no Access Control instance one, on a device with several Servers
 * a Server instance is its Server's own, everything else belongs to the first Server and may be read by
 * the others, and the first Server may create what can be created.
 */
export function completeAccessControl(tree: ObjectTree, plan: TreeTransaction): void {
  const accounts = accountsIn(tree);
  const [first] = accounts;
  if (accounts.length < 2 || first === undefined || tree.setup(AccessControl.definition.id) === undefined)
    return;
  for (const objectId of tree.objectIds) {
    if (exempt.has(objectId)) continue;
    for (const id of tree.instanceIds(objectId)) {
      const entry = entryAtStart(tree, pathOf(objectId, id), first.shortServerId);
      if (findAccessControl(plan, objectId, id) === undefined) add(entry, tree, plan);
    }
    const isCreatable = tree.setup(objectId)?.isCreatable === true;
    if (isCreatable && findAccessControl(plan, objectId) === undefined) {
      add({ objectId, rights: { [first.shortServerId]: 'C' } }, tree, plan);
    }
  }
}

/**
 * What a transaction does to access rights besides: an instance that comes into being gets an Access Control instance,
 * which is its creator's, and one that goes takes its own along. A Bootstrap-Server does both itself.
 */
export function followWithAccessControl(tree: ObjectTree, plan: TreeTransaction): void {
  const { origin, created, deleted } = plan.summary();
  if (origin.kind === 'bootstrap' || tree.setup(AccessControl.definition.id) === undefined) return;
  for (const { objectId, objectInstanceId } of deleted) {
    const record = exempt.has(objectId) ? undefined : findAccessControl(plan, objectId, objectInstanceId);
    if (record !== undefined) plan.delete(pathOf(AccessControl.definition.id, record.id));
  }
  const accounts = accountsIn(plan);
  const [first] = accounts;
  if (accounts.length < 2 || first === undefined) return;
  for (const { objectId, objectInstanceId } of created) {
    if (exempt.has(objectId) || findAccessControl(plan, objectId, objectInstanceId) !== undefined) continue;
    const entry: AccessControlEntry =
      origin.kind === 'server'
        ? {
            objectId,
            objectInstanceId,
            owner: origin.shortServerId,
            rights: { [origin.shortServerId]: 'RWED' },
          }
        : { objectId, objectInstanceId, owner: first.shortServerId, rights: { 0: 'R' } };
    add(entry, tree, plan);
  }
}

function entryAtStart(tree: ObjectTree, path: ObjectInstancePath, firstServer: number): AccessControlEntry {
  const { objectId, objectInstanceId } = path;
  if (objectId !== Server.definition.id)
    return { objectId, objectInstanceId, owner: firstServer, rights: { 0: 'R' } };
  const owner = storedNumber(tree, Server(objectInstanceId).shortServerId.path) ?? firstServer;
  return { objectId, objectInstanceId, owner, rights: { [owner]: 'RWED' } };
}

/** Plans an Access Control instance at the lowest id that is free. */
function add(entry: AccessControlEntry, tree: ObjectTree, plan: TreeTransaction): void {
  const taken = new Set(plan.instanceIds(AccessControl.definition.id));
  let id = 0;
  while (taken.has(id)) id += 1;
  const { acl, ...numbers } = accessControlValues(entry);
  const path = pathOf(AccessControl.definition.id, id);
  plan.create(path, tree.setup(path.objectId)?.template?.(id) ?? new Map());
  const instance = AccessControl(id);
  plan.write(instance.objectId.path, single(numbers.objectId));
  plan.write(instance.objectInstanceId.path, single(numbers.objectInstanceId));
  plan.write(instance.acl.path, { kind: 'multiple', type: 'integer', values: acl });
  plan.write(instance.accessControlOwner.path, single(numbers.accessControlOwner));
}

function single(value: Value): ResourceContent {
  return { kind: 'single', type: 'integer', value };
}
