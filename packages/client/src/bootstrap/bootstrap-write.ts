import { type IncomingRequest, ResponseCode } from '@dunlin/coap';
import {
  AccessControl,
  formatPath,
  isRefusal,
  maxId,
  type ObjectInstancePath,
  type Path,
  pathOf,
  type Refusal,
  refusal,
  type ResourceContent,
  type ResourceContents,
  type ResourceDefinition,
  type ResourcePath,
  Security,
  Server,
} from '@dunlin/lwm2m';

import { payloadContent } from '../device-management/payload-content.ts';
import { problemOfContent } from '../object-tree/object-setup-check.ts';
import type { ObjectSetup } from '../object-tree/object-setup.ts';
import type { ObjectTree } from '../object-tree/object-tree.ts';
import type { TreeTransaction } from '../object-tree/tree-transaction.ts';
import { isOfBootstrapServer } from '../security/account-instances.ts';

/** Objects that are the Bootstrap-Server's as a whole: what its Write of an instance leaves out is not there. */
const ownObjects: ReadonlySet<number> = new Set(
  [Security, Server, AccessControl].map(({ definition }) => definition.id),
);

/**
 * Write (1.0 §5.2.7.4): of the instances of an Object, an instance, or a Resource; whatever is not there comes into
 * being. An Object that the device does not have is 4.04.
 */
export function bootstrapWrite(
  path: Path,
  request: IncomingRequest,
  plan: TreeTransaction,
  tree: ObjectTree,
): Refusal | undefined {
  if (path.kind === 'root' || path.kind === 'resource-instance')
    return badRequest(`${formatPath(path)} cannot be written`);
  const setup = tree.setup(path.objectId);
  if (setup === undefined) return refusal(ResponseCode.notFound, `Object ${path.objectId} is not supported`);
  const content = payloadContent(request, path, setup.definition);
  if (isRefusal(content)) return content;
  if (path.kind === 'object' && content.kind === 'object') {
    for (const [id, resources] of content.instances) {
      const problem = writeInstance(pathOf(path.objectId, id), resources, plan, setup);
      if (problem !== undefined) return problem;
    }
    return content.instances.size === 0 ? badRequest('the payload holds no Object Instance') : undefined;
  }
  if (path.kind === 'object-instance' && content.kind === 'object-instance') {
    return writeInstance(path, content.resources, plan, setup);
  }
  if (path.kind === 'resource' && content.kind === 'resource') {
    if (!setup.supportedResources.has(path.resourceId)) {
      return refusal(ResponseCode.notFound, `${formatPath(path)} is not supported`);
    }
    const instance = pathOf(path.objectId, path.objectInstanceId);
    return ensure(instance, plan, setup) ?? planResource(path, content.resource, plan, setup);
  }
  return badRequest(`the payload is not what ${formatPath(path)} holds`);
}

/** Resources that are not known or not supported are passed over; those left out are not instantiated. */
export function writeInstance(
  path: ObjectInstancePath,
  resources: ResourceContents,
  plan: TreeTransaction,
  setup: ObjectSetup,
): Refusal | undefined {
  const before = plan.instance(path);
  const problem = ensure(path, plan, setup);
  if (problem !== undefined) return problem;
  for (const [id, resource] of before ?? []) {
    const definition = setup.definition.resources.get(id);
    const isItsOwn = ownObjects.has(path.objectId) || definition?.operations.includes('W') === true;
    if (resource.kind === 'stored' && isItsOwn && !resources.has(id)) plan.remove(resourceOf(path, id));
  }
  for (const [id, content] of resources) {
    if (!setup.supportedResources.has(id)) continue;
    const refused = planResource(resourceOf(path, id), content, plan, setup);
    if (refused !== undefined) return refused;
  }
  return undefined;
}

/** Makes the instance when it is not there, with what the device itself puts into it. */
function ensure(path: ObjectInstancePath, plan: TreeTransaction, setup: ObjectSetup): Refusal | undefined {
  const { definition } = setup;
  const { objectInstanceId } = path;
  if (plan.instance(path) !== undefined) return undefined;
  if (objectInstanceId >= maxId || (!definition.isMultiple && objectInstanceId !== 0)) {
    return badRequest(`${objectInstanceId} is not the id of any instance of ${definition.name}`);
  }
  plan.create(path, setup.template?.(objectInstanceId) ?? new Map());
  return undefined;
}

function planResource(
  path: ResourcePath,
  content: ResourceContent,
  plan: TreeTransaction,
  { definition }: ObjectSetup,
): Refusal | undefined {
  const resource = definition.resources.get(path.resourceId);
  if (resource === undefined) return badRequest(`${formatPath(path)} is not defined`);
  const current = plan.instance(pathOf(path.objectId, path.objectInstanceId))?.get(path.resourceId);
  if (isNoKey(path, content, resource)) {
    if (current !== undefined) plan.remove(path);
    return undefined;
  }
  const problem = problemOfContent(content, resource) ?? problemOfBootstrapAccount(path, content, plan);
  if (problem !== undefined) return badRequest(`${formatPath(path)} (${resource.name}): ${problem}`);
  if (current?.kind === 'dynamic' && current.write === undefined) {
    return badRequest(`${formatPath(path)} (${resource.name}) is what the device itself finds out`);
  }
  plan.write(path, content);
  return undefined;
}

/**
 * A key of the SMS binding without bytes is none, whatever length a key has to have: Leshan's bootstrap server writes
 * Resources 7 and 8 so to every device.
 */
function isNoKey(path: ResourcePath, content: ResourceContent, resource: ResourceDefinition): boolean {
  if (path.objectId !== Security.definition.id || resource.isMandatory) return false;
  return content.kind === 'single' && content.value instanceof Uint8Array && content.value.length === 0;
}

/** There is one Bootstrap-Server account at most. */
function problemOfBootstrapAccount(
  path: ResourcePath,
  content: ResourceContent,
  plan: TreeTransaction,
): string | undefined {
  const isFlag =
    path.objectId === Security.definition.id && path.resourceId === Security.resources.bootstrapServer.id;
  if (!isFlag || content.kind !== 'single' || content.value !== true) return undefined;
  const others = plan
    .instanceIds(path.objectId)
    .filter((id) => id !== path.objectInstanceId && isOfBootstrapServer(plan, id));
  return others.length > 0 ? `the Bootstrap-Server has its account at /0/${others[0]}` : undefined;
}

function resourceOf(path: ObjectInstancePath, resourceId: number): ResourcePath {
  return pathOf(path.objectId, path.objectInstanceId, resourceId);
}

function badRequest(reason: string): Refusal {
  return refusal(ResponseCode.badRequest, reason);
}
