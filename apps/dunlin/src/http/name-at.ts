import type { ObjectDefinition, Path } from '@dunlin/lwm2m';

/** What is at a path is called, as a part to spread into a document: `{}` without a definition. */
export function nameAt(path: Path, definition: ObjectDefinition | undefined): { readonly name?: string } {
  if (definition === undefined) return {};
  if (!('resourceId' in path)) return { name: definition.name };
  const resource = definition.resources.get(path.resourceId);
  return resource === undefined ? {} : { name: resource.name };
}
