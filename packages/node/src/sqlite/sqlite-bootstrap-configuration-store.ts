import type { DatabaseSync, StatementSync } from 'node:sqlite';

import { instantFrom, type Secret, StorageError } from '@dunlin/base';
import {
  type BootstrapConfigurationStore,
  type BootstrapTarget,
  compareParticularity,
  type ConfigurationOutcome,
  type ConfigurationPageRequest,
  configurationStoreDefaults,
  type ConfigurationStoreLimits,
  decodeConfiguration,
  encodeConfiguration,
  requireSound,
  type StoredConfiguration,
} from '@dunlin/bootstrap';
import { matchesEndpointPattern } from '@dunlin/lwm2m';

import type { Probed } from '../probed.ts';
import { bootstrapMigrations } from './bootstrap-schema.ts';
import { SealedDatabase } from './sealed-database.ts';

/** Where bootstrap configurations are kept, how many, and by which key. */
export interface SqliteBootstrapConfigurationStoreOptions {
  /** The file; its folder is made when there is none. Only the owner of the file can read it (0600). */
  readonly path: string;
  /** What configurations are sealed with; the store does not keep it. */
  readonly masterKey: Secret;
  readonly limits?: Partial<ConfigurationStoreLimits> | undefined;
}

/**
 * Opens bootstrap configurations in an SQLite file, for this process alone; they are sealed in it. Rejects with a
 * `StorageError` whose one line says what is wrong: not writable, in use, damaged, of a newer version, or sealed with
 * another master key.
 */
export function sqliteBootstrapConfigurationStore(
  options: Readonly<SqliteBootstrapConfigurationStoreOptions>,
): Promise<BootstrapConfigurationStore & Probed> {
  return Promise.try(() => new SqliteBootstrapConfigurationStore(options));
}

/** Configurations in SQLite; only the patterns are in memory as well, since every name is compared with them. */
class SqliteBootstrapConfigurationStore implements BootstrapConfigurationStore, Probed {
  readonly #sealed: SealedDatabase;
  readonly #limits: ConfigurationStoreLimits;
  readonly #statements: Statements;
  /** Kept here because counting a million rows takes longer than all the rest of a `put`. */
  #total: number;
  /** The most particular first. */
  #patterns: readonly string[];

  constructor({ path, masterKey, limits }: Readonly<SqliteBootstrapConfigurationStoreOptions>) {
    this.#limits = { ...configurationStoreDefaults, ...limits };
    this.#sealed = new SealedDatabase({
      path,
      masterKey,
      migrations: bootstrapMigrations,
      name: 'bootstrap configuration',
      purpose: 'dunlin bootstrap configuration store',
      probe: 'dunlin bootstrap configurations',
    });
    try {
      this.#statements = prepare(this.#sealed.database);
      const { count, patterns } = this.#statements;
      this.#total = Number(this.#sealed.read(() => count.get())?.['count']);
      this.#patterns = this.#sealed
        .read(() => patterns.all())
        .map((row) => textIn(row, 'target'))
        .sort(compareParticularity);
    } catch (error) {
      this.#sealed[Symbol.dispose]();
      throw error;
    }
  }

  put({ configuration, updatedAt }: StoredConfiguration): ConfigurationOutcome {
    requireSound(configuration);
    const { target } = configuration;
    const { kind, text } = columnsOf(target);
    const isNew = this.#sealed.read(() => this.#statements.find.get(kind, text)) === undefined;
    const reason = isNew ? this.#problemOfRoom(target) : undefined;
    if (reason !== undefined) return { kind: 'full', reason };
    const bytes = encodeConfiguration(configuration);
    const sealed = this.#sealed.box.seal(bytes, placeOf(target));
    bytes.fill(0);
    this.#sealed.write(() => this.#statements.put.run(kind, text, sealed, updatedAt));
    if (isNew) this.#total += 1;
    if (isNew && target.kind === 'pattern') {
      this.#patterns = [...this.#patterns, target.pattern].sort(compareParticularity);
    }
    return { kind: 'kept', isNew };
  }

  remove(target: BootstrapTarget): boolean {
    const { kind, text } = columnsOf(target);
    const isRemoved = this.#sealed.write(() => this.#statements.remove.run(kind, text).changes) === 1;
    if (!isRemoved) return false;
    this.#total -= 1;
    if (target.kind === 'pattern') {
      this.#patterns = this.#patterns.filter((pattern) => pattern !== target.pattern);
    }
    return true;
  }

  get(target: BootstrapTarget): StoredConfiguration | undefined {
    const { kind, text } = columnsOf(target);
    const row = this.#sealed.read(() => this.#statements.find.get(kind, text));
    return row === undefined ? undefined : this.#fromRow(row);
  }

  find(endpointName: string): StoredConfiguration | undefined {
    const own = this.get({ kind: 'endpoint', endpointName });
    if (own !== undefined) return own;
    const pattern = this.#patterns.find((candidate) => matchesEndpointPattern(candidate, endpointName));
    return pattern === undefined ? undefined : this.get({ kind: 'pattern', pattern });
  }

  page({ after, limit }: ConfigurationPageRequest): readonly StoredConfiguration[] {
    const { kind, text } = after === undefined ? { kind: '', text: '' } : columnsOf(after);
    const rows = this.#sealed.read(() => this.#statements.page.all(kind, text, limit));
    return rows.map((row) => this.#fromRow(row));
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

  #fromRow(row: Record<string, unknown>): StoredConfiguration {
    const target = targetOf(row);
    const { sealed, updated_at: updatedAt } = row;
    if (!(sealed instanceof Uint8Array) || typeof updatedAt !== 'number') throw damaged();
    const bytes = this.#sealed.box.open(sealed, placeOf(target));
    const configuration = bytes === undefined ? undefined : decodeConfiguration(bytes);
    bytes?.fill(0);
    if (configuration === undefined || placeOf(configuration.target) !== placeOf(target)) throw damaged();
    return { configuration, updatedAt: instantFrom(updatedAt) };
  }

  #problemOfRoom({ kind }: BootstrapTarget): string | undefined {
    const { configurations, patterns } = this.#limits;
    if (this.#total >= configurations) {
      return `there are ${configurations} bootstrap configurations, the most there can be`;
    }
    return kind === 'pattern' && this.#patterns.length >= patterns
      ? `there are ${patterns} bootstrap configurations for patterns, the most there can be`
      : undefined;
  }
}

type Statements = ReturnType<typeof prepare>;

function prepare(
  database: DatabaseSync,
): Readonly<Record<'put' | 'remove' | 'find' | 'page' | 'patterns' | 'count', StatementSync>> {
  const columns = 'kind, target, sealed, updated_at';
  return {
    put: database.prepare(
      `INSERT INTO configuration (${columns}) VALUES (?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET sealed = excluded.sealed, updated_at = excluded.updated_at`,
    ),
    remove: database.prepare('DELETE FROM configuration WHERE kind = ? AND target = ?'),
    find: database.prepare(`SELECT ${columns} FROM configuration WHERE kind = ? AND target = ?`),
    page: database.prepare(
      `SELECT ${columns} FROM configuration WHERE (kind, target) > (?, ?) ORDER BY kind, target LIMIT ?`,
    ),
    patterns: database.prepare("SELECT target FROM configuration WHERE kind = 'pattern'"),
    count: database.prepare('SELECT count(*) AS count FROM configuration'),
  };
}

function columnsOf(target: BootstrapTarget): { readonly kind: string; readonly text: string } {
  return target.kind === 'endpoint'
    ? { kind: target.kind, text: target.endpointName }
    : { kind: target.kind, text: target.pattern };
}

function targetOf(row: Record<string, unknown>): BootstrapTarget {
  const text = textIn(row, 'target');
  switch (row['kind']) {
    case 'endpoint':
      return { kind: 'endpoint', endpointName: text };
    case 'pattern':
      return { kind: 'pattern', pattern: text };
  }
  throw damaged();
}

/** A configuration opens for its own target only. */
function placeOf(target: BootstrapTarget): string {
  const { kind, text } = columnsOf(target);
  return JSON.stringify([kind, text]);
}

function textIn(row: Record<string, unknown>, column: string): string {
  const value = row[column];
  if (typeof value !== 'string') throw damaged();
  return value;
}

/** What is thrown for rows that this program cannot have written. */
function damaged(): StorageError {
  return new StorageError('the bootstrap configuration database is damaged: a row makes no sense');
}
