import { noBytes } from '@dunlin/base';
import type { ResourcePath, Value } from '@dunlin/lwm2m';

import type { ObjectTree } from './object-tree.ts';

/** The value that the tree keeps at a Single Resource; `undefined` when there is none, or it is a dynamic one. */
function storedValue(tree: ObjectTree, path: ResourcePath): Value | undefined {
  const resource = tree.resource(path);
  if (resource?.kind !== 'stored' || resource.content.kind !== 'single') return undefined;
  return resource.content.value;
}

/** The text that the tree keeps there. */
export function storedText(tree: ObjectTree, path: ResourcePath): string | undefined {
  const value = storedValue(tree, path);
  return typeof value === 'string' ? value : undefined;
}

/** The number that the tree keeps there; 64-bit integers lose precision, so only for periods and the like. */
export function storedNumber(tree: ObjectTree, path: ResourcePath): number | undefined {
  const value = storedValue(tree, path);
  return typeof value === 'number' || typeof value === 'bigint' ? Number(value) : undefined;
}

/** The bytes that the tree keeps there; none when there are none. */
export function storedBytes(tree: ObjectTree, path: ResourcePath): Uint8Array {
  const value = storedValue(tree, path);
  return value instanceof Uint8Array ? value : noBytes;
}
