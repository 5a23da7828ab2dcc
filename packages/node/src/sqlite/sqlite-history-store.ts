import type { DatabaseSync } from 'node:sqlite';

import { type Instant, instantFrom, type Milliseconds, StorageError } from '@dunlin/base';
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

import type { Probed } from '../probed.ts';
import { DatabasePages } from './database-pages.ts';
import { type DeletedSamples, historyMigrations, HistoryStatements } from './history-statements.ts';
import { isDiskFailure, openDatabase } from './open-database.ts';
import { probeDatabase } from './probe-database.ts';

/** Where the history of values is kept, and how much of it. */
export interface SqliteHistoryStoreOptions {
  /** The file; its folder is made when there is none. */
  readonly path: string;
  readonly limits?: Readonly<Partial<HistoryLimits>> | undefined;
  /** Bytes that all samples together may take on the disk; the oldest go first. Default 2 GiB. */
  readonly maxSize?: number | undefined;
  /**
   * Told what could not be written. While the disk takes nothing, samples are kept for when it does again: the newest 50,000;
   * others are lost.
   */
  readonly onError?: (error: unknown) => void;
  /** Told what was taken out before its age, since there was no room for it. */
  readonly onShortened?: (shortened: HistoryShortened) => void;
}

/** Samples that were taken out before their age, since all together took too much room. */
export interface HistoryShortened {
  readonly count: number;
  /** The time of the newest of them: what is older is gone, of whatever device. */
  readonly until: Instant;
}

/** A history in a file. */
export interface SqliteHistory extends HistoryStore, Probed {
  /** Bytes that it takes on the disk, room that is free for new samples not counted. */
  readonly size: number;
}

/** About 45 bytes a sample: a month of a thousand devices that say something every minute, on the disk of a small gateway. */
export const historyMaxSizeDefault: number = 2 * 1024 ** 3;

/** How long samples may wait to be written, and how many are written in one turn, so that nothing else is held up. */
const writeDelay = 500;
const writesPerTurn = 2000;

/**
 * Samples that wait to be written: some seconds of the busiest fleet. With more, they are written at once, and while that is not
 * possible the oldest of them are lost.
 */
const maxUnwritten = 50_000;

/**
 * The part of its room at which a history begins to take out twice as many samples as come. Pages are free only when all on
 * them are gone, so that it takes a while until taking out gives room, and new samples need pages at once.
 */
const fullAt = 7 / 8;

/** After every time that a clock shows. */
const latest = instantFrom(Number.MAX_SAFE_INTEGER);

/** Ids of series that are remembered; with more they are looked up anew. */
const maxKnownSeries = 200_000;

/** Opens the history in an SQLite file, for this process alone. Rejects with a `StorageError`. */
export function sqliteHistoryStore(options: Readonly<SqliteHistoryStoreOptions>): Promise<SqliteHistory> {
  // `Promise.try` turns what is thrown into a rejection.
  return Promise.try(() => new SqliteHistoryStore(options));
}

class SqliteHistoryStore implements SqliteHistory {
  readonly #database: DatabaseSync;
  readonly #pages: DatabasePages;
  readonly #statements: HistoryStatements;
  readonly #maxSize: number;
  readonly #limits: HistoryLimits;
  readonly #onError: (error: unknown) => void;
  readonly #onShortened: (shortened: HistoryShortened) => void;
  readonly #known = new Map<string, number>();
  /** How many samples came to a series since it was last cut to its size. */
  readonly #grown = new Map<number, number>();
  #unwritten: NewHistorySample[] = [];
  #timer: NodeJS.Timeout | undefined;
  /** What is older is too old. */
  #oldest = instantFrom(0);
  #hasMoreToTakeOut = false;
  /** Whether the disk took nothing when it was tried last. */
  #isStuck = false;

  constructor(options: Readonly<SqliteHistoryStoreOptions>) {
    this.#limits = { ...historyLimitsDefaults, ...options.limits };
    this.#maxSize = options.maxSize ?? historyMaxSizeDefault;
    this.#onError = options.onError ?? (() => undefined);
    this.#onShortened = options.onShortened ?? (() => undefined);
    this.#database = openDatabase(options.path, historyMigrations, { givesSpaceBack: true });
    this.#pages = new DatabasePages(this.#database);
    this.#statements = new HistoryStatements(this.#database);
  }

  get size(): number {
    return this.#pages.used;
  }

  append(samples: readonly NewHistorySample[]): void {
    this.#unwritten.push(...samples);
    const surplus = this.#unwritten.length - maxUnwritten;
    if (surplus > 0 && this.#isStuck) this.#unwritten.splice(0, surplus);
    else if (surplus > 0) this.#write(Infinity);
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
    this.#oldest = instantFrom(now - this.#limits.age);
    this.#hasMoreToTakeOut = true;
    this.#write(Infinity);
    this.#transact(() => this.#pages.giveBack(this.#maxSize));
  }

  probe(): Promise<void> {
    return Promise.try(() => {
      try {
        probeDatabase(this.#database);
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        throw new StorageError(`the history did not take a change: ${reason}`, { cause: error });
      }
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    if (this.#database.isOpen) {
      this.#write(Infinity);
      this.#database.close();
    }
    clearTimeout(this.#timer);
    return Promise.resolve();
  }

  #onTimer(): void {
    this.#timer = undefined;
    this.#write(writesPerTurn);
    if (this.#unwritten.length > 0) this.#goOn();
  }

  #goOn(): void {
    this.#timer ??= setTimeout(() => this.#onTimer(), this.#isStuck ? writeDelay : 1);
  }

  /**
   * Writes the oldest of what waits. What fails is told, and lost unless it is the disk that takes nothing: a history that
   * stalls the server is worth less.
   */
  #write(limit: number): void {
    if (this.#unwritten.length === 0 && !this.#hasMoreToTakeOut) return;
    const samples = this.#unwritten.splice(0, Math.min(limit, this.#unwritten.length));
    try {
      const shortened = this.#transact(() => {
        for (const sample of samples) this.#insert(sample);
        return this.#takeOut(samples.length);
      });
      this.#isStuck = false;
      if (shortened !== undefined) this.#onShortened(shortened);
      if (this.#hasMoreToTakeOut) this.#goOn();
    } catch (error) {
      this.#known.clear();
      this.#isStuck = isDiskFailure(error);
      if (this.#isStuck) this.#unwritten = [...samples, ...this.#unwritten].slice(-maxUnwritten);
      this.#onError(error);
    }
  }

  /** Takes some of what is too old out, then of the oldest when there is too little room after so many were written. */
  #takeOut(written: number): HistoryShortened | undefined {
    const old = this.#deleteOldest(this.#oldest, writesPerTurn);
    const isTooLarge = this.size > this.#maxSize;
    const surplus = isTooLarge ? writesPerTurn * 2 : Math.min(written, writesPerTurn) * 2;
    const others =
      this.size > this.#maxSize * fullAt && old.count < surplus
        ? this.#deleteOldest(latest, surplus - old.count)
        : undefined;
    this.#hasMoreToTakeOut = old.count === writesPerTurn || (isTooLarge && (others?.count ?? 0) > 0);
    return others?.newest && { count: others.count, until: others.newest };
  }

  #deleteOldest(before: Instant, limit: number): DeletedSamples {
    const deleted = this.#statements.deleteOldest(before, limit);
    if (deleted.hasEndedSeries) this.#known.clear();
    return deleted;
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

  #transact<T>(write: () => T): T {
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      const result = write();
      this.#database.exec('COMMIT');
      return result;
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      throw error;
    }
  }
}
