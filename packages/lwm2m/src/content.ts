import type { DataType, Value } from './value.ts';

/** A Resource with one value. */
export interface SingleResource {
  readonly kind: 'single';
  readonly type: DataType;
  readonly value: Value;
}

/** A Resource with any number of Resource Instances, by their ids. */
export interface MultipleResource {
  readonly kind: 'multiple';
  readonly type: DataType;
  readonly values: ReadonlyMap<number, Value>;
}

/** The content of a Resource: one value, or one for each Resource Instance. */
export type ResourceContent = SingleResource | MultipleResource;

/** The Resources of one Object Instance, by their ids. */
export type ResourceContents = ReadonlyMap<number, ResourceContent>;

/**
 * What is at a path, as payloads carry it. Its kind is that of the path, with one exception: the payload
 * of a Create on an Object is of kind `object` when it names instance ids, and of kind `object-instance`
 * when it leaves the id to the Client.
 */
export type Content =
  | { readonly kind: 'object'; readonly instances: ReadonlyMap<number, ResourceContents> }
  | { readonly kind: 'object-instance'; readonly resources: ResourceContents }
  | { readonly kind: 'resource'; readonly resource: ResourceContent }
  | { readonly kind: 'resource-instance'; readonly type: DataType; readonly value: Value };

/**
 * Content with the time it was measured (R-1134): Unix seconds, with a fraction, when positive; seconds
 * before now when negative; now when absent. `unixTimeOf` makes one kind of them.
 */
export interface TimestampedContent {
  readonly time?: number;
  readonly content: Content;
}
