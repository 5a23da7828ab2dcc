import type { DatabaseSync, SQLOutputValue, StatementSync } from 'node:sqlite';

import { instantFrom, StorageError } from '@dunlin/base';
import type { FleetRecord, FleetStore } from '@dunlin/server';

import type { Probed } from '../probed.ts';
import { openDatabase } from './open-database.ts';
import { probeDatabase } from './probe-database.ts';

/** Where the facts about a fleet are kept. */
export interface SqliteFleetStoreOptions {
  /** The file; its folder is made when there is none. */
  readonly path: string;
}

const migrations = [
  `CREATE TABLE device (
     endpoint TEXT PRIMARY KEY,
     tags TEXT NOT NULL,
     manufacturer TEXT,
     model TEXT,
     firmware TEXT,
     facts_at INTEGER,
     first_seen INTEGER NOT NULL,
     last_seen INTEGER NOT NULL,
     last_registration TEXT
   ) STRICT, WITHOUT ROWID`,
];

/** Opens what makes a fleet searchable in an SQLite file, for this process alone. Rejects with a `StorageError`. */
export function sqliteFleetStore(options: Readonly<SqliteFleetStoreOptions>): Promise<FleetStore & Probed> {
  // `Promise.try` turns what is thrown into a rejection.
  return Promise.try(() => new SqliteFleetStore(options));
}

class SqliteFleetStore implements FleetStore, Probed {
  readonly #database: DatabaseSync;
  readonly #put: StatementSync;
  readonly #remove: StatementSync;
  readonly #all: StatementSync;

  constructor({ path }: SqliteFleetStoreOptions) {
    this.#database = openDatabase(path, migrations);
    this.#put = this.#database.prepare(`INSERT OR REPLACE INTO device VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`);
    this.#remove = this.#database.prepare('DELETE FROM device WHERE endpoint = ?');
    this.#all = this.#database.prepare('SELECT * FROM device');
  }

  *all(): Generator<FleetRecord, void, void> {
    for (const row of this.#all.iterate()) yield recordOf(row);
  }

  put(records: readonly FleetRecord[]): void {
    this.#told(() => {
      this.#database.exec('BEGIN IMMEDIATE');
      for (const record of records) this.#put.run(...columnsOf(record));
      this.#database.exec('COMMIT');
    });
  }

  remove(endpointName: string): boolean {
    return this.#told(() => this.#remove.run(endpointName).changes > 0);
  }

  probe(): Promise<void> {
    return Promise.try(() => this.#told(() => probeDatabase(this.#database)));
  }

  [Symbol.asyncDispose](): Promise<void> {
    if (this.#database.isOpen) this.#database.close();
    return Promise.resolve();
  }

  #told<T>(write: () => T): T {
    try {
      return write();
    } catch (error) {
      if (this.#database.isOpen && this.#database.isTransaction) this.#database.exec('ROLLBACK');
      const reason = error instanceof Error ? error.message : String(error);
      throw new StorageError(`the fleet database did not take a change: ${reason}`, { cause: error });
    }
  }
}

function columnsOf(record: FleetRecord): readonly (string | number | null)[] {
  const { endpointName, tags, manufacturer, modelNumber, firmwareVersion } = record;
  const { factsAt, firstSeen, lastSeen, lastRegistration } = record;
  const facts = [manufacturer ?? null, modelNumber ?? null, firmwareVersion ?? null];
  const times = [factsAt, firstSeen, lastSeen].map((time) => (time === undefined ? null : Math.round(time)));
  return [endpointName, JSON.stringify(tags), ...facts, ...times, lastRegistration ?? null];
}

type Row = Readonly<Record<string, SQLOutputValue>>;

function recordOf(row: Row): FleetRecord {
  const manufacturer = textIn(row, 'manufacturer');
  const modelNumber = textIn(row, 'model');
  const firmwareVersion = textIn(row, 'firmware');
  const factsAt = row['facts_at'];
  const lastRegistration = textIn(row, 'last_registration');
  return {
    endpointName: textIn(row, 'endpoint') ?? '',
    tags: tagsIn(textIn(row, 'tags') ?? '[]'),
    ...(manufacturer === undefined ? {} : { manufacturer }),
    ...(modelNumber === undefined ? {} : { modelNumber }),
    ...(firmwareVersion === undefined ? {} : { firmwareVersion }),
    ...(factsAt === null ? {} : { factsAt: instantFrom(Number(factsAt)) }),
    firstSeen: instantFrom(Number(row['first_seen'])),
    lastSeen: instantFrom(Number(row['last_seen'])),
    ...(lastRegistration === undefined ? {} : { lastRegistration }),
  };
}

function textIn(row: Row, column: string): string | undefined {
  const value = row[column];
  return typeof value === 'string' ? value : undefined;
}

function tagsIn(text: string): readonly string[] {
  const tags: unknown = JSON.parse(text);
  return Array.isArray(tags) ? tags.filter((tag) => typeof tag === 'string') : [];
}
