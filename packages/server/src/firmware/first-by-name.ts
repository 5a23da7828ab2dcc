/** Something that belongs to an endpoint. */
interface Named {
  readonly endpointName: string;
}

/**
 * The first `limit` behind `after`, by endpoint name. All are looked at once and only a page of them is kept in order, so
 * that a page of a hundred thousand is not the work of sorting them.
 */
export function firstByName<T extends Named>(
  items: Iterable<T>,
  { after, limit }: { readonly after: string | undefined; readonly limit: number },
): readonly T[] {
  const page: T[] = [];
  for (const item of items) {
    const { endpointName } = item;
    if (after !== undefined && endpointName <= after) continue;
    const last = page.length < limit ? undefined : page.at(-1);
    if (last !== undefined && endpointName >= last.endpointName) continue;
    page.splice(placeOf(endpointName, page), 0, item);
    if (page.length > limit) page.pop();
  }
  return page;
}

/** How many of a page in order come before a name. */
function placeOf(name: string, page: readonly Named[]): number {
  let [low, high] = [0, page.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const isBefore = (page[middle]?.endpointName ?? '') < name;
    if (isBefore) low = middle + 1;
    else high = middle;
  }
  return low;
}
