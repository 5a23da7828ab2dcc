import {
  type Content,
  formatPath,
  type Path,
  pathOf,
  type ResourceContent,
  type ResourceContents,
  type ResourcePath,
} from '@dunlin/lwm2m';

import { problemOfContent } from '../object-tree/object-setup-check.ts';
import { mayRead } from './operation-target.ts';
import type { OperationContext } from './operation-context.ts';

/**
 * What a Server reads at a path: on Objects only the instances it may read, above Resources only those that
 * are readable; `undefined` when the target does not exist. Throws what a dynamic value
 * throws, and when a dynamic value is not of its Resource's type.
 */
export function readableContent(path: Path, context: OperationContext): Content | undefined {
  switch (path.kind) {
    case 'object': {
      if (context.tree.definition(path.objectId) === undefined) return undefined;
      const instances = context.tree
        .instanceIds(path.objectId)
        .filter((id) => mayRead(context, path.objectId, id))
        .map((id) => [id, readableResources(path.objectId, id, context) ?? new Map()] as const);
      return { kind: 'object', instances: new Map(instances) };
    }
    case 'object-instance': {
      const resources = readableResources(path.objectId, path.objectInstanceId, context);
      return resources === undefined ? undefined : { kind: 'object-instance', resources };
    }
    case 'resource': {
      const resource = readableResource(path, context);
      return resource === undefined ? undefined : { kind: 'resource', resource };
    }
    case 'root':
    case 'resource-instance':
      return undefined;
  }
}

function readableResources(
  objectId: number,
  objectInstanceId: number,
  context: OperationContext,
): ResourceContents | undefined {
  const resources = context.tree.instance(pathOf(objectId, objectInstanceId));
  if (resources === undefined) return undefined;
  const contents = new Map<number, ResourceContent>();
  for (const id of [...resources.keys()].sort((a, b) => a - b)) {
    const content = readableResource(pathOf(objectId, objectInstanceId, id), context);
    if (content !== undefined) contents.set(id, content);
  }
  return contents;
}

function readableResource(path: ResourcePath, context: OperationContext): ResourceContent | undefined {
  const definition = context.tree.definition(path.objectId)?.resources.get(path.resourceId);
  if (definition === undefined || !definition.operations.includes('R')) return undefined;
  const content = context.tree.content(path, context.now);
  if (content === undefined || context.tree.resource(path)?.kind === 'stored') return content;
  const problem = problemOfContent(content, definition);
  if (problem === undefined) return content;
  throw new TypeError(`The device gave ${formatPath(path)} (${definition.name}) a wrong value: ${problem}.`);
}
