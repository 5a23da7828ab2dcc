import type { Instant } from '@dunlin/base';
import type {
  ResourceContent,
  ResourceDefinition,
  ResourceSpecifications,
  SingleOrMultiple,
  Value,
  ValueOf,
} from '@dunlin/lwm2m';

import type { ExecuteHandler, PartTaker, TreeResource, TreeResources } from '../object-tree/tree-resource.ts';

/** A value that is read whenever it is needed, and may take writes of Servers. */
export interface DynamicInput<T> {
  /** Quick and without effects; `now` is the time of the client's clock. */
  readonly read: (now: Instant) => T;
  /** Takes what a Server wrote; absent: Servers' writes are answered with 4.05. */
  readonly write?: (value: T, now: Instant) => void;
  /** What a Replace that leaves the Resource out does to it; absent: nothing. */
  readonly reset?: () => void;
  /** Takes an opaque value that comes in several blocks part by part, whatever its size; absent: it is put together first. */
  readonly takePart?: PartTaker;
}

/** A value to keep, a function that gives the value when it is read, or both directions. */
export type ValueInput<T> = T | ((now: Instant) => T) | DynamicInput<T>;

/** What an author gives for a Resource: a value (by Resource Instance id when it is Multiple), or a handler when it is executable. */
export type ResourceInput<D extends ResourceDefinition> = D['operations'] extends 'E'
  ? ExecuteHandler
  : ValueInput<SingleOrMultiple<ValueOf<D['type']>, D['isMultiple']>>;

type NamesOfMandatory<R extends ResourceSpecifications> = {
  [Name in keyof R]: R[Name] extends { readonly isMandatory: true } ? Name : never;
}[keyof R];

type InputOf<R extends ResourceSpecifications, Name extends keyof R> = ResourceInput<
  R[Name] & ResourceDefinition
>;

/** Any of an Object's Resources, by their names. */
export type PartialInstanceInput<R extends ResourceSpecifications> = {
  readonly [Name in keyof R]?: InputOf<R, Name> | undefined;
};

/** The Resources of one instance by their names; the mandatory ones must be there. */
export type InstanceInput<R extends ResourceSpecifications> = PartialInstanceInput<R> & {
  readonly [Name in NamesOfMandatory<R>]: InputOf<R, Name>;
};

/** The Resources that an input names. */
export function treeResourcesFrom<R extends ResourceSpecifications>(
  specifications: R,
  input: PartialInstanceInput<R>,
): TreeResources {
  const resources = new Map<number, TreeResource>();
  const inputs: Readonly<Record<string, unknown>> = input;
  for (const [name, definition] of Object.entries(specifications)) {
    const value = inputs[name];
    if (value !== undefined) resources.set(definition.id, treeResourceFrom(definition, value));
  }
  return resources;
}

/** The content that a value stands for. Whether it fits the definition is checked where it is used. */
export function contentFrom(definition: ResourceDefinition, value: unknown): ResourceContent {
  return isValues(value)
    ? { kind: 'multiple', type: definition.type, values: value }
    : { kind: 'single', type: definition.type, value: value as Value }; // oxlint-disable-line typescript/no-unsafe-type-assertion -- checked by checkValue before it is kept or sent
}

/** The value that a content carries, as authors see it. */
export function valueFrom(content: ResourceContent): Value | ReadonlyMap<number, Value> {
  return content.kind === 'single' ? content.value : content.values;
}

function treeResourceFrom(definition: ResourceDefinition, input: unknown): TreeResource {
  if (typeof input === 'function') {
    if (definition.operations === 'E') return { kind: 'executable', execute: input as ExecuteHandler }; // oxlint-disable-line typescript/no-unsafe-type-assertion -- InstanceInput types it so
    const read = input as (now: Instant) => unknown; // oxlint-disable-line typescript/no-unsafe-type-assertion -- InstanceInput types it so
    return { kind: 'dynamic', read: (now) => contentFrom(definition, read(now)) };
  }
  if (!isDynamicInput(input)) return { kind: 'stored', content: contentFrom(definition, input) };
  const { read, write, reset, takePart } = input;
  return {
    kind: 'dynamic',
    read: (now) => contentFrom(definition, read(now)),
    ...(write !== undefined && { write: (content, now) => write(valueFrom(content), now) }),
    ...(reset !== undefined && { reset }),
    ...(takePart !== undefined && { takePart }),
  };
}

function isDynamicInput(input: unknown): input is DynamicInput<unknown> {
  return typeof input === 'object' && input !== null && 'read' in input && typeof input.read === 'function';
}

function isValues(value: unknown): value is ReadonlyMap<number, Value> {
  return value instanceof Map;
}
