/**
 * The endpoint names in order, for pages. Built when first asked for; additions wait at the end until the
 * next page, when the sort finds one long ordered run and merges the rest into it.
 */
export class EndpointOrder {
  #names: string[] | undefined;
  #isSorted = true;
  #removals = 0;

  added(endpointName: string): void {
    if (this.#names === undefined) return;
    this.#names.push(endpointName);
    this.#isSorted = false;
  }

  removed(): void {
    this.#removals += 1;
  }

  /** The ordered names after `after`; `known` are all names there are. Some may be there no longer, or twice. */
  *namesAfter(after: string | undefined, known: ReadonlyMap<string, unknown>): Generator<string, void> {
    const names = this.#ordered(known);
    let previous: string | undefined;
    for (let index = after === undefined ? 0 : firstAfter(names, after); index < names.length; index += 1) {
      const name = names[index];
      if (name === undefined || name === previous) continue;
      previous = name;
      yield name;
    }
  }

  #ordered(known: ReadonlyMap<string, unknown>): readonly string[] {
    const isStale = this.#names === undefined || this.#removals > known.size / 2 + 1000;
    if (isStale) {
      this.#names = [...known.keys()];
      this.#removals = 0;
      this.#isSorted = false;
    }
    const names = this.#names ?? [];
    if (!this.#isSorted) names.sort(byCodeUnits);
    this.#isSorted = true;
    return names;
  }
}

function byCodeUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function firstAfter(names: readonly string[], after: string): number {
  let low = 0;
  let high = names.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((names[middle] ?? '') <= after) low = middle + 1;
    else high = middle;
  }
  return low;
}
