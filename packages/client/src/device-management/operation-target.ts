import { ResponseCode } from '@dunlin/coap';
import {
  formatPath,
  type ObjectDefinition,
  type OperationName,
  type Path,
  pathOf,
  type Refusal,
  refusal,
  type ResourceDefinition,
} from '@dunlin/lwm2m';

import type { AccessRights } from './access-rights.ts';
import type { OperationContext } from './operation-context.ts';

/**
 * Whether an operation may be carried out on its target, apart from its payload: steps 4 and 6 to 9 of the
 * order of checks. The Object is known to be one that Servers may see, and the operation to be
 * possible on this level.
 */
export function checkTarget(name: OperationName, path: Path, context: OperationContext): Refusal | undefined {
  if (path.kind === 'root' || path.kind === 'resource-instance') return missing(path);
  const definition = context.tree.definition(path.objectId);
  if (definition === undefined) return missing(path);
  if (path.kind === 'object') return checkObjectRights(name, path.objectId, context);

  const instancePath = pathOf(path.objectId, path.objectInstanceId);
  if (context.tree.instance(instancePath) === undefined) return missing(instancePath);
  if (!isGranted(name, context.rightsFor(context.shortServerId, instancePath)))
    return unauthorized(name, path);
  if (path.kind === 'object-instance') return undefined;

  const resource = definition.resources.get(path.resourceId);
  const isPresent = context.tree.resource(path) !== undefined;
  if (resource === undefined || !(isPresent || canComeIntoBeing(name, resource, context, definition))) {
    return missing(path);
  }
  if (isSupportedBy(resource, name)) return undefined;
  return refusal(
    ResponseCode.methodNotAllowed,
    `${formatPath(path)} (${resource.name}) does not support ${name}`,
  );
}

/** True when a Server may Read the instance, and thus see it in what it reads or observes above it. */
export function mayRead(context: OperationContext, objectId: number, objectInstanceId: number): boolean {
  return context.rightsFor(context.shortServerId, pathOf(objectId, objectInstanceId)).read;
}

function checkObjectRights(
  name: OperationName,
  objectId: number,
  context: OperationContext,
): Refusal | undefined {
  if (name !== 'create') return undefined;
  const path = pathOf(objectId);
  if (context.tree.setup(objectId)?.isCreatable !== true) {
    return refusal(ResponseCode.methodNotAllowed, `instances of ${formatPath(path)} cannot be created`);
  }
  return context.rightsFor(context.shortServerId, path).create ? undefined : unauthorized(name, path);
}

function isGranted(name: OperationName, rights: AccessRights): boolean {
  switch (name) {
    case 'read':
    case 'observe':
    case 'cancel-observation':
    case 'write-attributes':
      return rights.read;
    case 'write-replace':
    case 'write-update':
      return rights.write;
    case 'execute':
      return rights.execute;
    case 'delete':
      return rights.delete;
    case 'create':
      return rights.create;
    case 'discover':
      return true;
  }
}

/** A Write may bring an optional Resource into being when the device supports it. */
function canComeIntoBeing(
  name: OperationName,
  resource: ResourceDefinition,
  context: OperationContext,
  definition: ObjectDefinition,
): boolean {
  if (name !== 'write-replace' || resource.operations === 'E') return false;
  return context.tree.setup(definition.id)?.supportedResources.has(resource.id) ?? false;
}

/** Executables and write-only Resources have no attributes: `applyAttributesChange` refuses those, 4.05. */
function isSupportedBy({ operations }: ResourceDefinition, name: OperationName): boolean {
  switch (name) {
    case 'read':
    case 'observe':
    case 'cancel-observation':
      return operations.includes('R');
    case 'write-replace':
    case 'write-update':
      return operations.includes('W');
    case 'execute':
      return operations === 'E';
    case 'write-attributes':
    case 'discover':
      return true;
    case 'create':
    case 'delete':
      return false;
  }
}

function missing(path: Path): Refusal {
  return refusal(ResponseCode.notFound, `${formatPath(path)} does not exist`);
}

function unauthorized(name: OperationName, path: Path): Refusal {
  return refusal(ResponseCode.unauthorized, `no right to ${name} ${formatPath(path)}`);
}
