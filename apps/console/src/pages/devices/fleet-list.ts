import type { DevicePage, DeviceQuery, DeviceSummary, ServerEvent } from '@dunlin/api';

/** A device as it is listed; one that is gone stays where it was until the list is asked for anew. */
export interface FleetRow {
  readonly device: DeviceSummary;
  readonly isGone: boolean;
}

/** What the list shows. */
export interface FleetState {
  readonly rows: readonly FleetRow[];
  /** True when there are no more than `rows`. */
  readonly isAll: boolean;
  readonly isLoading: boolean;
  readonly failure: unknown;
  /** How many devices registered that would be among the rows, were the list asked for anew. */
  readonly newcomers: number;
}

/** Where pages of devices come from. */
export interface FleetOrigin {
  devices(query: Readonly<DeviceQuery>, options: { readonly signal: AbortSignal }): Promise<DevicePage>;
}

/** Devices asked for at once: several screens, and an answer of a few hundred kilobytes. */
const pageLength = 200;

const emptyState: FleetState = { rows: [], isAll: false, isLoading: true, failure: undefined, newcomers: 0 };

/**
 * The devices that fit a filter, page by page as they are scrolled to, and live: rows change in place and never
 * move, so that nobody presses beside what he aimed at. Newcomers wait until they are asked for.
 */
export class FleetList implements Disposable {
  readonly #origin: FleetOrigin;
  readonly #query: DeviceQuery;
  readonly #listeners = new Set<() => void>();
  #state: FleetState = emptyState;
  #next: string | null = null;
  #indices = new Map<string, number>();
  #newcomers = new Set<string>();
  #loading = new AbortController();

  constructor(origin: FleetOrigin, query: Readonly<DeviceQuery>) {
    this.#origin = origin;
    this.#query = query;
  }

  get state(): FleetState {
    return this.#state;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  [Symbol.dispose](): void {
    this.#loading.abort();
    this.#listeners.clear();
  }

  /** Asks for the list from its beginning, and shows as many rows as before. */
  async refresh(): Promise<void> {
    this.#loading.abort();
    this.#loading = new AbortController();
    const { signal } = this.#loading;
    const wanted = Math.max(this.#state.rows.length, 1);
    this.#change({ isLoading: true });
    const rows: FleetRow[] = [];
    try {
      let next: string | null = null;
      do {
        const page: DevicePage = await this.#page(next, signal);
        for (const device of page.devices) rows.push({ device, isGone: false });
        next = page.next;
      } while (next !== null && rows.length < wanted);
      if (signal.aborted) return;
      this.#next = next;
      this.#newcomers = new Set();
      this.#indices = new Map(rows.map(({ device }, index) => [device.endpoint, index]));
      this.#change({ rows, isAll: next === null, isLoading: false, failure: undefined, newcomers: 0 });
    } catch (error) {
      if (!signal.aborted) this.#change({ isLoading: false, failure: error });
    }
  }

  /** Appends the next page, unless there is none or it is under way. */
  async loadMore(): Promise<void> {
    const { isAll, isLoading, failure } = this.#state;
    if (isAll || isLoading || failure !== undefined) return;
    const { signal } = this.#loading;
    this.#change({ isLoading: true });
    try {
      const page = await this.#page(this.#next, signal);
      if (signal.aborted) return;
      const rows = [...this.#state.rows];
      for (const device of page.devices) {
        if (this.#indices.has(device.endpoint)) continue;
        this.#indices.set(device.endpoint, rows.length);
        this.#newcomers.delete(device.endpoint);
        rows.push({ device, isGone: false });
      }
      this.#next = page.next;
      this.#change({ rows, isAll: page.next === null, isLoading: false, newcomers: this.#newcomers.size });
    } catch (error) {
      if (!signal.aborted) this.#change({ isLoading: false, failure: error });
    }
  }

  /** Takes in what happened since the last time. */
  apply(events: readonly ServerEvent[]): void {
    let rows: FleetRow[] | undefined;
    const put = (endpoint: string, change: (row: FleetRow) => FleetRow): boolean => {
      const index = this.#indices.get(endpoint);
      const row = index === undefined ? undefined : this.#state.rows[index];
      if (index === undefined || row === undefined) return false;
      rows ??= [...this.#state.rows];
      rows[index] = change(rows[index] ?? row);
      return true;
    };
    for (const event of events) {
      if (event.type === 'registered' || event.type === 'updated') {
        const { device } = event;
        const isKnown = put(device.endpoint, () => ({ device, isGone: false }));
        if (!isKnown && event.type === 'registered') this.#newcomers.add(device.endpoint);
      } else if (event.type === 'deregistered' || event.type === 'expired') {
        this.#newcomers.delete(event.endpoint);
        put(event.endpoint, (row) => ({ ...row, isGone: true }));
      } else if (event.type === 'reset') void this.refresh();
    }
    if (rows !== undefined || this.#newcomers.size !== this.#state.newcomers) {
      this.#change({ rows: rows ?? this.#state.rows, newcomers: this.#newcomers.size });
    }
    // Where nothing is shown, nothing can jump.
    if (this.#state.rows.length === 0 && this.#newcomers.size > 0 && !this.#state.isLoading)
      void this.refresh();
  }

  #page(after: string | null, signal: AbortSignal): Promise<DevicePage> {
    const query = { ...this.#query, limit: pageLength, ...(after === null ? {} : { after }) };
    return this.#origin.devices(query, { signal });
  }

  #change(change: Partial<FleetState>): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#listeners) listener();
  }
}
