import type { ExecutableResource, ObjectSetup, TreeResource, TreeResources } from '@dunlin/client';
import type { DataType, ObjectDefinition, ResourceDefinition, Value } from '@dunlin/lwm2m';

/** Told when a Server executes a Resource: its path and arguments. */
export type OnExecute = (path: string) => void;

/**
 * Any Object with the given instances, its mandatory Resources having the simplest value of their type: something to
 * write to and read from. Servers may create instances when the definition allows several.
 */
export function exampleObject(
  definition: ObjectDefinition,
  instanceIds: readonly number[],
  onExecute: OnExecute,
): ObjectSetup {
  const template = (instanceId: number): TreeResources =>
    exampleResources(definition, instanceId, (resource) => resource.isMandatory, onExecute);
  return {
    definition,
    instances: new Map(
      instanceIds.map((id) => [id, exampleResources(definition, id, () => true, onExecute)] as const),
    ),
    template,
    isCreatable: definition.isMultiple,
    isDeletable: definition.isMultiple,
    supportedResources: new Set(definition.resources.keys()),
  };
}

function exampleResources(
  definition: ObjectDefinition,
  instanceId: number,
  choose: (resource: ResourceDefinition) => boolean,
  onExecute: OnExecute,
): TreeResources {
  const resources = new Map<number, TreeResource>();
  for (const resource of definition.resources.values()) {
    if (!choose(resource)) continue;
    const path = `/${definition.id}/${instanceId}/${resource.id}`;
    const execute: ExecutableResource = { kind: 'executable', execute: () => onExecute(path) };
    resources.set(resource.id, resource.operations === 'E' ? execute : storedResource(resource));
  }
  return resources;
}

function storedResource({ type, isMultiple, range }: ResourceDefinition): TreeResource {
  const value = range === undefined ? simplestValue(type) : valueInRange(type, range);
  return {
    kind: 'stored',
    content: isMultiple
      ? { kind: 'multiple', type, values: new Map([[0, value]]) }
      : { kind: 'single', type, value },
  };
}

function valueInRange(type: DataType, range: NonNullable<ResourceDefinition['range']>): Value {
  const value = simplestValue(type);
  switch (range.kind) {
    case 'interval':
      return typeof value === 'number' ? Math.min(Math.max(value, range.minimum), range.maximum) : value;
    case 'length':
      if (typeof value === 'string') return ' '.repeat(range.minimum);
      return value instanceof Uint8Array ? new Uint8Array(range.minimum) : value;
    case 'enumeration':
      return range.values.find((candidate) => typeof candidate === typeof value) ?? value;
  }
}

function simplestValue(type: DataType): Value {
  switch (type) {
    case 'string':
    case 'corelnk':
    case 'none':
      return '';
    case 'integer':
    case 'unsigned-integer':
    case 'float':
    case 'time':
      return 0;
    case 'boolean':
      return false;
    case 'opaque':
      return new Uint8Array(0);
    case 'objlnk':
      return { objectId: 65_535, objectInstanceId: 65_535 };
  }
}
