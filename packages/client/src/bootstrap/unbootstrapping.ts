import { AccessControl, pathOf, type ResourceContent, Server, type Value } from '@dunlin/lwm2m';

import type { ObjectTree } from '../object-tree/object-tree.ts';
import { type InstanceView, storedNumber } from '../object-tree/stored-value.ts';
import type { TreeTransaction } from '../object-tree/tree-transaction.ts';
import { accountsIn } from '../security/account-instances.ts';

const writeRight = 2;
const deleteRight = 8;

/**
 * What follows when the account of a Server disappears: the instances that were its alone go, its entries in
 * those that it shared go, which get another owner where it was theirs, and its Server instance goes. Its observations
 * and attributes go with its session.
 */
export function unbootstrap(tree: ObjectTree, plan: TreeTransaction): void {
  const remaining = new Set(accountsIn(plan).map(({ shortServerId }) => shortServerId));
  const gone = accountsIn(tree).filter(({ shortServerId }) => !remaining.has(shortServerId));
  for (const { shortServerId } of gone) {
    for (const id of plan.instanceIds(AccessControl.definition.id)) withdraw(shortServerId, id, tree, plan);
    for (const id of plan.instanceIds(Server.definition.id)) {
      if (storedNumber(plan, Server(id).shortServerId.path) === shortServerId) {
        plan.delete(pathOf(Server.definition.id, id));
      }
    }
  }
}

/** Takes a Server out of one Access Control instance. */
function withdraw(shortServerId: number, id: number, tree: ObjectTree, plan: TreeTransaction): void {
  const instance = AccessControl(id);
  const owner = storedNumber(plan, instance.accessControlOwner.path);
  const entries = entriesOf(plan, id);
  if (owner !== shortServerId && !entries.has(shortServerId)) return;
  entries.delete(shortServerId);
  const others = [...entries].filter(([server]) => server !== 0);
  if (owner === shortServerId && others.length === 0) {
    dropWithTarget(id, tree, plan);
    return;
  }
  plan.write(instance.acl.path, { kind: 'multiple', type: 'integer', values: entries });
  if (owner === shortServerId) {
    const [heir] = others.toSorted(([, one], [, other]) => weight(other) - weight(one));
    if (heir !== undefined) plan.write(instance.accessControlOwner.path, single(heir[0]));
  }
}

/** An instance that one Server alone could use goes with its Access Control instance, where it can. */
function dropWithTarget(id: number, tree: ObjectTree, plan: TreeTransaction): void {
  const { objectId, objectInstanceId } = AccessControl(id);
  const target = storedNumber(plan, objectId.path);
  const targetInstance = storedNumber(plan, objectInstanceId.path);
  plan.delete(pathOf(AccessControl.definition.id, id));
  if (target === undefined || targetInstance === undefined || tree.setup(target)?.isDeletable !== true)
    return;
  const path = pathOf(target, targetInstance);
  if (plan.instance(path) !== undefined) plan.delete(path);
}

function entriesOf(view: InstanceView, id: number): Map<number, Value> {
  const acl = view.instance(pathOf(AccessControl.definition.id, id))?.get(AccessControl.resources.acl.id);
  const content: ResourceContent | undefined = acl?.kind === 'stored' ? acl.content : undefined;
  return new Map(content?.kind === 'multiple' ? content.values : []);
}

/** The new owner is whoever has the highest sum of the rights to write and to delete. */
function weight(rights: Value): number {
  const bits = Number(rights);
  return ((bits & writeRight) > 0 ? 1 : 0) + ((bits & deleteRight) > 0 ? 1 : 0);
}

function single(value: Value): ResourceContent {
  return { kind: 'single', type: 'integer', value };
}
