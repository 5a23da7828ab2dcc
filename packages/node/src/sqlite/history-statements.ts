import type { DatabaseSync, SQLOutputValue, StatementSync } from 'node:sqlite';

import { type Instant, instantFrom, StorageError } from '@dunlin/base';
import {
  type DataType,
  dataTypes,
  isFormatFailure,
  parseJsonExactly,
  stringifyJsonExactly,
  valueFromJson,
  valueToJson,
} from '@dunlin/lwm2m';
import type { HistorySample, HistorySeries, NewHistorySample } from '@dunlin/server';

export const historyMigrations: readonly string[] = [
  `CREATE TABLE series (
     id INTEGER PRIMARY KEY,
     endpoint TEXT NOT NULL,
     path TEXT NOT NULL,
     UNIQUE (endpoint, path)
   ) STRICT;
   CREATE TABLE sample (
     series INTEGER NOT NULL,
     at INTEGER NOT NULL,
     kind INTEGER NOT NULL,
     value ANY NOT NULL,
     PRIMARY KEY (series, at)
   ) STRICT, WITHOUT ROWID`,
  // The oldest of all series go first: without an index each would have to be asked for its own.
  `CREATE INDEX sample_at ON sample (at)`,
];

const origins = ['read', 'notified', 'written'] as const;

/** Samples that were taken out. */
export interface DeletedSamples {
  readonly count: number;
  /** The time of the newest of them. */
  readonly newest: Instant | undefined;
  /** Whether there are series with none left, whose ids are no longer good. */
  readonly hasEndedSeries: boolean;
}

/** What is written to and read from the history; writes only within a transaction. */
export class HistoryStatements {
  readonly #findSeries: StatementSync;
  readonly #insertSeries: StatementSync;
  readonly #countSeries: StatementSync;
  readonly #seriesOf: StatementSync;
  readonly #deleteSeries: StatementSync;
  readonly #insert: StatementSync;
  readonly #select: StatementSync;
  readonly #first: StatementSync;
  readonly #last: StatementSync;
  readonly #oldest: StatementSync;
  readonly #delete: StatementSync;
  readonly #deleteSurplus: StatementSync;
  readonly #deleteAll: StatementSync;

  constructor(database: DatabaseSync) {
    this.#findSeries = database.prepare('SELECT id FROM series WHERE endpoint = ? AND path = ?');
    this.#insertSeries = database.prepare('INSERT INTO series (endpoint, path) VALUES (?, ?)');
    this.#countSeries = database.prepare('SELECT count(*) AS count FROM series WHERE endpoint = ?');
    this.#seriesOf = database.prepare('SELECT id, path FROM series WHERE endpoint = ?');
    this.#deleteSeries = database.prepare('DELETE FROM series WHERE id = ?');
    this.#insert = database.prepare('INSERT OR REPLACE INTO sample VALUES (?, ?, ?, ?)');
    this.#select = database.prepare(
      'SELECT at, kind, value FROM sample WHERE series = ? AND at >= ? AND at < ? ORDER BY at',
    );
    this.#first = database.prepare('SELECT at, kind, value FROM sample WHERE series = ? ORDER BY at LIMIT 1');
    this.#last = database.prepare(
      'SELECT at, kind, value FROM sample WHERE series = ? ORDER BY at DESC LIMIT 1',
    );
    this.#oldest = database.prepare('SELECT series, at FROM sample WHERE at < ? ORDER BY at LIMIT ?');
    this.#delete = database.prepare('DELETE FROM sample WHERE series = ? AND at = ?');
    this.#deleteSurplus = database.prepare(
      `DELETE FROM sample WHERE series = ?1 AND at <=
         (SELECT at FROM sample WHERE series = ?1 ORDER BY at DESC LIMIT 1 OFFSET ?2)`,
    );
    this.#deleteAll = database.prepare('DELETE FROM sample WHERE series = ?');
  }

  findSeries(endpointName: string, path: string): number | undefined {
    const row = this.#findSeries.get(endpointName, path);
    return row === undefined ? undefined : Number(row['id']);
  }

  addSeries(endpointName: string, path: string): number {
    return Number(this.#insertSeries.run(endpointName, path).lastInsertRowid);
  }

  countSeries(endpointName: string): number {
    return Number(this.#countSeries.get(endpointName)?.['count']);
  }

  seriesOf(endpointName: string): readonly HistorySeries[] {
    return this.#seriesOf.all(endpointName).flatMap(({ id = 0, path }) => {
      const first = this.#first.get(id);
      const last = this.#last.get(id);
      if (first === undefined || last === undefined) return [];
      const newest = sampleOf(last);
      return [{ path: String(path), type: newest.type, first: instantOf(first), last: newest.at }];
    });
  }

  insert(series: number, { at, type, value, origin }: NewHistorySample): void {
    const kind = dataTypes.indexOf(type) * 4 + origins.indexOf(origin);
    this.#insert.run(series, Math.round(at), kind, storedValue(type, value));
  }

  *select(series: number, from: Instant, to: Instant): Generator<HistorySample, void, void> {
    for (const row of this.#select.iterate(series, Math.ceil(from), Math.ceil(to))) yield sampleOf(row);
  }

  /** Takes the oldest samples of all series out, at most `limit`, and series of which none is left. */
  deleteOldest(before: Instant, limit: number): DeletedSamples {
    const rows = this.#oldest.all(Math.ceil(before), limit);
    for (const { series = 0, at = 0 } of rows) this.#delete.run(series, at);
    let hasEndedSeries = false;
    for (const series of new Set(rows.map(({ series: id = 0 }) => id))) {
      if (this.#first.get(series) !== undefined) continue;
      this.#deleteSeries.run(series);
      hasEndedSeries = true;
    }
    const newest = rows.at(-1);
    return { count: rows.length, newest: newest && instantOf(newest), hasEndedSeries };
  }

  deleteSurplus(series: number, keep: number): void {
    this.#deleteSurplus.run(series, keep);
  }

  deleteDevice(endpointName: string): void {
    for (const { id = 0 } of this.#seriesOf.all(endpointName)) {
      this.#deleteAll.run(id);
      this.#deleteSeries.run(id);
    }
  }
}

/** Numbers and booleans of everyday size take few bytes; everything else is JSON. */
function storedValue(type: DataType, value: HistorySample['value']): number | string {
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  return stringifyJsonExactly(valueToJson(type, value));
}

type Row = Readonly<Record<string, SQLOutputValue>>;

function sampleOf(row: Row): HistorySample {
  const kind = Number(row['kind']);
  const type = dataTypes[kind >> 2];
  const origin = origins[kind & 3];
  if (type === undefined || origin === undefined) throw damaged();
  return { at: instantOf(row), type, value: valueOf(type, row['value']), origin };
}

function valueOf(type: DataType, stored: SQLOutputValue | undefined): HistorySample['value'] {
  if (typeof stored === 'number') return type === 'boolean' ? stored !== 0 : stored;
  const json = typeof stored === 'string' ? parseJsonExactly(stored) : undefined;
  if (json === undefined || isFormatFailure(json)) throw damaged();
  const value = valueFromJson(type, json);
  if (isFormatFailure(value)) throw damaged();
  return value;
}

function instantOf(row: Row): Instant {
  return instantFrom(Number(row['at']));
}

function damaged(): StorageError {
  return new StorageError('the history database is damaged: a sample is none');
}
