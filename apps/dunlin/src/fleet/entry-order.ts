import type { FleetEntry } from './fleet-entry.ts';

/**
 * Entries in the order of their names (by UTF-16 code units). Names come and go thousands of times a second while nobody
 * lists them: the order is made good when it is asked for, by merging what is new.
 */
export class EntryOrder {
  #sorted: readonly FleetEntry[] = [];
  #added: FleetEntry[] = [];
  #isHoled = false;

  add(entry: FleetEntry): void {
    this.#added.push(entry);
  }

  /** The entry has been marked as gone. */
  removed(): void {
    this.#isHoled = true;
  }

  /** All entries, in order. */
  get entries(): readonly FleetEntry[] {
    if (this.#added.length > 0 || this.#isHoled) this.#repair();
    return this.#sorted;
  }

  /** Where the first entry after a name is. */
  indexAfter(name: string): number {
    const { entries } = this;
    let low = 0;
    let high = entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((entries[middle]?.endpointName ?? '') <= name) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #repair(): void {
    const added = this.#added.filter(isThere).sort(byName);
    this.#added = [];
    const present = this.#isHoled ? this.#sorted.filter(isThere) : this.#sorted;
    this.#isHoled = false;
    this.#sorted = added.length === 0 ? present : merged(present, added);
  }
}

function merged(one: readonly FleetEntry[], other: readonly FleetEntry[]): readonly FleetEntry[] {
  const all: FleetEntry[] = [];
  let next = 0;
  for (const entry of one) {
    for (
      let smaller = other[next];
      smaller !== undefined && byName(smaller, entry) < 0;
      smaller = other[next]
    ) {
      all.push(smaller);
      next += 1;
    }
    all.push(entry);
  }
  for (; next < other.length; next += 1) {
    const entry = other[next];
    if (entry !== undefined) all.push(entry);
  }
  return all;
}

function byName(one: FleetEntry, other: FleetEntry): number {
  if (one.endpointName === other.endpointName) return 0;
  return one.endpointName < other.endpointName ? -1 : 1;
}

function isThere({ isGone }: FleetEntry): boolean {
  return !isGone;
}
