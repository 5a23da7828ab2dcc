import { UsageError } from '@dunlin/base';
import {
  checkValue,
  type Content,
  type DataType,
  formatPath,
  type ObjectDefinition,
  type ObjectLink,
  type Path,
  type ResourceContent,
  type ResourceContents,
  type Value,
} from '@dunlin/lwm2m';

import type { ResourceValue, WritableContent } from './operation-options.ts';

/**
 * The content that a caller's value means at a path. Types come from the definition, or from the value
 * where there is none. Throws `UsageError` when the value does not fit; ranges are for the device to judge.
 */
export function contentOf(
  path: Path,
  value: WritableContent,
  definition: ObjectDefinition | undefined,
): Content {
  if (isContent(value)) return value;
  switch (path.kind) {
    case 'object-instance':
      return { kind: 'object-instance', resources: resourcesOf(path, value, definition) };
    case 'resource': {
      const type = definition?.resources.get(path.resourceId)?.type;
      if (!isResourceValue(value))
        throw new UsageError(`${formatPath(path)} takes one value, not several Resources`);
      return { kind: 'resource', resource: resourceOf(formatPath(path), value, type) };
    }
    case 'root':
    case 'object':
    case 'resource-instance':
      throw new UsageError(`LwM2M 1.0 writes Object Instances and Resources, not ${formatPath(path)}`);
  }
}

/** The Resources of an Object Instance that a caller means by values keyed by Resource id. */
export function resourcesOf(
  path: Path,
  values: Exclude<WritableContent, Content>,
  definition: ObjectDefinition | undefined,
): ResourceContents {
  if (isResourceValue(values)) throw new UsageError(`${formatPath(path)} takes values by Resource id`);
  const contents = new Map<number, ResourceContent>();
  for (const [key, value] of Object.entries(values)) {
    const resourceId = Number(key);
    if (!Number.isInteger(resourceId)) throw new UsageError(`${JSON.stringify(key)} is not a Resource id`);
    const type = definition?.resources.get(resourceId)?.type;
    contents.set(resourceId, resourceOf(`${formatPath(path)}/${key}`, value, type));
  }
  return contents;
}

/** True when the caller gave content as payloads carry it. */
export function isContent(value: WritableContent): value is Content {
  return typeof value === 'object' && 'kind' in value;
}

function resourceOf(name: string, value: ResourceValue, type: DataType | undefined): ResourceContent {
  if (isValues(value)) {
    const sample = value.values().next().value;
    const known = type ?? (sample === undefined ? 'opaque' : typeOf(sample));
    for (const [id, each] of value) check(`${name}/${id}`, known, each);
    return { kind: 'multiple', type: known, values: value };
  }
  const known = type ?? typeOf(value);
  check(name, known, value);
  return { kind: 'single', type: known, value };
}

function check(name: string, type: DataType, value: Value): void {
  const problem = checkValue(type, value);
  if (problem !== undefined) throw new UsageError(`the value for ${name} does not fit: ${problem}`);
}

/** The type that a value has by itself. A whole number is an integer. */
function typeOf(value: Value): DataType {
  if (typeof value === 'string') return 'string';
  if (typeof value === 'boolean') return 'boolean';
  if (typeof value === 'bigint') return 'integer';
  if (typeof value === 'number') return Number.isSafeInteger(value) ? 'integer' : 'float';
  return value instanceof Uint8Array ? 'opaque' : 'objlnk';
}

function isResourceValue(value: Exclude<WritableContent, Content>): value is ResourceValue {
  return typeof value !== 'object' || value instanceof Uint8Array || isValues(value) || isObjectLink(value);
}

function isValues(
  value: ResourceValue | Readonly<Record<number, ResourceValue>>,
): value is ReadonlyMap<number, Value> {
  return value instanceof Map;
}

function isObjectLink(value: object): value is ObjectLink {
  return 'objectId' in value && 'objectInstanceId' in value;
}
