import type {
  Content,
  DataType,
  MultipleResource,
  ObjectDefinition,
  ResourceContent,
  SingleResource,
  Value,
} from '@dunlin/lwm2m';

/** Several by id, as literals write them. */
export type ById<T> = Readonly<Record<number, T>>;

/** A Resource with one value. */
export function single(type: DataType, value: Value): SingleResource {
  return { kind: 'single', type, value };
}

/** A Multiple Resource with its Resource Instances by id. */
export function multiple(type: DataType, values: ById<Value>): MultipleResource {
  return { kind: 'multiple', type, values: mapOf(values) };
}

/** Content of a Resource with one value. */
export function singleOf(type: DataType, value: Value): Content {
  return { kind: 'resource', resource: single(type, value) };
}

/** Content of a Multiple Resource. */
export function multipleOf(type: DataType, values: ById<Value>): Content {
  return { kind: 'resource', resource: multiple(type, values) };
}

/** Content of an Object Instance. */
export function instanceOf(resources: ById<ResourceContent>): Content {
  return { kind: 'object-instance', resources: mapOf(resources) };
}

/** Content of an Object. */
export function objectOf(instances: ById<ById<ResourceContent>>): Content {
  return {
    kind: 'object',
    instances: new Map(Array.from(mapOf(instances), ([id, resources]) => [id, mapOf(resources)])),
  };
}

/** A definition of an Object of which only types and multiplicities matter: `integer[]` is a Multiple Resource. */
export function definitionOf(
  id: number,
  types: ById<DataType | `${DataType}[]`>,
  isMultiple = true,
): ObjectDefinition {
  const resources = Array.from(mapOf(types), ([resourceId, type]) => ({
    id: resourceId,
    name: `Resource ${resourceId}`,
    operations: 'RW' as const,
    isMultiple: type.endsWith('[]'),
    isMandatory: false,
    type: type.replace('[]', '') as DataType,
  }));
  return {
    id,
    name: `Object ${id}`,
    version: '1.0',
    isMultiple,
    isMandatory: false,
    resources: new Map(resources.map((resource) => [resource.id, resource])),
  };
}

function mapOf<T>(items: ById<T>): ReadonlyMap<number, T> {
  return new Map(Object.entries(items).map(([id, item]) => [Number(id), item]));
}
