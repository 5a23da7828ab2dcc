import { type IncomingRequest, type Response, ResponseCode } from '@dunlin/coap';
import {
  type Content,
  formatPath,
  isRefusal,
  maxId,
  type ObjectInstancePath,
  type ObjectPath,
  pathOf,
  pathSegments,
  type Refusal,
  refusal,
  type ResourceContents,
} from '@dunlin/lwm2m';

import { problemOfContent } from '../object-tree/object-setup-check.ts';
import type { ObjectSetup } from '../object-tree/object-setup.ts';
import type { ObjectTree } from '../object-tree/object-tree.ts';
import type { TreeTransaction } from '../object-tree/tree-transaction.ts';
import { type OperationContext, originOf } from './operation-context.ts';
import { payloadContent } from './payload-content.ts';
import { missingMandatory } from './write.ts';

/**
 * Create (1.0 §5.4.6): one instance with or without its id, or several with theirs, all or none (R-470 to
 * The answer names the instance when there is exactly one.
 */
export function create(
  path: ObjectPath,
  request: IncomingRequest,
  context: OperationContext,
): Response | Refusal {
  const setup = context.tree.setup(path.objectId);
  if (setup === undefined) return refusal(ResponseCode.notFound, `${formatPath(path)} does not exist`);
  const content = payloadContent(request, path, setup.definition);
  if (isRefusal(content)) return content;
  const instances = instancesFrom(content, path.objectId, context.tree);
  if (isRefusal(instances)) return instances;

  const transaction = context.tree.begin(originOf(context), context.now);
  for (const [id, resources] of instances) {
    const instancePath = pathOf(path.objectId, id);
    const problem =
      checkInstance(instancePath, setup, context) ??
      planInstance(transaction, instancePath, resources, setup);
    if (problem !== undefined) return problem;
  }
  const problem = transaction.commit();
  if (problem !== undefined) return problem;
  const [only, ...others] = instances.keys();
  if (only === undefined || others.length > 0) return { code: ResponseCode.created };
  return { code: ResponseCode.created, locationPath: pathSegments(pathOf(path.objectId, only)) };
}

function instancesFrom(
  content: Content,
  objectId: number,
  tree: ObjectTree,
): ReadonlyMap<number, ResourceContents> | Refusal {
  switch (content.kind) {
    case 'object':
      // An empty payload is of an instance without Resources; it names none, so that the id is the client's to pick.
      return content.instances.size > 0
        ? content.instances
        : new Map([[freeInstanceId(objectId, tree), new Map()]]);
    case 'object-instance':
      return new Map([[freeInstanceId(objectId, tree), content.resources]]);
    case 'resource':
    case 'resource-instance':
      return refusal(ResponseCode.badRequest, 'the payload is not that of an Object Instance');
  }
}

/** The lowest id that no instance has: 0 for an Object that can have one only. */
function freeInstanceId(objectId: number, tree: ObjectTree): number {
  const taken = new Set(tree.instanceIds(objectId));
  let id = 0;
  while (taken.has(id)) id += 1;
  return id;
}

function checkInstance(
  path: ObjectInstancePath,
  { definition }: ObjectSetup,
  { tree }: OperationContext,
): Refusal | undefined {
  if (!definition.isMultiple && (path.objectInstanceId !== 0 || tree.instanceIds(definition.id).length > 0)) {
    return refusal(ResponseCode.badRequest, `${definition.name} has one instance at most, and its id is 0`);
  }
  if (path.objectInstanceId >= maxId) {
    return refusal(ResponseCode.badRequest, '65535 is not the id of any Object Instance');
  }
  if (tree.instance(path) === undefined) return undefined;
  return refusal(ResponseCode.badRequest, `${formatPath(path)} exists already`);
}

function planInstance(
  transaction: TreeTransaction,
  path: ObjectInstancePath,
  resources: ResourceContents,
  setup: ObjectSetup,
): Refusal | undefined {
  const { definition, supportedResources } = setup;
  const template = setup.template?.(path.objectInstanceId) ?? new Map();
  transaction.create(path, template);
  for (const resource of definition.resources.values()) {
    // What only the device can set is not demanded of the Server, and ignored when it is given.
    if (!resource.operations.includes('W')) continue;
    const content = resources.get(resource.id);
    if (content === undefined) {
      if (resource.isMandatory && !template.has(resource.id)) return missingMandatory(path, resource);
      continue;
    }
    if (!supportedResources.has(resource.id)) continue;
    const problem = problemOfContent(content, resource);
    if (problem !== undefined) return refusal(ResponseCode.badRequest, `${resource.name}: ${problem}`);
    transaction.write(pathOf(path.objectId, path.objectInstanceId, resource.id), content);
  }
  return undefined;
}
