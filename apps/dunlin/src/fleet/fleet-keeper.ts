import type { FleetRecord, FleetStore } from '@dunlin/server';

import type { FleetEntry } from './fleet-entry.ts';

/** How long a change may wait to be written, and how many are written in one transaction, so that nothing is held up. */
const delay = 1000;
const recordsPerTransaction = 1000;

export interface FleetKeeperOptions {
  /** What would be shown of a registration if it had ended now; `undefined` when there is none. */
  readonly describe: (endpointName: string) => Promise<string | undefined>;
  /** Told what could not be written; it is tried again. */
  readonly onError: (error: unknown) => void;
}

/** Keeps what changes of a fleet: of several changes of one device within a second only the last is written. */
export class FleetKeeper implements AsyncDisposable {
  readonly #store: FleetStore;
  readonly #options: FleetKeeperOptions;
  readonly #changed = new Set<FleetEntry>();
  #timer: NodeJS.Timeout | undefined;

  constructor(store: FleetStore, options: FleetKeeperOptions) {
    this.#store = store;
    this.#options = options;
  }

  /** An entry has changed: it is written within a second or so. */
  changed(entry: FleetEntry): void {
    this.#changed.add(entry);
    this.#timer ??= setTimeout(() => this.#write(), delay);
  }

  /** Writes an entry now. Durable when it resolves; rejects with a `StorageError`. */
  async keep(entry: FleetEntry): Promise<void> {
    await this.#store.put([await this.#recordOf(entry)]);
    this.#changed.delete(entry);
  }

  async remove(endpointName: string): Promise<void> {
    for (const entry of this.#changed)
      if (entry.endpointName === endpointName && entry.isGone) this.#changed.delete(entry);
    await this.#store.remove(endpointName);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#timer);
    while (this.#changed.size > 0) if (!(await this.#writeSome())) break;
    await this.#store[Symbol.asyncDispose]();
  }

  #write(): void {
    this.#timer = undefined;
    this.#writeSome()
      .then((isWritten) => {
        if (this.#changed.size > 0) this.#timer ??= setTimeout(() => this.#write(), isWritten ? 1 : delay);
        return undefined;
      })
      .catch((error: unknown) => this.#options.onError(error));
  }

  /** True unless the store failed, which is told; what was to be written stays to be. */
  async #writeSome(): Promise<boolean> {
    const entries = [...this.#changed.values().take(recordsPerTransaction)];
    for (const entry of entries) this.#changed.delete(entry);
    try {
      const records: FleetRecord[] = [];
      for (const entry of entries) if (!entry.isGone) records.push(await this.#recordOf(entry));
      await this.#store.put(records);
      return true;
    } catch (error) {
      for (const entry of entries) this.#changed.add(entry);
      this.#options.onError(error);
      return false;
    }
  }

  /** A registration that is there is kept too: its end may come while this process is not there to see it. */
  async #recordOf(entry: FleetEntry): Promise<FleetRecord> {
    const { endpointName, tags, facts, factsAt, firstSeen, lastSeen, isRegistered } = entry;
    const lastRegistration = isRegistered
      ? await this.#options.describe(endpointName)
      : entry.lastRegistration;
    return { endpointName, tags, ...facts, factsAt, firstSeen, lastSeen, lastRegistration };
  }
}
