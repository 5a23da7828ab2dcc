import type { KnownValueDocument } from '@dunlin/api';

import { comparePaths } from './compare-paths.ts';

/** Known values with newer ones put in; in the numeric order of their paths, as the server lists them. */
export function mergeKnownValues(
  old: readonly KnownValueDocument[],
  news: readonly KnownValueDocument[],
): readonly KnownValueDocument[] {
  const byPath = new Map(old.map((value) => [value.path, value]));
  for (const value of news) byPath.set(value.path, value);
  return [...byPath.values()].toSorted((left, right) => comparePaths(left.path, right.path));
}
