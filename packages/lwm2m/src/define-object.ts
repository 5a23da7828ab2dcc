import { UsageError } from '@dunlin/base';

import { problemOfObjectDefinition } from './object-definition-problem.ts';
import type { ObjectDefinition, ResourceDefinition } from './object-definition.ts';
import { maxId, type ObjectInstancePath, type ObjectPath, pathOf } from './path.ts';
import type {
  ExecutableReference,
  ResourceReference,
  SingleOrMultiple,
  ValueOf,
} from './resource-reference.ts';
import type { DataType } from './value.ts';

/** A Resource as given to `defineObject`: an executable one is single and has no type, any other has a type. */
export type ResourceSpecification = ResourceDefinition &
  (
    | { readonly operations: 'E'; readonly isMultiple: false; readonly type: 'none' }
    | { readonly operations: '' | 'R' | 'W' | 'RW'; readonly type: Exclude<DataType, 'none'> }
  );

/** The names that Resources go by in code. `definition`, `path` and `resources` are taken by what `defineObject` gives. */
export type ResourceSpecifications = Readonly<Record<string, ResourceSpecification>> & {
  readonly definition?: never;
  readonly path?: never;
  readonly resources?: never;
};

/** An Object as given to `defineObject`: its definition, with the Resources under the names they go by in code. */
export interface ObjectSpecification extends Omit<ObjectDefinition, 'resources'> {
  readonly resources: ResourceSpecifications;
}

/** The reference to a Resource with the given definition. */
export type ReferenceTo<D extends ResourceDefinition> = D['operations'] extends 'E'
  ? ExecutableReference
  : ResourceReference<ValueOf<D['type']>, D['isMultiple'], D['operations']>;

/** One Object Instance: its path, and a reference to each of its Resources by name. */
export type ObjectInstanceReference<S extends ObjectSpecification> = {
  readonly definition: ObjectDefinition;
  readonly path: ObjectInstancePath;
} & { readonly [Name in keyof S['resources']]: ReferenceTo<S['resources'][Name] & ResourceDefinition> };

/** An Object with at most one instance, 0, whose Resources it refers to: `Device.manufacturer` is `/3/0/0`. */
export type SingleInstanceObject<S extends ObjectSpecification> = ObjectInstanceReference<S> & {
  /** The definitions of the Resources by their names in code. */
  readonly resources: S['resources'];
};

/** An Object with any number of instances, given by their ids: `Server(0).lifetime` is `/1/0/1`. */
export interface MultipleInstanceObject<S extends ObjectSpecification> {
  /** The instance with an id from 0 to 65534; throws `UsageError` on another. */
  (objectInstanceId: number): ObjectInstanceReference<S>;
  readonly definition: ObjectDefinition;
  readonly path: ObjectPath;
  /** The definitions of the Resources by their names in code. */
  readonly resources: S['resources'];
}

/** What `defineObject` gives. */
export type DefinedObject<S extends ObjectSpecification = ObjectSpecification> = S['isMultiple'] extends true
  ? MultipleInstanceObject<S>
  : SingleInstanceObject<S>;

type ValueNames<R extends ResourceSpecifications> = {
  [Name in keyof R]: R[Name] extends { readonly operations: 'E' } ? never : Name;
}[keyof R];

/** The values of an Object's Resources by name, each of the type its definition says; any may be absent. */
export type ResourceValues<S extends ObjectSpecification> = {
  readonly [Name in ValueNames<S['resources']>]?:
    | SingleOrMultiple<
        ValueOf<(S['resources'][Name] & ResourceDefinition)['type']>,
        (S['resources'][Name] & ResourceDefinition)['isMultiple']
      >
    | undefined;
};

type References = Record<string, ResourceReference | ExecutableReference>;

/**
 * Defines an Object with typed references to its Resources. Throws `UsageError` when the definition is not
 * one that the enabler allows.
 */
export function defineObject<const S extends ObjectSpecification & { readonly isMultiple: true }>(
  specification: S,
): MultipleInstanceObject<S>;
export function defineObject<const S extends ObjectSpecification & { readonly isMultiple: false }>(
  specification: S,
): SingleInstanceObject<S>;
export function defineObject(specification: ObjectSpecification): unknown {
  const { resources, ...facts } = specification;
  const definition: ObjectDefinition = { ...facts, resources: resourcesById(specification) };
  const problem = problemOfObjectDefinition(definition);
  if (problem !== undefined) throw new UsageError(`Object ${definition.id} is not well defined: ${problem}.`);

  const instance = (objectInstanceId: number): References & { path: ObjectInstancePath } => {
    checkInstanceId(objectInstanceId);
    return Object.assign(referencesTo(specification, objectInstanceId), {
      definition,
      path: pathOf(definition.id, objectInstanceId),
    });
  };
  return definition.isMultiple
    ? Object.assign(instance, { definition, path: pathOf(definition.id), resources })
    : Object.assign(instance(0), { resources });
}

function resourcesById(specification: ObjectSpecification): ReadonlyMap<number, ResourceDefinition> {
  const byId = new Map<number, ResourceDefinition>();
  for (const [name, resource] of Object.entries(specification.resources)) {
    if (reservedNames.has(name)) throw new UsageError(`A Resource cannot be called '${name}' in code.`);
    const earlier = byId.get(resource.id);
    if (earlier !== undefined) {
      throw new UsageError(`Resource ${resource.id} is defined twice: ${earlier.name} and ${resource.name}.`);
    }
    byId.set(resource.id, resource);
  }
  return byId;
}

const reservedNames: ReadonlySet<string> = new Set(['definition', 'path', 'resources']);

function referencesTo(specification: ObjectSpecification, objectInstanceId: number): References {
  const references: References = {};
  for (const [name, definition] of Object.entries(specification.resources)) {
    const path = pathOf(specification.id, objectInstanceId, definition.id);
    references[name] =
      definition.operations === 'E'
        ? { kind: 'executable-reference', path, definition }
        : { kind: 'resource-reference', path, definition };
  }
  return references;
}

function checkInstanceId(objectInstanceId: number): void {
  if (Number.isInteger(objectInstanceId) && objectInstanceId >= 0 && objectInstanceId < maxId) return;
  throw new UsageError(`An Object Instance id is a whole number from 0 to 65534, not ${objectInstanceId}.`);
}
