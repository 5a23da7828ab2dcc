import type { DatabaseSync, StatementSync } from 'node:sqlite';

/** Pages that are given back at one time, 4 MiB: what is behind them in the file has to be moved. */
const pagesGivenBack = 1000;

/** How much room a database takes on the disk. */
export class DatabasePages {
  readonly #database: DatabaseSync;
  readonly #pageSize: number;
  readonly #pageCount: StatementSync;
  readonly #freePageCount: StatementSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#pageSize = Number(database.prepare('PRAGMA page_size').get()?.['page_size']);
    this.#pageCount = database.prepare('PRAGMA page_count');
    this.#freePageCount = database.prepare('PRAGMA freelist_count');
  }

  /** Bytes of the pages with something on them. */
  get used(): number {
    return (this.#all() - this.#free()) * this.#pageSize;
  }

  /** Gives some free pages of a file that is larger than so many bytes back; those of a smaller one are used again. */
  giveBack(size: number): void {
    if (this.#free() > 0 && this.#all() * this.#pageSize > size)
      this.#database.exec(`PRAGMA incremental_vacuum(${pagesGivenBack})`);
  }

  #all(): number {
    return Number(this.#pageCount.get()?.['page_count']);
  }

  #free(): number {
    return Number(this.#freePageCount.get()?.['freelist_count']);
  }
}
