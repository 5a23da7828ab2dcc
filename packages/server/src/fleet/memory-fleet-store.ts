import type { FleetRecord, FleetStore } from './fleet-store.ts';

/** A fleet store that forgets everything with the process. */
export class MemoryFleetStore implements FleetStore {
  readonly #records = new Map<string, FleetRecord>();

  all(): Iterable<FleetRecord> {
    return [...this.#records.values()];
  }

  put(records: readonly FleetRecord[]): void {
    for (const record of records) this.#records.set(record.endpointName, record);
  }

  remove(endpointName: string): boolean {
    return this.#records.delete(endpointName);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}
