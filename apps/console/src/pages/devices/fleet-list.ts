import type { DevicePage, DeviceQuery, DeviceSummary, ServerEvent } from '@dunlin/api';

import { includesGone } from './includes-gone.ts';

/** A device as it is listed; one that is gone stays where it was until the list is asked for anew. */
export interface FleetRow {
  readonly device: DeviceSummary;
  readonly isGone: boolean;
}

/** What the list shows. */
export interface FleetState {
  /** How many devices fit; `undefined` until that is known. */
  readonly total: number | undefined;
  readonly failure: unknown;
  /** How many devices registered that would be among the rows, were the list asked for anew. */
  readonly newcomers: number;
  /** Another one whenever a row changed. */
  readonly revision: number;
}

/** Where pages of devices come from. */
export interface FleetOrigin {
  devices(query: Readonly<DeviceQuery>, options: { readonly signal: AbortSignal }): Promise<DevicePage>;
}

/** Devices asked for at once: several screens, and an answer of a few hundred kilobytes. */
const pageLength = 100;

/** Pages that are kept: all that one scrolls to and fro in, and few enough to ask for them all anew. */
const keptPages = 10;

const emptyState: FleetState = { total: undefined, failure: undefined, newcomers: 0, revision: 0 };

/**
 * The devices that fit a filter, of which only those that were lately in sight are there, and live: rows change in place and
 * never move, so that nobody presses beside what he aimed at. Newcomers wait until they are asked for.
 */
export class FleetList implements Disposable {
  readonly #origin: FleetOrigin;
  readonly #filter: string;
  readonly #listeners = new Set<() => void>();
  #state: FleetState = emptyState;
  #shown: Pages = noPages();
  /** Where answers go: what is shown, or what will be once the list that was asked for anew begins to come. */
  #latest: Pages = this.#shown;
  /** Pages that are there or on their way, those last that were in sight last. */
  #asked = new Set<number>();
  /** Devices that registered since the list was asked for anew, and are in no row. */
  #newcomers = new Set<string>();
  /** Devices that left since the list was asked for anew, and were in it: they are no newcomers when they come back. */
  #departed = new Set<string>();
  /** How many devices fitted when the list was asked for anew, and how many of the rows left since and fit no more. */
  #listed = 0;
  #gone = 0;
  #isCounting = false;
  #isCountDue = false;
  #loading = new AbortController();

  constructor(origin: FleetOrigin, filter: string) {
    this.#origin = origin;
    this.#filter = filter;
  }

  get state(): FleetState {
    return this.#state;
  }

  /** The device at a place of the list; `undefined` while it is not fetched. */
  rowAt(index: number): FleetRow | undefined {
    return this.#shown.rows.get(index);
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  [Symbol.dispose](): void {
    this.#loading.abort();
    this.#listeners.clear();
  }

  /** Asks for the list anew; rows that were in sight stay there until they are fetched again. */
  async refresh(): Promise<void> {
    this.#loading.abort();
    this.#loading = new AbortController();
    const pages = this.#asked.size === 0 ? [0] : [...this.#asked];
    this.#asked = new Set();
    this.#latest = noPages();
    await Promise.all(pages.map((page) => this.#load(page)));
  }

  /** Fetches what is missing of the rows from `first` on. */
  show(first: number, count: number): void {
    const last = Math.max(first, first + count - 1);
    for (let page = Math.floor(first / pageLength); page <= Math.floor(last / pageLength); page += 1) {
      const isThere = page * pageLength < (this.#state.total ?? 0);
      if (this.#asked.delete(page)) this.#asked.add(page);
      else if (isThere) void this.#load(page);
    }
    for (const page of this.#asked) {
      if (this.#asked.size <= keptPages) break;
      this.#forget(page);
    }
  }

  #forget(page: number): void {
    this.#asked.delete(page);
    for (const { rows, indices } of new Set([this.#shown, this.#latest])) {
      for (let index = page * pageLength; index < (page + 1) * pageLength; index += 1) {
        const endpoint = rows.get(index)?.device.endpoint;
        rows.delete(index);
        if (endpoint !== undefined && indices.get(endpoint) === index) indices.delete(endpoint);
      }
    }
  }

  /** Takes in what happened since the last time. */
  apply(events: readonly ServerEvent[]): void {
    let hasChanged = false;
    for (const event of events) {
      if (event.type === 'registered' || event.type === 'updated') {
        const { device } = event;
        if (this.#put(event.endpoint, () => ({ device, isGone: false }))) hasChanged = true;
        else if (event.type === 'registered' && this.#isNew(event)) {
          this.#newcomers.add(event.endpoint);
          this.#isCountDue = true;
        }
      } else if (event.type === 'deregistered' || event.type === 'expired') {
        if (this.#put(event.endpoint, (row) => ({ ...row, isGone: true }))) hasChanged = true;
        else if (!this.#newcomers.delete(event.endpoint)) this.#departed.add(event.endpoint);
      } else if (event.type === 'reset') void this.refresh();
    }
    if (hasChanged) this.#change({});
    this.#tellNewcomers();
  }

  /** Whether a device that is not in sight is in no row out of sight either. */
  #isNew({ endpoint, replaced }: { readonly endpoint: string; readonly replaced: boolean }): boolean {
    return this.#filter !== '' || (!this.#departed.has(endpoint) && !replaced);
  }

  #put(endpoint: string, change: (row: FleetRow) => FleetRow): boolean {
    const { rows, indices } = this.#shown;
    const index = indices.get(endpoint);
    const row = index === undefined ? undefined : rows.get(index);
    if (index === undefined || row === undefined) return false;
    const changed = change(row);
    this.#gone += Number(changed.isGone) - Number(row.isGone);
    rows.set(index, changed);
    return true;
  }

  #tellNewcomers(): void {
    // Where nothing is shown, nothing can jump.
    if (this.#state.total === 0 && this.#newcomers.size > 0) void this.refresh();
    else if (this.#filter === '') {
      if (this.#newcomers.size !== this.#state.newcomers) this.#change({ newcomers: this.#newcomers.size });
    } else if (this.#isCountDue) void this.#count();
  }

  /** Whether newcomers fit the filter only the server knows. */
  async #count(): Promise<void> {
    if (this.#isCounting) return;
    this.#isCounting = true;
    const { signal } = this.#loading;
    try {
      while (this.#isCountDue && !signal.aborted) {
        this.#isCountDue = false;
        const { total } = await this.#origin.devices({ filter: this.#filter, limit: 1 }, { signal });
        if (!signal.aborted) this.#change({ newcomers: this.#newcomersAmong(total) });
      }
    } catch (error) {
      if (!signal.aborted) this.#change({ failure: error });
    } finally {
      this.#isCounting = false;
    }
  }

  /**
   * How many of those that fit now are in no row. Pages that are fetched later come with a `total` of their own, in which
   * those that left are missing already: they are to be taken off what fitted at first, and only if they do not fit as gone.
   */
  #newcomersAmong(total: number): number {
    const left = includesGone(this.#filter) ? 0 : this.#gone;
    return Math.max(0, total - (this.#listed - left));
  }

  async #load(page: number): Promise<void> {
    const into = this.#latest;
    const { signal } = this.#loading;
    const offset = page * pageLength;
    this.#asked.add(page);
    const filter = this.#filter === '' ? {} : { filter: this.#filter };
    try {
      const { devices, total } = await this.#origin.devices(
        { ...filter, offset, limit: pageLength },
        { signal },
      );
      if (signal.aborted || !this.#asked.has(page)) return;
      let seated = 0;
      for (const [index, device] of devices.entries()) {
        seated += Number(this.#newcomers.delete(device.endpoint));
        into.rows.set(offset + index, { device, isGone: device.presence === 'gone' });
        into.indices.set(device.endpoint, offset + index);
      }
      const isAnew = into !== this.#shown;
      if (isAnew) {
        this.#shown = into;
        this.#newcomers = new Set();
        this.#departed = new Set();
        this.#isCountDue = false;
        this.#listed = total;
        this.#gone = 0;
      } else this.#listed += seated;
      const newcomers = isAnew ? 0 : Math.max(0, this.#state.newcomers - seated);
      this.#change({ total, failure: undefined, newcomers });
    } catch (error) {
      if (signal.aborted) return;
      this.#asked.delete(page);
      this.#change({ failure: error });
    }
  }

  #change(change: Partial<FleetState>): void {
    this.#state = { ...this.#state, ...change, revision: this.#state.revision + 1 };
    for (const listener of this.#listeners) listener();
  }
}

interface Pages {
  readonly rows: Map<number, FleetRow>;
  readonly indices: Map<string, number>;
}

function noPages(): Pages {
  return { rows: new Map(), indices: new Map() };
}
