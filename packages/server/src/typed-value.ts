import {
  checkValue,
  type Content,
  type ResourceContent,
  type ResourceDefinition,
  type SingleOrMultiple,
  type Value,
} from '@dunlin/lwm2m';

import type { ContentReading } from './observation-stream.ts';

/** Content as itself, for paths. */
export function contentReading(content: Content): ContentReading<Content> {
  return { kind: 'value', value: content };
}

/**
 * The value or values that content holds for a typed reference. The check here is what makes it safe to
 * call the result `T`: a reference's `T` is the type of values that pass `checkValue` for its data type.
 */
export function valueReading<T extends Value, M extends boolean>(
  definition: ResourceDefinition,
): (content: Content) => ContentReading<SingleOrMultiple<T, M>> {
  return (content) => {
    if (content.kind !== 'resource')
      return unreadable(`the content is that of an ${content.kind}, not of a Resource`);
    const value = resourceValue(content.resource);
    const problem = problemOf(definition, value);
    if (problem !== undefined) return unreadable(problem);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- checked against the definition just above
    return { kind: 'value', value: value as SingleOrMultiple<T, M> };
  };
}

function resourceValue(resource: ResourceContent): Value | ReadonlyMap<number, Value> {
  return resource.kind === 'single' ? resource.value : resource.values;
}

function problemOf(
  definition: ResourceDefinition,
  value: Value | ReadonlyMap<number, Value>,
): string | undefined {
  if (value instanceof Map !== definition.isMultiple) {
    return definition.isMultiple
      ? 'the Resource came with a single value'
      : 'the Resource came with several values';
  }
  if (!(value instanceof Map)) return checkValue(definition.type, value);
  for (const each of value.values()) {
    const problem = checkValue(definition.type, each);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function unreadable(reason: string): { readonly kind: 'unreadable'; readonly reason: string } {
  return { kind: 'unreadable', reason };
}
