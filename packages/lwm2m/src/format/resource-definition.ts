import type { ObjectDefinition, ResourceDefinition } from '../object-definition.ts';

/**
 * The definition by which a value of a Resource is read, or `undefined` when there is none: the Resource is
 * unknown, or it is executable and has no values. What is read then is kept untyped, so that the caller decides.
 */
export function definitionOfResource(
  definition: ObjectDefinition | undefined,
  objectId: number,
  resourceId: number,
): ResourceDefinition | undefined {
  if (definition === undefined || definition.id !== objectId) return undefined;
  const resource = definition.resources.get(resourceId);
  return resource === undefined || resource.type === 'none' ? undefined : resource;
}
