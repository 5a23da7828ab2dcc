import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';

import { apiErrorWords, auditActorKinds, auditOutcomes } from '@dunlin/api';
import { instantFrom, StorageError } from '@dunlin/base';
import { openPrivateDatabase, probeDatabase, type Probed } from '@dunlin/node';

import {
  type AuditEntry,
  type AuditFilter,
  type AuditLimits,
  auditLimitsDefaults,
  type AuditLog,
  type KeptAuditEntry,
} from './audit-log.ts';

const migrations: readonly string[] = [
  `
  CREATE TABLE entry (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    time REAL NOT NULL,
    actor_kind TEXT NOT NULL,
    actor TEXT COLLATE NOCASE,
    from_address TEXT,
    action TEXT NOT NULL,
    endpoint TEXT,
    path TEXT,
    subject TEXT,
    outcome TEXT NOT NULL,
    status INTEGER,
    error TEXT
  ) STRICT;

  CREATE INDEX entry_of_actor ON entry (actor, id);
  CREATE INDEX entry_of_endpoint ON entry (endpoint, id);
  CREATE INDEX entry_at_time ON entry (time);
  `,
];

const columns =
  'time, actor_kind, actor, from_address, action, endpoint, path, subject, outcome, status, error';

/** After so many entries those that are too old or too many are taken out. */
const pruneEvery = 500;

export interface SqliteAuditLogOptions {
  /** The file; only its owner can read it. `:memory:` for none. */
  readonly path: string;
  readonly limits?: Partial<AuditLimits>;
}

/** Opens the audit log in an SQLite file, for this process alone. Rejects with a `StorageError` of one line. */
export function sqliteAuditLog(options: Readonly<SqliteAuditLogOptions>): Promise<AuditLog & Probed> {
  return Promise.try(() => new SqliteAuditLog(options));
}

class SqliteAuditLog implements AuditLog, Probed {
  readonly #database: DatabaseSync;
  readonly #limits: AuditLimits;
  readonly #insert: StatementSync;
  readonly #prune: StatementSync;
  #untilPrune = 0;
  #isClosed = false;

  constructor({ path, limits }: Readonly<SqliteAuditLogOptions>) {
    this.#limits = { ...auditLimitsDefaults, ...limits };
    this.#database = openPrivateDatabase(path, migrations);
    try {
      // An entry outlives the process; waiting for the disk would slow every change down for what a loss of power takes.
      this.#database.exec('PRAGMA synchronous = NORMAL');
      this.#insert = this.#database.prepare(
        `INSERT INTO entry (${columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      );
      this.#prune = this.#database.prepare(
        'DELETE FROM entry WHERE time < ? OR id <= (SELECT max(id) FROM entry) - ?',
      );
    } catch (error) {
      this.#database.close();
      throw error;
    }
  }

  append(entry: AuditEntry): Promise<void> {
    return this.#do(() => {
      const { time, actorKind, actor, from, action, endpoint, path, subject, outcome, status, error } = entry;
      const optional = [actor, from].map((text) => text ?? null);
      const target = [endpoint, path, subject].map((text) => text ?? null);
      this.#insert.run(
        time,
        actorKind,
        ...optional,
        action,
        ...target,
        outcome,
        status ?? null,
        error ?? null,
      );
      if (this.#untilPrune === 0) {
        this.#prune.run(time - this.#limits.retention, this.#limits.entries);
        this.#untilPrune = Math.min(pruneEvery, this.#limits.entries);
      }
      this.#untilPrune -= 1;
    });
  }

  find(filter: AuditFilter): Promise<readonly KeptAuditEntry[]> {
    return this.#do(() => {
      const conditions: readonly (readonly [string, SQLInputValue | undefined])[] = [
        ['actor = ?', filter.actor],
        ['action = ?', filter.action],
        ['endpoint = ?', filter.endpoint],
        ['outcome = ?', filter.outcome],
        ['time >= ?', filter.since],
        ['time < ?', filter.until],
        ['id < ?', filter.before],
      ];
      const given = conditions.filter(
        (pair): pair is readonly [string, SQLInputValue] => pair[1] !== undefined,
      );
      const where = given.length === 0 ? '' : `WHERE ${given.map(([text]) => text).join(' AND ')}`;
      return this.#database
        .prepare(`SELECT id, ${columns} FROM entry ${where} ORDER BY id DESC LIMIT ?`)
        .all(...given.map(([, value]) => value), filter.limit)
        .map(entryFromRow);
    });
  }

  probe(): Promise<void> {
    return this.#do(() => probeDatabase(this.#database));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.try(() => {
      if (!this.#isClosed) this.#database.close();
      this.#isClosed = true;
    });
  }

  #do<Result>(work: () => Result): Promise<Result> {
    return Promise.try(() => {
      if (this.#isClosed) throw new StorageError('the audit log is closed');
      try {
        return work();
      } catch (error) {
        if (error instanceof StorageError) throw error;
        const reason = error instanceof Error ? error.message : String(error);
        throw new StorageError(`the audit log did not do what was asked of it: ${reason}`, { cause: error });
      }
    });
  }
}

function entryFromRow(row: Readonly<Record<string, unknown>>): KeptAuditEntry {
  const number = (column: string): number | undefined => {
    const value = row[column];
    return typeof value === 'number' ? value : undefined;
  };
  const text = (column: string): string | undefined => {
    const value = row[column];
    return typeof value === 'string' ? value : undefined;
  };
  const [id, time, action] = [number('id'), number('time'), text('action')];
  const actorKind = auditActorKinds.find((kind) => kind === row['actor_kind']);
  const outcome = auditOutcomes.find((each) => each === row['outcome']);
  if (
    id === undefined ||
    time === undefined ||
    action === undefined ||
    actorKind === undefined ||
    outcome === undefined
  ) {
    throw new StorageError('the audit log is damaged: a row makes no sense');
  }
  return {
    id,
    time: instantFrom(time),
    actorKind,
    actor: text('actor'),
    from: text('from_address'),
    action,
    endpoint: text('endpoint'),
    path: text('path'),
    subject: text('subject'),
    outcome,
    status: number('status'),
    error: apiErrorWords.find((word) => word === row['error']),
  };
}
