import { UsageError } from '@dunlin/base';
import type { IncomingResponse } from '@dunlin/coap';
import {
  type Content,
  maxId,
  type ObjectDefinition,
  type ObjectInstancePath,
  type ObjectPath,
  pathFromSegments,
  type ResourceContents,
} from '@dunlin/lwm2m';

import type { CreatableContent } from './operation-options.ts';
import type { Registration } from './registration.ts';
import { isContent, resourcesOf } from './writable-content.ts';

/**
 * The content of a Create: with an id it names the instance, without one the device chooses.
 * Throws `UsageError` when the id or the content is none.
 */
export function contentToCreate(
  path: ObjectPath,
  given: CreatableContent,
  {
    objectInstanceId,
    definition,
  }: { readonly objectInstanceId: number | undefined; readonly definition: ObjectDefinition | undefined },
): Content {
  if (objectInstanceId !== undefined && !isInstanceId(objectInstanceId)) {
    throw new UsageError(`an Object Instance has an id from 0 to ${maxId - 1}, not ${objectInstanceId}`);
  }
  if (!isContent(given)) return instanceContent(resourcesOf(path, given, definition), objectInstanceId);
  if (given.kind === 'object' && objectInstanceId === undefined) return given;
  if (given.kind === 'object-instance') return instanceContent(given.resources, objectInstanceId);
  throw new UsageError(
    `an instance is created from the content of an Object Instance, not of a ${given.kind}`,
  );
}

/** The instance that the Location of a Create names; some devices put their root path in front. */
export function createdPath(
  { locationPath }: IncomingResponse,
  { rootPath }: Registration,
  target: ObjectPath,
): ObjectInstancePath | undefined {
  if (locationPath === undefined) return undefined;
  const root = rootPath.split('/').filter((segment) => segment !== '');
  const hasRoot = root.length > 0 && root.every((segment, depth) => locationPath[depth] === segment);
  const path = pathFromSegments(hasRoot ? locationPath.slice(root.length) : locationPath);
  return path?.kind === 'object-instance' && path.objectId === target.objectId ? path : undefined;
}

function isInstanceId(id: number): boolean {
  return Number.isInteger(id) && id >= 0 && id < maxId;
}

function instanceContent(resources: ResourceContents, objectInstanceId: number | undefined): Content {
  return objectInstanceId === undefined
    ? { kind: 'object-instance', resources }
    : { kind: 'object', instances: new Map([[objectInstanceId, resources]]) };
}
