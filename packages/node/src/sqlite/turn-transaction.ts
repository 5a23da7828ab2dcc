import type { DatabaseSync, StatementSync } from 'node:sqlite';

import { StorageError } from '@dunlin/base';

interface Waiter {
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Writes of one turn of the event loop as one transaction. Each runs at once, so that whoever reads on the same
 * connection sees it, and resolves when it is committed. One that fails undoes itself only; a commit that fails
 * undoes and rejects them all.
 */
export class TurnTransaction {
  readonly #database: DatabaseSync;
  readonly #onRollback: () => void;
  readonly #begin: StatementSync;
  readonly #savepoint: StatementSync;
  readonly #release: StatementSync;
  #waiters: Waiter[] = [];
  #isOpen = false;

  /** `onRollback` hears that nothing of a turn was written after all, before the writers do. */
  constructor(database: DatabaseSync, onRollback: () => void) {
    this.#database = database;
    this.#onRollback = onRollback;
    this.#begin = database.prepare('BEGIN IMMEDIATE');
    this.#savepoint = database.prepare('SAVEPOINT one_write');
    this.#release = database.prepare('RELEASE one_write');
  }

  /** Resolves with what `run` gives when that is committed; rejects with a `StorageError`. */
  async write<T>(run: () => T): Promise<T> {
    const result = this.#run(run);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#waiters.push({ resolve, reject });
    await promise;
    return result;
  }

  /** Commits what this turn wrote, now. */
  commit(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    const waiters = this.#waiters;
    this.#waiters = [];
    try {
      this.#database.exec('COMMIT');
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      this.#onRollback();
      for (const { reject } of waiters) reject(failure(error));
      return;
    }
    for (const { resolve } of waiters) resolve();
  }

  #run<T>(run: () => T): T {
    try {
      if (!this.#isOpen) {
        this.#begin.run();
        this.#isOpen = true;
        setImmediate(() => this.commit());
      }
      this.#savepoint.run();
    } catch (error) {
      throw failure(error);
    }
    try {
      const result = run();
      this.#release.run();
      return result;
    } catch (error) {
      // A failure such as a full disk may have undone the whole transaction already.
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK TO one_write; RELEASE one_write');
      throw failure(error);
    }
  }
}

function failure(error: unknown): StorageError {
  if (error instanceof StorageError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new StorageError(`the device database did not take a change: ${reason}`, { cause: error });
}
