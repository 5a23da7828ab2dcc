import { equalBytes } from '@dunlin/base';
import type { Content, ResourceContent, ResourceContents } from './content.ts';
import type { ObjectLink, Value } from './value.ts';

/**
 * True when two values are the same: integers by their number, whether `number` or `bigint`; bytes and links
 * by content; `NaN` equals itself, and the two zeros are one. Values of different data types may be equal
 * when they look alike, such as the integer 1 and the float 1.
 */
export function equalValues(a: Value, b: Value): boolean {
  if (a === b) return true;
  if (typeof a === 'number') {
    return typeof b === 'bigint' ? equalIntegers(b, a) : Number.isNaN(a) && Number.isNaN(b);
  }
  if (typeof a === 'bigint') return typeof b === 'number' && equalIntegers(a, b);
  return typeof a === 'object' && typeof b === 'object' && equalObjects(a, b);
}

/**
 * True when two contents are of the same kind and hold the same values under the same ids, in whatever
 * order. Data types do not count.
 */
export function equalContents(a: Content, b: Content): boolean {
  switch (a.kind) {
    case 'object':
      return b.kind === a.kind && equalMaps(a.instances, b.instances, equalResources);
    case 'object-instance':
      return b.kind === a.kind && equalResources(a.resources, b.resources);
    case 'resource':
      return b.kind === a.kind && equalResource(a.resource, b.resource);
    case 'resource-instance':
      return b.kind === a.kind && equalValues(a.value, b.value);
  }
}

function equalResources(a: ResourceContents, b: ResourceContents): boolean {
  return equalMaps(a, b, equalResource);
}

function equalResource(a: ResourceContent, b: ResourceContent): boolean {
  if (a.kind === 'single') return b.kind === 'single' && equalValues(a.value, b.value);
  return b.kind === 'multiple' && equalMaps(a.values, b.values, equalValues);
}

function equalMaps<T>(
  a: ReadonlyMap<number, T>,
  b: ReadonlyMap<number, T>,
  equal: (a: T, b: T) => boolean,
): boolean {
  if (a.size !== b.size) return false;
  for (const [id, value] of a) {
    const other = b.get(id);
    if (other === undefined || !equal(value, other)) return false;
  }
  return true;
}

function equalIntegers(a: bigint, b: number): boolean {
  return Number.isInteger(b) && BigInt(b) === a;
}

function equalObjects(a: Uint8Array | ObjectLink, b: Uint8Array | ObjectLink): boolean {
  if (a instanceof Uint8Array) return b instanceof Uint8Array && equalBytes(a, b);
  if (b instanceof Uint8Array) return false;
  return a.objectId === b.objectId && a.objectInstanceId === b.objectInstanceId;
}
