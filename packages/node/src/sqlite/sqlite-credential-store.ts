import type { DatabaseSync, StatementSync } from 'node:sqlite';

import { Secret, UsageError } from '@dunlin/base';
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

import type { Probed } from '../probed.ts';
import { bytesIn, credentialFromRow, type CredentialRow, damaged, proofColumns } from './credential-rows.ts';
import { credentialMigrations } from './credential-schema.ts';
import { SealedDatabase } from './sealed-database.ts';

/** Where credentials are kept, how many, and by which key. */
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
): Promise<CredentialStore & Probed> {
  return Promise.try(() => new SqliteCredentialStore(options));
}

/** Credentials in SQLite and nowhere else: a handshake costs one look-up by an index. */
class SqliteCredentialStore implements CredentialStore, Probed {
  readonly #sealed: SealedDatabase;
  readonly #limits: CredentialLimits;
  readonly #statements: Statements;
  /** Kept here because counting a million rows takes longer than all the rest of a `put`. */
  #total: number;

  constructor({ path, masterKey, limits }: Readonly<SqliteCredentialStoreOptions>) {
    this.#limits = { ...credentialLimitsDefaults, ...limits };
    this.#sealed = new SealedDatabase({
      path,
      masterKey,
      migrations: credentialMigrations,
      name: 'credential',
      purpose: 'dunlin credential store',
      probe: 'dunlin credentials',
    });
    try {
      this.#statements = prepare(this.#sealed.database);
      this.#total = this.#count(this.#statements.count);
    } catch (error) {
      this.#sealed[Symbol.dispose]();
      throw error;
    }
  }

  put(credential: NewCredential): PutOutcome {
    checkCredential(credential);
    const outcome = this.#sealed.write(() => this.#put(credential));
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
    const removed = this.#sealed.write(() => {
      const credential = this.find(id);
      if (credential !== undefined) this.#statements.remove.run(id);
      return credential;
    });
    if (removed !== undefined) this.#total -= 1;
    return removed;
  }

  find(id: string): CredentialSummary | undefined {
    return this.#sealed.read(() => optional(this.#statements.find.get(id)));
  }

  findByProof(proof: CredentialProof): CredentialSummary | undefined {
    return this.#findSame({ proof, endpointName: undefined });
  }

  findPreSharedKey(identity: string): FoundPreSharedKey | undefined {
    const { kind, proof, scope } = proofColumns({
      proof: { kind: 'psk', identity },
      endpointName: undefined,
    });
    const row = this.#sealed.read(() => this.#statements.findByProof.get(kind, proof, scope));
    if (row === undefined) return undefined;
    const credential = credentialFromRow(row);
    const key = this.#sealed.box.open(bytesIn(row, 'sealed_key'), placeOf(credential));
    if (key === undefined) throw damaged();
    return { credential, key: new Secret(key) };
  }

  ofEndpoint(endpointName: string): readonly CredentialSummary[] {
    if (endpointName === '') return [];
    return this.#sealed.read(() => this.#statements.ofEndpoint.all(endpointName)).map(credentialFromRow);
  }

  trustAnchors(): readonly CredentialSummary[] {
    return this.#sealed.read(() => this.#statements.trustAnchors.all()).map(credentialFromRow);
  }

  page({ after, limit, endpointName }: CredentialPageRequest): readonly CredentialSummary[] {
    const name = after?.endpointName ?? '';
    const id = after?.id ?? '';
    const { page, pageOfEndpoint } = this.#statements;
    const rows = this.#sealed.read(() =>
      endpointName === undefined
        ? page.all(name, id, limit)
        : pageOfEndpoint.all(endpointName, name, id, limit),
    );
    return rows.map(credentialFromRow);
  }

  count(): number {
    return this.#sealed.read(() => this.#total);
  }

  probe(): Promise<void> {
    return Promise.try(() => this.#sealed.probe());
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.try(() => this.#sealed[Symbol.dispose]());
  }

  #findSame(credential: Pick<CredentialSummary, 'proof' | 'endpointName'>): CredentialSummary | undefined {
    const { kind, proof, scope } = proofColumns(credential);
    return this.#sealed.read(() => optional(this.#statements.findByProof.get(kind, proof, scope)));
  }

  #insert(credential: NewCredential): void {
    const { id, endpointName, createdAt, key } = credential;
    const { kind, proof, scope } = proofColumns(credential);
    const sealed = key === undefined ? null : this.#sealed.box.seal(key.reveal(), placeOf(credential));
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
    return Number(this.#sealed.read(() => statement.get(...parameters))?.['count']);
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
