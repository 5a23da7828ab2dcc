import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import { StorageError } from '@dunlin/base';

import { makeFolder } from '../files/make-folder.ts';

export interface OpenDatabaseOptions {
  /** Whether a file that is made now can become smaller again, step by step (`DatabasePages`). */
  readonly givesSpaceBack?: boolean;
}

/** What is left of the log beside a database after a burst of writes: four times what it mostly has. */
const logSize = 16 * 1024 * 1024;

/**
 * Opens a database file for this process alone, makes its folder when there is none, and brings its schema
 * up to date. `migrations[n]` leads from schema version n to n + 1. Throws a `StorageError` of one line that
 * says what is wrong with the file.
 */
export function openDatabase(
  path: string,
  migrations: readonly string[],
  { givesSpaceBack = false }: Readonly<OpenDatabaseOptions> = {},
): DatabaseSync {
  let database: DatabaseSync | undefined;
  try {
    if (path !== ':memory:') makeFolder(dirname(path));
    database = new DatabaseSync(path);
    // The rows are also in memory, which only holds while nobody else writes. The lock goes with the process.
    database.exec('PRAGMA locking_mode = EXCLUSIVE');
    // Says nothing to a file that has tables.
    if (givesSpaceBack) database.exec('PRAGMA auto_vacuum = INCREMENTAL');
    database.exec('PRAGMA journal_mode = WAL');
    database.exec(`PRAGMA journal_size_limit = ${logSize}`);
    // A commit is in the hands of the operating system: it outlives this process, if not a loss of power.
    database.exec('PRAGMA synchronous = NORMAL');
    database.exec('PRAGMA foreign_keys = ON');
    migrate(database, path, migrations);
    return database;
  } catch (error) {
    database?.close();
    if (error instanceof StorageError) throw error;
    throw new StorageError(explain(path, error), { cause: error });
  }
}

function migrate(database: DatabaseSync, path: string, migrations: readonly string[]): void {
  const version = Number(database.prepare('PRAGMA user_version').get()?.['user_version']);
  if (version > migrations.length) {
    throw new StorageError(
      `${path} was written by a newer version of this program (schema ${version}, known up to ${migrations.length})`,
    );
  }
  database.exec('BEGIN IMMEDIATE');
  for (const step of migrations.slice(version)) database.exec(step);
  database.exec(`PRAGMA user_version = ${migrations.length}`);
  database.exec('COMMIT');
}

/** Primary result codes (https://sqlite.org/rescode.html), in the low byte of extended ones. */
const busy = 5;
const readOnly = 8;
const ioError = 10;
const corrupt = 11;
const full = 13;
const cannotOpen = 14;
const notADatabase = 26;

/** Whether something failed since the disk is full, read-only or broken: it may go well another time. */
export function isDiskFailure(error: unknown): boolean {
  const code = resultCodeOf(error);
  return code === full || code === readOnly || code === ioError;
}

function explain(path: string, error: unknown): string {
  const reason = error instanceof Error ? error.message : String(error);
  const code = resultCodeOf(error);
  if (code === corrupt || code === notADatabase) {
    return `${path} is damaged or not a database (${reason}): move it away to start anew`;
  }
  if (code === busy) return `${path} is in use by another process`;
  if (code === readOnly || code === cannotOpen) return `${path} cannot be written (${reason})`;
  return `${path} cannot be opened (${reason})`;
}

function resultCodeOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('errcode' in error)) return undefined;
  return typeof error.errcode === 'number' ? error.errcode & 0xff : undefined;
}
