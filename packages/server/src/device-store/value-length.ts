import type { ResourceContent, Value } from '@dunlin/lwm2m';

/** How long a value is: characters of a text, bytes of opaque ones, 8 for each other; of several values their sum. */
export function valueLength(resource: ResourceContent): number {
  if (resource.kind === 'single') return lengthOf(resource.value);
  let length = 0;
  for (const value of resource.values.values()) length += lengthOf(value);
  return length;
}

function lengthOf(value: Value): number {
  return typeof value === 'string' || value instanceof Uint8Array ? value.length : 8;
}
