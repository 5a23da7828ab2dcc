import { closeSync, fchmodSync, fstatSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';

import { StorageError } from '@dunlin/base';

import { makeFolder } from '../files/make-folder.ts';
import { openDatabase } from './open-database.ts';

/**
 * Opens a database file as `openDatabase` does, and so that nobody but its owner can read it, now and in the files that
 * SQLite puts beside it. What is taken out is on the disk when a transaction ends, and its bytes are overwritten.
 */
export function openPrivateDatabase(path: string, migrations: readonly string[]): DatabaseSync {
  if (path !== ':memory:') {
    try {
      makeFolder(dirname(path));
      const file = openSync(path, 'a', 0o600);
      try {
        // A file that was copied here may be open to others; permission bits say nothing on Windows.
        if ((fstatSync(file).mode & 0o077) !== 0 && process.platform !== 'win32') fchmodSync(file, 0o600);
      } finally {
        closeSync(file);
      }
    } catch (error) {
      const reason = error instanceof Error && 'code' in error ? String(error.code) : String(error);
      throw new StorageError(`${path} cannot be written (${reason})`, { cause: error });
    }
  }
  const database = openDatabase(path, migrations);
  // What was taken out must not come back after a loss of power, and its bytes are not to stay behind.
  database.exec('PRAGMA synchronous = FULL');
  database.exec('PRAGMA secure_delete = ON');
  return database;
}
