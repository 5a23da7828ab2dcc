import { StorageError, type Instant } from '@dunlin/base';
import {
  AccessControl,
  type ObjectInstancePath,
  pathOf,
  type ResourceContents,
  type ResourceDefinition,
  Security,
  Server,
} from '@dunlin/lwm2m';

import type { ObjectSetup } from '../object-tree/object-setup.ts';
import type { ObjectTree } from '../object-tree/object-tree.ts';
import type { TreeChange } from '../object-tree/tree-change.ts';
import type { TreeResources } from '../object-tree/tree-resource.ts';
import type { TreeTransaction } from '../object-tree/tree-transaction.ts';
import type { ClientState } from './client-state.ts';

/** Objects whose instances are what Servers and the Bootstrap-Server made of them, and nothing of the device's own. */
const provisioned: ReadonlySet<number> = new Set(
  [Security, Server, AccessControl].map(({ definition }) => definition.id),
);

/** The instances of a tree at one time, to come back to. */
export type TreeSnapshot = ReadonlyMap<number, ReadonlyMap<number, TreeResources>>;

/** What is in a tree now. */
export function snapshotOf(tree: ObjectTree): TreeSnapshot {
  return new Map(
    tree.objectIds.map((objectId) => [
      objectId,
      new Map(tree.instanceIds(objectId).map((id) => [id, tree.instance(pathOf(objectId, id)) ?? new Map()])),
    ]),
  );
}

/** What a device has to remember of its Objects: whatever came from outside, and not what the device itself says. */
export function stateOf(tree: ObjectTree): ClientState['objects'] {
  const objects = new Map<number, ReadonlyMap<number, ResourceContents>>();
  for (const objectId of tree.objectIds) {
    const setup = tree.setup(objectId);
    if (setup === undefined) continue;
    const instances = new Map<number, ResourceContents>();
    for (const id of tree.instanceIds(objectId)) {
      const kept = keptOf(tree.instance(pathOf(objectId, id)) ?? new Map(), setup);
      if (kept.size > 0 || hasMadeInstances(setup)) instances.set(id, kept);
    }
    if (instances.size > 0 || hasMadeInstances(setup)) objects.set(objectId, instances);
  }
  return objects;
}

/** Whether a change is of something that has to be remembered. */
export function concernsState({ created, deleted, written }: TreeChange, tree: ObjectTree): boolean {
  const isMade = ({ objectId }: ObjectInstancePath): boolean => {
    const setup = tree.setup(objectId);
    return setup !== undefined && hasMadeInstances(setup);
  };
  if (created.some(isMade) || deleted.some(isMade)) return true;
  return written.some((path) => {
    const setup = tree.setup(path.objectId);
    const definition = setup?.definition.resources.get(path.resourceId);
    if (setup === undefined || definition === undefined || !isKept(definition, setup)) return false;
    return tree.resource(path)?.kind !== 'dynamic';
  });
}

/** Makes a tree what it was when the state was saved. Throws a `StorageError` when that cannot be any more. */
export function restoreState(tree: ObjectTree, objects: ClientState['objects'], now: Instant): void {
  const plan = tree.begin({ kind: 'bootstrap' }, now);
  for (const [objectId, instances] of objects) {
    const setup = tree.setup(objectId);
    // An Object that the device has no longer is of no interest, and neither is who may do what with it (R-1058).
    if (setup === undefined) continue;
    if (objectId === AccessControl.definition.id)
      restoreInstances(thoseOfPresentObjects(instances, tree), setup, tree, plan);
    else if (hasMadeInstances(setup)) restoreInstances(instances, setup, tree, plan);
    else {
      for (const [id, resources] of instances) {
        if (plan.instance(pathOf(objectId, id)) !== undefined)
          restoreResources(pathOf(objectId, id), resources, setup, plan);
      }
    }
  }
  const problem = plan.commit();
  if (problem !== undefined) {
    throw new StorageError(
      `The saved state of the device cannot be used: ${problem.reason}. Remove it to begin as new.`,
    );
  }
}

/** Makes a tree what a snapshot says: factory reset (R-1031). */
export function returnTo(snapshot: TreeSnapshot, tree: ObjectTree, now: Instant): void {
  const plan = tree.begin({ kind: 'bootstrap' }, now);
  for (const [objectId, instances] of snapshot) {
    for (const id of tree.instanceIds(objectId)) plan.delete(pathOf(objectId, id));
    for (const [id, resources] of instances) plan.create(pathOf(objectId, id), resources);
  }
  const problem = plan.commit();
  if (problem !== undefined) throw new Error(`what was is refused: ${problem.reason}`);
}

/** Instances that come and go from outside, so that which there are has to be remembered. */
function hasMadeInstances({ definition, isCreatable, isDeletable }: ObjectSetup): boolean {
  return provisioned.has(definition.id) || isCreatable || isDeletable;
}

function isKept(definition: ResourceDefinition, setup: ObjectSetup): boolean {
  return hasMadeInstances(setup) || definition.operations.includes('W');
}

function keptOf(resources: TreeResources, setup: ObjectSetup): ResourceContents {
  const kept = [...resources].flatMap(([id, resource]) => {
    const definition = setup.definition.resources.get(id);
    const isOf = resource.kind === 'stored' && definition !== undefined && isKept(definition, setup);
    return isOf ? [[id, resource.content] as const] : [];
  });
  return new Map(kept);
}

/** The instances of the Access Control Object that are about Objects of the device. */
function thoseOfPresentObjects(
  instances: ReadonlyMap<number, ResourceContents>,
  tree: ObjectTree,
): ReadonlyMap<number, ResourceContents> {
  const present = [...instances].filter(([, resources]) => {
    const governed = resources.get(AccessControl.resources.objectId.id);
    return governed?.kind !== 'single' || tree.setup(Number(governed.value)) !== undefined;
  });
  return new Map(present);
}

/** The instances are those that were; what the device itself gives an instance comes from it, as at a creation. */
function restoreInstances(
  instances: ReadonlyMap<number, ResourceContents>,
  setup: ObjectSetup,
  tree: ObjectTree,
  plan: TreeTransaction,
): void {
  const objectId = setup.definition.id;
  for (const id of tree.instanceIds(objectId)) if (!instances.has(id)) plan.delete(pathOf(objectId, id));
  for (const [id, resources] of instances) {
    const path = pathOf(objectId, id);
    const own = [...(tree.instance(path) ?? setup.template?.(id) ?? [])].filter(
      ([, { kind }]) => kind !== 'stored',
    );
    if (plan.instance(path) !== undefined) plan.delete(path);
    plan.create(path, new Map(own));
    restoreResources(path, resources, setup, plan);
  }
}

function restoreResources(
  path: ObjectInstancePath,
  resources: ResourceContents,
  setup: ObjectSetup,
  plan: TreeTransaction,
): void {
  const { objectId, objectInstanceId } = path;
  for (const [id, content] of resources) {
    const current = plan.instance(path)?.get(id);
    // What has become a dynamic value or a handler in a newer version of the device is the device's own.
    if (!setup.supportedResources.has(id) || (current !== undefined && current.kind !== 'stored')) continue;
    plan.write(pathOf(objectId, objectInstanceId, id), content);
  }
}
