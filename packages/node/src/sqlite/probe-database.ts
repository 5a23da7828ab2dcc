import type { DatabaseSync } from 'node:sqlite';

/** Writes the version of the schema again: a page of the file, as with any change. Throws what SQLite says when it cannot. */
export function probeDatabase(database: DatabaseSync): void {
  const version = numberOf(database, 'user_version');
  const write = `PRAGMA user_version = ${version}`;
  if (database.isTransaction) {
    database.exec(write);
    return;
  }
  // Nobody misses it after a loss of power: waiting for the disk would hold everything else up.
  const synchronous = numberOf(database, 'synchronous');
  database.exec('PRAGMA synchronous = NORMAL');
  try {
    database.exec(write);
  } finally {
    database.exec(`PRAGMA synchronous = ${synchronous}`);
  }
}

function numberOf(database: DatabaseSync, pragma: string): number {
  return Number(database.prepare(`PRAGMA ${pragma}`).get()?.[pragma]);
}
