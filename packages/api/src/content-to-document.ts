import {
  type Content,
  formatPath,
  formatValueText,
  type ObjectDefinition,
  type Path,
  type ResourceContent,
  type ResourceContents,
  type ResourceDefinition,
  type DataType,
  type Value,
} from '@dunlin/lwm2m';

import type {
  ContentDocument,
  ResourceDocument,
  ResourceDocuments,
  SingleResourceDocument,
  ValueDocument,
} from './content-document.ts';

/** The JSON form of what is at a path, with the names and units of the definition where there is one. */
export function contentToDocument(
  path: Path,
  content: Content,
  definition: ObjectDefinition | undefined,
): ContentDocument {
  const at = formatPath(path);
  const objectName = definition === undefined ? {} : { name: definition.name };
  switch (content.kind) {
    case 'object':
      return {
        path: at,
        kind: 'object',
        ...objectName,
        instances: byId(content.instances, (contents) => ({
          resources: resourcesToDocument(contents, definition),
        })),
      };
    case 'object-instance':
      return {
        path: at,
        kind: 'object-instance',
        ...objectName,
        resources: resourcesToDocument(content.resources, definition),
      };
    case 'resource':
      return {
        path: at,
        kind: 'resource',
        ...resourceToDocument(content.resource, resourceDefinition(path, definition)),
      };
    case 'resource-instance':
      return {
        path: at,
        kind: 'resource-instance',
        ...singleToDocument(content.type, content.value, resourceDefinition(path, definition)),
      };
  }
}

/** The JSON form of a value. */
export function valueToDocument(type: DataType, value: Value): ValueDocument {
  if (typeof value === 'object') return formatValueText(type, value);
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  return value;
}

function resourcesToDocument(
  contents: ResourceContents,
  definition: ObjectDefinition | undefined,
): ResourceDocuments {
  return byId(contents, (resource, id) => resourceToDocument(resource, definition?.resources.get(id)));
}

/** The JSON form of one Resource. */
export function resourceToDocument(
  resource: ResourceContent,
  definition: ResourceDefinition | undefined,
): ResourceDocument {
  if (resource.kind === 'single') return singleToDocument(resource.type, resource.value, definition);
  return {
    ...resourceFacts(resource.type, definition),
    values: byId(resource.values, (value) => valueToDocument(resource.type, value)),
  };
}

function singleToDocument(
  type: DataType,
  value: Value,
  definition: ResourceDefinition | undefined,
): SingleResourceDocument {
  return { ...resourceFacts(type, definition), value: valueToDocument(type, value) };
}

function resourceFacts(
  type: DataType,
  definition: ResourceDefinition | undefined,
): { name?: string; type: DataType; units?: string } {
  return {
    ...(definition === undefined ? {} : { name: definition.name }),
    type,
    ...(definition?.units === undefined ? {} : { units: definition.units }),
  };
}

function resourceDefinition(
  path: Path,
  definition: ObjectDefinition | undefined,
): ResourceDefinition | undefined {
  return 'resourceId' in path ? definition?.resources.get(path.resourceId) : undefined;
}

/** Ids that are whole numbers come in ascending order in every JavaScript object. */
function byId<T, U>(
  entries: ReadonlyMap<number, T>,
  convert: (value: T, id: number) => U,
): Record<string, U> {
  return Object.fromEntries([...entries].map(([id, value]) => [String(id), convert(value, id)]));
}
