import type { DataType } from './value.ts';

/** What may be done with a Resource over the Device Management interface; '' is bootstrap only. */
export type ResourceOperations = '' | 'R' | 'W' | 'RW' | 'E';

/** Inclusive bounds: of the value for numbers, of the length in bytes for strings and opaques, or the allowed values. */
export type ValueRange =
  | { readonly kind: 'interval'; readonly minimum: number; readonly maximum: number }
  | { readonly kind: 'length'; readonly minimum: number; readonly maximum: number }
  | { readonly kind: 'enumeration'; readonly values: readonly (number | string)[] };

/** What is fixed about a Resource by its Object's definition. */
export interface ResourceDefinition {
  readonly id: number;
  readonly name: string;
  readonly operations: ResourceOperations;
  readonly isMultiple: boolean;
  readonly isMandatory: boolean;
  readonly type: DataType;
  /** Absent when the definition gives none, or gives one in prose that is not a bound. */
  readonly range?: ValueRange | undefined;
  /** As printed in the definition: `s`, `mV`, `%` … */
  readonly units?: string | undefined;
  /** Only where it was asked for. */
  readonly description?: string | undefined;
}

/** What is fixed about an Object. */
export interface ObjectDefinition {
  readonly id: number;
  readonly name: string;
  /** `major.minor`. */
  readonly version: string;
  readonly isMultiple: boolean;
  readonly isMandatory: boolean;
  /** Only where it was asked for. */
  readonly description?: string | undefined;
  readonly resources: ReadonlyMap<number, ResourceDefinition>;
}

/** Where definitions are looked up. Versions of the same major number are compatible. */
export interface ObjectDefinitions {
  /** The definition of an Object in the given version, or the nearest of the same major version; the newest when no version is given. */
  find(objectId: number, version?: string): ObjectDefinition | undefined;
}
