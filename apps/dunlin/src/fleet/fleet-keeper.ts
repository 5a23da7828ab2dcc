import type { FleetRecord, FleetStore } from '@dunlin/server';

import type { FleetEntry } from './fleet-entry.ts';

/** How long a change may wait to be written, and how many are written in one transaction, so that nothing is held up. */
const delay = 1000;
const recordsPerTransaction = 1000;

/** Keeps what changes of a fleet: of several changes of one device within a second only the last is written. */
export class FleetKeeper implements AsyncDisposable {
  readonly #store: FleetStore;
  readonly #onError: (error: unknown) => void;
  readonly #changed = new Set<FleetEntry>();
  #timer: NodeJS.Timeout | undefined;

  constructor(store: FleetStore, onError: (error: unknown) => void) {
    this.#store = store;
    this.#onError = onError;
  }

  /** An entry has changed: it is written within a second or so. */
  changed(entry: FleetEntry): void {
    this.#changed.add(entry);
    this.#timer ??= setTimeout(() => this.#write(), delay);
  }

  /** Writes an entry now. Durable when it resolves; rejects with a `StorageError`. */
  async keep(entry: FleetEntry): Promise<void> {
    await this.#store.put([recordOf(entry)]);
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
      .catch((error: unknown) => this.#onError(error));
  }

  /** True unless the store failed, which is told; what was to be written stays to be. */
  async #writeSome(): Promise<boolean> {
    const entries = [...this.#changed.values().take(recordsPerTransaction)];
    for (const entry of entries) this.#changed.delete(entry);
    try {
      await this.#store.put(entries.filter(({ isGone }) => !isGone).map(recordOf));
      return true;
    } catch (error) {
      for (const entry of entries) this.#changed.add(entry);
      this.#onError(error);
      return false;
    }
  }
}

function recordOf(entry: FleetEntry): FleetRecord {
  const { endpointName, tags, facts, factsAt, firstSeen, lastSeen, lastRegistration } = entry;
  return { endpointName, tags, ...facts, factsAt, firstSeen, lastSeen, lastRegistration };
}
