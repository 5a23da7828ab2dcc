import { noBytes } from '@dunlin/base';
import { type ObjectInstancePath, type ResourcePath, pathOf, type Value } from '@dunlin/lwm2m';

import type { TreeResources } from './tree-resource.ts';

/** Instances to be looked at: those of an object tree, or as a transaction plans them. */
export interface InstanceView {
  /** In order. */
  readonly instanceIds: (objectId: number) => readonly number[];
  readonly instance: (path: ObjectInstancePath) => TreeResources | undefined;
}

/** The value that is kept at a Single Resource; `undefined` when there is none, or it is a dynamic one. */
function storedValue(view: InstanceView, path: ResourcePath): Value | undefined {
  const resource = view.instance(pathOf(path.objectId, path.objectInstanceId))?.get(path.resourceId);
  if (resource?.kind !== 'stored' || resource.content.kind !== 'single') return undefined;
  return resource.content.value;
}

/** The text that is kept there. */
export function storedText(view: InstanceView, path: ResourcePath): string | undefined {
  const value = storedValue(view, path);
  return typeof value === 'string' ? value : undefined;
}

/** The number that is kept there; 64-bit integers lose precision, so only for periods and the like. */
export function storedNumber(view: InstanceView, path: ResourcePath): number | undefined {
  const value = storedValue(view, path);
  return typeof value === 'number' || typeof value === 'bigint' ? Number(value) : undefined;
}

/** The bytes that are kept there; none when there are none. */
export function storedBytes(view: InstanceView, path: ResourcePath): Uint8Array {
  const value = storedValue(view, path);
  return value instanceof Uint8Array ? value : noBytes;
}

/** True when a true boolean is kept there. */
export function storedTruth(view: InstanceView, path: ResourcePath): boolean {
  return storedValue(view, path) === true;
}
