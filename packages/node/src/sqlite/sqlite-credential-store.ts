import { randomBytes } from 'node:crypto';
import { closeSync, fchmodSync, fstatSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import type { DatabaseSync, StatementSync } from 'node:sqlite';

import { Secret, StorageError, UsageError, utf8Encode } from '@dunlin/base';
import {
  checkCredential,
  type CredentialLimits,
  credentialLimitsDefaults,
  type CredentialPageRequest,
  type CredentialProof,
  type CredentialStore,
  type CredentialSummary,
  type FoundPreSharedKey,
  type NewCredential,
  type PutOutcome,
} from '@dunlin/server';

import { makeFolder } from '../files/make-folder.ts';
import { SecretBox } from '../secrets/secret-box.ts';
import { bytesIn, credentialFromRow, type CredentialRow, damaged, proofColumns } from './credential-rows.ts';
import { credentialMigrations } from './credential-schema.ts';
import { openDatabase } from './open-database.ts';

export interface SqliteCredentialStoreOptions {
  /** The file; its folder is made when there is none. Only the owner of the file can read it (0600). */
  readonly path: string;
  /** What pre-shared keys are sealed with; the store does not keep it. */
  readonly masterKey: Secret;
  readonly limits?: Partial<CredentialLimits> | undefined;
}

/**
 * Opens credentials in an SQLite file, for this process alone; pre-shared keys are sealed in it. Rejects with a
 * `StorageError` whose one line says what is wrong: not writable, in use, damaged, of a newer version, or sealed with
 * another master key.
 */
export function sqliteCredentialStore(
  options: Readonly<SqliteCredentialStoreOptions>,
): Promise<CredentialStore> {
  return Promise.try(() => new SqliteCredentialStore(options));
}

/** What the value that shows the right key is, and where it is sealed for. */
const probe = { value: 'dunlin credentials', place: 'probe' };

/** Credentials in SQLite and nowhere else: a handshake costs one look-up by an index. */
class SqliteCredentialStore implements CredentialStore {
  readonly #database: DatabaseSync;
  readonly #box: SecretBox;
  readonly #limits: CredentialLimits;
  readonly #statements: Statements;
  /** Kept here because counting a million rows takes longer than all the rest of a `put`. */
  #total: number;
  #isClosed = false;

  constructor({ path, masterKey, limits }: Readonly<SqliteCredentialStoreOptions>) {
    this.#limits = { ...credentialLimitsDefaults, ...limits };
    this.#database = openPrivately(path);
    try {
      this.#box = openBox(this.#database, masterKey, path);
      this.#statements = prepare(this.#database);
      this.#total = this.#count(this.#statements.count);
    } catch (error) {
      this.#database.close();
      throw error;
    }
  }

  put(credential: NewCredential): PutOutcome {
    checkCredential(credential);
    const outcome = this.#write(() => this.#put(credential));
    if (outcome.kind !== 'kept') return outcome;
    if (outcome.replaced === undefined) this.#total += 1;
    // It is sealed in the file, durably: nobody needs it in memory.
    credential.key?.destroy();
    return outcome;
  }

  #put(credential: NewCredential): PutOutcome {
    if (this.find(credential.id) !== undefined) {
      throw new UsageError(`there is a credential ${credential.id} already`);
    }
    const present = this.#findSame(credential);
    if (present !== undefined && present.endpointName !== credential.endpointName) {
      return { kind: 'taken', by: present };
    }
    const reason = present === undefined ? this.#problemOfRoom(credential) : undefined;
    if (reason !== undefined) return { kind: 'full', reason };
    if (present !== undefined) this.#statements.remove.run(present.id);
    this.#insert(credential);
    return present === undefined ? { kind: 'kept' } : { kind: 'kept', replaced: present };
  }

  remove(id: string): CredentialSummary | undefined {
    const removed = this.#write(() => {
      const credential = this.find(id);
      if (credential !== undefined) this.#statements.remove.run(id);
      return credential;
    });
    if (removed !== undefined) this.#total -= 1;
    return removed;
  }

  find(id: string): CredentialSummary | undefined {
    return this.#read(() => optional(this.#statements.find.get(id)));
  }

  findByProof(proof: CredentialProof): CredentialSummary | undefined {
    return this.#findSame({ proof, endpointName: undefined });
  }

  findPreSharedKey(identity: string): FoundPreSharedKey | undefined {
    const { kind, proof, scope } = proofColumns({
      proof: { kind: 'psk', identity },
      endpointName: undefined,
    });
    const row = this.#read(() => this.#statements.findByProof.get(kind, proof, scope));
    if (row === undefined) return undefined;
    const credential = credentialFromRow(row);
    const key = this.#box.open(bytesIn(row, 'sealed_key'), placeOf(credential));
    if (key === undefined) throw damaged();
    return { credential, key: new Secret(key) };
  }

  ofEndpoint(endpointName: string): readonly CredentialSummary[] {
    if (endpointName === '') return [];
    return this.#read(() => this.#statements.ofEndpoint.all(endpointName)).map(credentialFromRow);
  }

  trustAnchors(): readonly CredentialSummary[] {
    return this.#read(() => this.#statements.trustAnchors.all()).map(credentialFromRow);
  }

  page({ after, limit, endpointName }: CredentialPageRequest): readonly CredentialSummary[] {
    const name = after?.endpointName ?? '';
    const id = after?.id ?? '';
    const { page, pageOfEndpoint } = this.#statements;
    const rows = this.#read(() =>
      endpointName === undefined
        ? page.all(name, id, limit)
        : pageOfEndpoint.all(endpointName, name, id, limit),
    );
    return rows.map(credentialFromRow);
  }

  count(): number {
    return this.#read(() => this.#total);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.try(() => {
      if (this.#isClosed) return;
      this.#isClosed = true;
      this.#database.close();
    });
  }

  #findSame(credential: Pick<CredentialSummary, 'proof' | 'endpointName'>): CredentialSummary | undefined {
    const { kind, proof, scope } = proofColumns(credential);
    return this.#read(() => optional(this.#statements.findByProof.get(kind, proof, scope)));
  }

  #insert(credential: NewCredential): void {
    const { id, endpointName, createdAt, key } = credential;
    const { kind, proof, scope } = proofColumns(credential);
    const sealed = key === undefined ? null : this.#box.seal(key.reveal(), placeOf(credential));
    this.#statements.insert.run(id, endpointName ?? '', kind, proof, scope, sealed, createdAt);
  }

  #problemOfRoom({ endpointName, proof }: NewCredential): string | undefined {
    const { credentials, perEndpoint, trustAnchors } = this.#limits;
    if (this.#total >= credentials) return `there are ${credentials} credentials, the most there can be`;
    if (proof.kind === 'trust-anchor' && this.#count(this.#statements.countAnchors) >= trustAnchors) {
      return `there are ${trustAnchors} trust anchors, the most there can be`;
    }
    const isFull =
      endpointName !== undefined && this.#count(this.#statements.countOf, endpointName) >= perEndpoint;
    return isFull
      ? `${endpointName} has ${perEndpoint} credentials, the most an endpoint can have`
      : undefined;
  }

  #count(statement: StatementSync, ...parameters: readonly string[]): number {
    return Number(this.#read(() => statement.get(...parameters))?.['count']);
  }

  #read<Result>(read: () => Result): Result {
    if (this.#isClosed) throw new StorageError('the credential store is closed');
    return told(read);
  }

  /** All or nothing, and on the disk. */
  #write<Result>(write: () => Result): Result {
    return this.#read(() => {
      this.#database.exec('BEGIN IMMEDIATE');
      try {
        const result = write();
        this.#database.exec('COMMIT');
        return result;
      } catch (error) {
        if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
        throw error;
      }
    });
  }
}

type Statements = ReturnType<typeof prepare>;

function prepare(
  database: DatabaseSync,
): Readonly<
  Record<
    | 'insert'
    | 'remove'
    | 'find'
    | 'findByProof'
    | 'ofEndpoint'
    | 'trustAnchors'
    | 'page'
    | 'pageOfEndpoint'
    | 'count'
    | 'countAnchors'
    | 'countOf',
    StatementSync
  >
> {
  const columns = 'id, endpoint, kind, proof, created_at';
  const order = 'ORDER BY endpoint, id';
  return {
    insert: database.prepare(
      'INSERT INTO credential (id, endpoint, kind, proof, scope, sealed_key, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)',
    ),
    remove: database.prepare('DELETE FROM credential WHERE id = ?'),
    find: database.prepare(`SELECT ${columns} FROM credential WHERE id = ?`),
    findByProof: database.prepare(
      `SELECT ${columns}, sealed_key FROM credential WHERE kind = ? AND proof = ? AND scope = ?`,
    ),
    ofEndpoint: database.prepare(`SELECT ${columns} FROM credential WHERE endpoint = ? ${order}`),
    trustAnchors: database.prepare(`SELECT ${columns} FROM credential WHERE kind = 'trust-anchor'`),
    page: database.prepare(
      `SELECT ${columns} FROM credential WHERE (endpoint, id) > (?, ?) ${order} LIMIT ?`,
    ),
    pageOfEndpoint: database.prepare(
      `SELECT ${columns} FROM credential WHERE endpoint = ? AND (endpoint, id) > (?, ?) ${order} LIMIT ?`,
    ),
    count: database.prepare('SELECT count(*) AS count FROM credential'),
    countAnchors: database.prepare("SELECT count(*) AS count FROM credential WHERE kind = 'trust-anchor'"),
    countOf: database.prepare('SELECT count(*) AS count FROM credential WHERE endpoint = ?'),
  };
}

function optional(row: CredentialRow | undefined): CredentialSummary | undefined {
  return row === undefined ? undefined : credentialFromRow(row);
}

/** A sealed key opens for its own credential only. */
function placeOf({ id, endpointName, proof }: CredentialSummary): string {
  const identity = proof.kind === 'psk' ? proof.identity : '';
  return JSON.stringify([id, endpointName ?? null, proof.kind, identity]);
}

/** Opens the file so that nobody else can read it, now and in the files that SQLite puts beside it. */
function openPrivately(path: string): DatabaseSync {
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
  const database = openDatabase(path, credentialMigrations);
  // A revoked credential must not come back after a loss of power, and its bytes are not to stay behind.
  database.exec('PRAGMA synchronous = FULL');
  database.exec('PRAGMA secure_delete = ON');
  return database;
}

/** What seals here; the first time with a fresh salt, later only with the master key of the first time. */
function openBox(database: DatabaseSync, masterKey: Secret, path: string): SecretBox {
  const row = told(() => database.prepare('SELECT salt, probe FROM seal').get());
  if (row === undefined) {
    const salt = new Uint8Array(randomBytes(32));
    const box = new SecretBox(masterKey, salt, purpose);
    const sealed = box.seal(utf8Encode(probe.value), probe.place);
    told(() => database.prepare('INSERT INTO seal (only, salt, probe) VALUES (1, ?, ?)').run(salt, sealed));
    return box;
  }
  const box = new SecretBox(masterKey, bytesIn(row, 'salt'), purpose);
  if (box.open(bytesIn(row, 'probe'), probe.place) === undefined) {
    throw new StorageError(`the secrets in ${path} were sealed with another master key: use that one`);
  }
  return box;
}

const purpose = 'dunlin credential store';

function told<Result>(work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    if (error instanceof StorageError || error instanceof UsageError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new StorageError(`the credential database did not do what was asked of it: ${reason}`, {
      cause: error,
    });
  }
}
