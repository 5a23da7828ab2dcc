import type { DatabaseSync } from 'node:sqlite';

import { StorageError } from '@dunlin/base';

interface Write {
  readonly endpointName: string;
  readonly run: () => void;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Gathers the writes of one turn of the event loop into one transaction: under load hundreds of devices
 * share the cost of one commit. All of them succeed or all fail.
 */
export class GroupCommit {
  readonly #database: DatabaseSync;
  readonly #onRollback: (endpointNames: ReadonlySet<string>) => void;
  #waiting: Write[] = [];

  /** `onRollback` hears for which endpoints nothing was written after all, before the writers do. */
  constructor(database: DatabaseSync, onRollback: (endpointNames: ReadonlySet<string>) => void) {
    this.#database = database;
    this.#onRollback = onRollback;
  }

  /** Runs at the end of this turn; resolves when it is committed, rejects with a `StorageError`. */
  write(endpointName: string, run: () => void): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#waiting.push({ endpointName, run, resolve, reject });
    if (this.#waiting.length === 1) setImmediate(() => this.commit());
    return promise;
  }

  /** Commits what waits, now. */
  commit(): void {
    const writes = this.#waiting;
    if (writes.length === 0) return;
    this.#waiting = [];
    try {
      this.#transact(writes);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#onRollback(new Set(writes.map(({ endpointName }) => endpointName)));
      const failure = new StorageError(`the registration database did not take a change: ${reason}`, {
        cause: error,
      });
      for (const { reject } of writes) reject(failure);
      return;
    }
    for (const { resolve } of writes) resolve();
  }

  #transact(writes: readonly Write[]): void {
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      for (const { run } of writes) run();
      this.#database.exec('COMMIT');
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      throw error;
    }
  }
}
