import { parsePath, type Path, pathIds } from '@dunlin/lwm2m';

import type { DesiredItem } from './desired-item.ts';

/** Compares paths in written form by their numbers, parents first; what is no path comes last. */
export function comparePathTexts(one: string, other: string): number {
  const [first, second] = [idsOf(one), idsOf(other)];
  for (let depth = 0; depth < Math.max(first.length, second.length); depth += 1) {
    const difference = (first[depth] ?? -1) - (second[depth] ?? -1);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Compares wishes by path; attributes come before the observation of the same path, which they are written before. */
export function compareDesired(one: DesiredItem, other: DesiredItem): number {
  const difference = comparePathTexts(one.path, other.path);
  if (difference !== 0 || one.kind === other.kind) return difference;
  return one.kind === 'attributes' ? -1 : 1;
}

/** True when the path in written form is `outer` or below it. */
export function isAtOrBelow(text: string, outer: Path): boolean {
  const ids = idsOf(text);
  return pathIds(outer).every((id, depth) => ids[depth] === id);
}

function idsOf(text: string): readonly number[] {
  const path = parsePath(text);
  return path === undefined ? [Infinity] : pathIds(path);
}
