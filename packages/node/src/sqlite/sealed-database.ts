import { randomBytes } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';

import { type Secret, StorageError, UsageError, utf8Encode } from '@dunlin/base';

import { SecretBox } from '../secrets/secret-box.ts';
import { openPrivateDatabase } from './open-private-database.ts';
import { probeDatabase } from './probe-database.ts';

/** How a database with secrets in it is opened. */
export interface SealedDatabaseOptions {
  readonly path: string;
  readonly masterKey: Secret;
  /** They make the table `seal`, see `sealMigration`. */
  readonly migrations: readonly string[];
  /** What is in it, in one or two words: for messages. */
  readonly name: string;
  /** What the key is derived for: another text for each kind of database. */
  readonly purpose: string;
  /** What is sealed to see whether the master key is the right one. */
  readonly probe: string;
}

/** What the secrets are sealed with: the salt of the key, and a value that only opens with the right master key. */
export const sealMigration = `
  CREATE TABLE seal (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    salt BLOB NOT NULL,
    probe BLOB NOT NULL
  ) STRICT;
`;

/** A database in a file that only its owner can read, and what seals the secrets in it. */
export class SealedDatabase implements Disposable {
  readonly database: DatabaseSync;
  readonly box: SecretBox;
  readonly #name: string;
  #isClosed = false;

  /** Throws a `StorageError` of one line when the file cannot be used, or was sealed with another master key. */
  constructor(options: Readonly<SealedDatabaseOptions>) {
    this.#name = options.name;
    this.database = openPrivateDatabase(options.path, options.migrations);
    try {
      this.box = this.#openBox(options);
    } catch (error) {
      this.database.close();
      throw error;
    }
  }

  /** Throws a `StorageError` for whatever goes wrong, and when it is closed. */
  read<Result>(work: () => Result): Result {
    if (this.#isClosed) throw new StorageError(`the ${this.#name} store is closed`);
    return this.#told(work);
  }

  /** All or nothing, and on the disk. */
  write<Result>(work: () => Result): Result {
    return this.read(() => {
      this.database.exec('BEGIN IMMEDIATE');
      try {
        const result = work();
        this.database.exec('COMMIT');
        return result;
      } catch (error) {
        if (this.database.isTransaction) this.database.exec('ROLLBACK');
        throw error;
      }
    });
  }

  /** Throws when it cannot be written. */
  probe(): void {
    this.read(() => probeDatabase(this.database));
  }

  /** Closes it; twice is harmless. */
  [Symbol.dispose](): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.database.close();
  }

  /** What seals here; the first time with a fresh salt, later only with the master key of the first time. */
  #openBox({ masterKey, path, purpose, probe }: Readonly<SealedDatabaseOptions>): SecretBox {
    const row = this.#told(() => this.database.prepare('SELECT salt, probe FROM seal').get());
    if (row === undefined) {
      const salt = new Uint8Array(randomBytes(32));
      const box = new SecretBox(masterKey, salt, purpose);
      const sealed = box.seal(utf8Encode(probe), probePlace);
      this.#told(() =>
        this.database.prepare('INSERT INTO seal (only, salt, probe) VALUES (1, ?, ?)').run(salt, sealed),
      );
      return box;
    }
    const { salt, probe: sealed } = row;
    if (!(salt instanceof Uint8Array) || !(sealed instanceof Uint8Array)) {
      throw new StorageError(`the ${this.#name} database is damaged: its seal makes no sense`);
    }
    const box = new SecretBox(masterKey, salt, purpose);
    if (box.open(sealed, probePlace) === undefined) {
      throw new StorageError(`the secrets in ${path} were sealed with another master key: use that one`);
    }
    return box;
  }

  #told<Result>(work: () => Result): Result {
    try {
      return work();
    } catch (error) {
      if (error instanceof StorageError || error instanceof UsageError) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      throw new StorageError(`the ${this.#name} database did not do what was asked of it: ${reason}`, {
        cause: error,
      });
    }
  }
}

const probePlace = 'probe';
