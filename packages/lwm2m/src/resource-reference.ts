import type { ResourceDefinition, ResourceOperations } from './object-definition.ts';
import type { ResourcePath } from './path.ts';
import type { DataType, Integer, ObjectLink, Value } from './value.ts';

/** The type of the values of a data type (1.0 Appendix C); `never` for `none`. */
export type ValueOf<T extends DataType> = T extends 'string' | 'corelnk'
  ? string
  : T extends 'integer' | 'unsigned-integer' | 'time'
    ? Integer
    : T extends 'float'
      ? number
      : T extends 'boolean'
        ? boolean
        : T extends 'opaque'
          ? Uint8Array
          : T extends 'objlnk'
            ? ObjectLink
            : never;

/** Type level only: no value carries it. It lets a reference remember what it refers to. */
declare const refersTo: unique symbol;

/**
 * A Resource of one Object Instance, with the type `T` of its value (of each Resource Instance when `M`,
 * Multiple, is true) and the operations `O` that its definition allows.
 */
export interface ResourceReference<
  T extends Value = Value,
  M extends boolean = boolean,
  O extends ResourceOperations = ResourceOperations,
> {
  readonly kind: 'resource-reference';
  readonly path: ResourcePath;
  readonly definition: ResourceDefinition;
  readonly [refersTo]?: { readonly value: T; readonly isMultiple: M; readonly operations: O };
}

/** A Resource that is executed and has no value. */
export interface ExecutableReference {
  readonly kind: 'executable-reference';
  readonly path: ResourcePath;
  readonly definition: ResourceDefinition;
}

/** A Resource whose definition allows Read, and with it Observe, Discover and Write-Attributes. */
export type ReadableReference<T extends Value = Value, M extends boolean = boolean> = ResourceReference<
  T,
  M,
  'R' | 'RW'
>;

/** A Resource whose definition allows Write. */
export type WritableReference<T extends Value = Value, M extends boolean = boolean> = ResourceReference<
  T,
  M,
  'W' | 'RW'
>;

/** What reading a Resource gives and writing it takes: one value, or values by Resource Instance id when it is Multiple. */
export type SingleOrMultiple<T extends Value, M extends boolean> = M extends true
  ? ReadonlyMap<number, T>
  : T;

/** What reading the referred Resource gives. */
export type ReferredValue<R extends ResourceReference> =
  R extends ResourceReference<infer T, infer M> ? SingleOrMultiple<T, M> : never;
