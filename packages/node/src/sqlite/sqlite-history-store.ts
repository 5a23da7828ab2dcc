import type { DatabaseSync } from 'node:sqlite';

import { type Instant, instantFrom, type Milliseconds } from '@dunlin/base';
import { stringifyJsonExactly, valueToJson } from '@dunlin/lwm2m';
import {
  comparePathTexts,
  bucketsOf,
  type HistoryBucket,
  type HistoryLimits,
  historyLimitsDefaults,
  type HistoryRange,
  type HistorySample,
  type HistorySeries,
  type HistoryStore,
  type NewHistorySample,
} from '@dunlin/server';

import { historyMigrations, HistoryStatements } from './history-statements.ts';
import { openDatabase } from './open-database.ts';

export interface SqliteHistoryStoreOptions {
  /** The file; its folder is made when there is none. */
  readonly path: string;
  readonly limits?: Readonly<Partial<HistoryLimits>> | undefined;
  /** Told what could not be written, and is lost. */
  readonly onError?: (error: unknown) => void;
}

/** How long samples may wait to be written, and how many are written in one turn, so that nothing else is held up. */
const writeDelay = 500;
const writesPerTurn = 2000;

/** Samples that wait to be written: some seconds of the busiest fleet. With more, they are written at once. */
const maxUnwritten = 50_000;

/** Series that are looked through in one sweep. */
const seriesPerSweep = 1000;

/** Ids of series that are remembered; with more they are looked up anew. */
const maxKnownSeries = 200_000;

/** Opens the history in an SQLite file, for this process alone. Rejects with a `StorageError`. */
export function sqliteHistoryStore(options: Readonly<SqliteHistoryStoreOptions>): Promise<HistoryStore> {
  // `Promise.try` turns what is thrown into a rejection.
  return Promise.try(() => new SqliteHistoryStore(options));
}

class SqliteHistoryStore implements HistoryStore {
  readonly #database: DatabaseSync;
  readonly #statements: HistoryStatements;
  readonly #limits: HistoryLimits;
  readonly #onError: (error: unknown) => void;
  readonly #known = new Map<string, number>();
  /** How many samples came to a series since it was last cut to its size. */
  readonly #grown = new Map<number, number>();
  #unwritten: NewHistorySample[] = [];
  #timer: NodeJS.Timeout | undefined;
  #swept = 0;

  constructor({ path, limits = {}, onError = () => undefined }: Readonly<SqliteHistoryStoreOptions>) {
    this.#limits = { ...historyLimitsDefaults, ...limits };
    this.#onError = onError;
    this.#database = openDatabase(path, historyMigrations);
    this.#statements = new HistoryStatements(this.#database);
  }

  append(samples: readonly NewHistorySample[]): void {
    this.#unwritten.push(...samples);
    if (this.#unwritten.length > maxUnwritten) this.#write(Infinity);
    this.#timer ??= setTimeout(() => this.#onTimer(), writeDelay);
  }

  samples({ endpointName, path, from, to }: HistoryRange, limit: number): readonly HistorySample[] {
    const series = this.#seriesToRead(endpointName, path);
    return series === undefined ? [] : this.#statements.select(series, from, to).take(limit).toArray();
  }

  buckets({ endpointName, path, from, to }: HistoryRange, length: Milliseconds): readonly HistoryBucket[] {
    const series = this.#seriesToRead(endpointName, path);
    return series === undefined ? [] : bucketsOf(this.#statements.select(series, from, to), length);
  }

  series(endpointName: string): readonly HistorySeries[] {
    this.#write(Infinity);
    return this.#statements
      .seriesOf(endpointName)
      .toSorted((one, other) => comparePathTexts(one.path, other.path));
  }

  remove(endpointName: string): void {
    this.#unwritten = this.#unwritten.filter((sample) => sample.endpointName !== endpointName);
    this.#transact(() => this.#statements.deleteDevice(endpointName));
    this.#known.clear();
  }

  sweep(now: Instant): void {
    this.#write(Infinity);
    const oldest = instantFrom(now - this.#limits.age);
    this.#transact(() => {
      const ids = this.#statements.seriesAfter(this.#swept, seriesPerSweep);
      let hasDeleted = false;
      for (const id of ids) hasDeleted = this.#statements.deleteOld(id, oldest) || hasDeleted;
      this.#swept = ids.length < seriesPerSweep ? 0 : (ids.at(-1) ?? 0);
      if (hasDeleted) this.#known.clear();
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#timer);
    if (this.#database.isOpen) {
      this.#write(Infinity);
      this.#database.close();
    }
    return Promise.resolve();
  }

  #onTimer(): void {
    this.#timer = undefined;
    this.#write(writesPerTurn);
    if (this.#unwritten.length > 0) this.#timer = setTimeout(() => this.#onTimer(), 1);
  }

  /** Writes the oldest of what waits. What fails is told and lost: a history that stalls the server is worth less. */
  #write(limit: number): void {
    if (this.#unwritten.length === 0) return;
    const samples = this.#unwritten.splice(0, Math.min(limit, this.#unwritten.length));
    try {
      this.#transact(() => {
        for (const sample of samples) this.#insert(sample);
      });
    } catch (error) {
      this.#known.clear();
      this.#onError(error);
    }
  }

  #insert(sample: NewHistorySample): void {
    const { type, value, endpointName, path } = sample;
    if (stringifyJsonExactly(valueToJson(type, value)).length > this.#limits.valueLength) return;
    const series = this.#seriesOf(endpointName, path);
    if (series === undefined) return;
    this.#statements.insert(series, sample);
    const grown = (this.#grown.get(series) ?? this.#limits.samplesPerPath) + 1;
    // Counting from the end of a long series takes its length: it is done once for a tenth of it.
    if (grown < this.#limits.samplesPerPath / 10) {
      this.#grown.set(series, grown);
      return;
    }
    this.#statements.deleteSurplus(series, this.#limits.samplesPerPath);
    this.#grown.set(series, 0);
  }

  #seriesToRead(endpointName: string, path: string): number | undefined {
    this.#write(Infinity);
    return this.#statements.findSeries(endpointName, path);
  }

  /** `undefined` for one that there is no room for. */
  #seriesOf(endpointName: string, path: string): number | undefined {
    const key = `${endpointName}\n${path}`;
    const known = this.#known.get(key) ?? this.#statements.findSeries(endpointName, path);
    const isFull =
      known === undefined && this.#statements.countSeries(endpointName) >= this.#limits.pathsPerDevice;
    if (isFull) return undefined;
    const series = known ?? this.#statements.addSeries(endpointName, path);
    if (this.#known.size >= maxKnownSeries) {
      this.#known.clear();
      this.#grown.clear();
    }
    this.#known.set(key, series);
    return series;
  }

  #transact(write: () => void): void {
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      write();
      this.#database.exec('COMMIT');
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      throw error;
    }
  }
}
