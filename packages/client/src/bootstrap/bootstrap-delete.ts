import { ResponseCode } from '@dunlin/coap';
import {
  AccessControl,
  formatPath,
  type ObjectInstancePath,
  type Path,
  pathOf,
  type Refusal,
  refusal,
  Security,
  Server,
} from '@dunlin/lwm2m';

import type { ObjectTree } from '../object-tree/object-tree.ts';
import type { TreeTransaction } from '../object-tree/tree-transaction.ts';
import { isOfBootstrapServer } from '../security/account-instances.ts';

/**
 * Delete (1.0 §5.2.7.5, in the wider form of 1.0.1, R-245): of all that can go, of the instances of an Object, or of
 * one. The account of the Bootstrap-Server, `/3/0` and what stands for hardware stay, in silence unless they were named
 * . Deleting what is not there is no mistake.
 */
export function bootstrapDelete(path: Path, plan: TreeTransaction, tree: ObjectTree): Refusal | undefined {
  switch (path.kind) {
    case 'root':
      for (const objectId of tree.objectIds) deleteInstances(objectId, plan, tree);
      return undefined;
    case 'object':
      if (tree.setup(path.objectId) === undefined)
        return badRequest(`Object ${path.objectId} is not supported`);
      deleteInstances(path.objectId, plan, tree);
      return undefined;
    case 'object-instance':
      if (tree.setup(path.objectId) === undefined)
        return badRequest(`Object ${path.objectId} is not supported`);
      if (plan.instance(path) === undefined) return undefined;
      if (!mayGo(path, plan, tree)) return badRequest(`${formatPath(path)} cannot be deleted`);
      plan.delete(path);
      return undefined;
    case 'resource':
    case 'resource-instance':
      return badRequest(`${formatPath(path)} cannot be deleted`);
  }
}

function deleteInstances(objectId: number, plan: TreeTransaction, tree: ObjectTree): void {
  for (const id of plan.instanceIds(objectId)) {
    const path = pathOf(objectId, id);
    if (mayGo(path, plan, tree)) plan.delete(path);
  }
}

function mayGo(path: ObjectInstancePath, plan: TreeTransaction, tree: ObjectTree): boolean {
  const { objectId, objectInstanceId } = path;
  if (objectId === Security.definition.id) return !isOfBootstrapServer(plan, objectInstanceId);
  if (objectId === Server.definition.id || objectId === AccessControl.definition.id) return true;
  return tree.setup(objectId)?.isDeletable === true;
}

function badRequest(reason: string): Refusal {
  return refusal(ResponseCode.badRequest, reason);
}
