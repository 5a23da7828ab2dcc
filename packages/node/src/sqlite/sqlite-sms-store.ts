import type { DatabaseSync, SQLOutputValue, StatementSync } from 'node:sqlite';

import { type Instant, instantFrom, milliseconds, StorageError } from '@dunlin/base';
import type { ProvisionedNumber, SmsNumberStore } from '@dunlin/server';
import {
  type OutboxEntry,
  type OutboxState,
  type OutboxStore,
  type Purpose,
  purposes,
  type ReceivedRequest,
  type ReceivedRequestStore,
} from '@dunlin/sms';

import type { Probed } from '../probed.ts';
import { openDatabase } from './open-database.ts';
import { probeDatabase } from './probe-database.ts';

/** Where the outbox of short messages and the numbers of devices are kept. */
export interface SqliteSmsStoreOptions {
  /** The file; its folder is made when there is none. */
  readonly path: string;
}

/** What a process that sends short messages keeps for the next one. */
export interface SqliteSmsStore extends AsyncDisposable, Probed {
  readonly outbox: OutboxStore;
  readonly receivedRequests: ReceivedRequestStore;
  readonly numbers: SmsNumberStore;
}

const migrations = [
  `CREATE TABLE outbox (
     id INTEGER PRIMARY KEY,
     recipient TEXT NOT NULL,
     purpose TEXT NOT NULL,
     parts INTEGER NOT NULL,
     spent INTEGER NOT NULL,
     queued_at INTEGER NOT NULL,
     validity INTEGER NOT NULL,
     state TEXT NOT NULL,
     changed_at INTEGER NOT NULL,
     refs TEXT NOT NULL,
     reason TEXT
   ) STRICT;
   CREATE INDEX outbox_by_time ON outbox (queued_at);
   CREATE TABLE received_request (
     key TEXT PRIMARY KEY,
     received_at INTEGER NOT NULL
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX received_request_by_time ON received_request (received_at);
   CREATE TABLE provisioned_number (
     endpoint TEXT PRIMARY KEY,
     number TEXT NOT NULL UNIQUE,
     provisioned_at INTEGER NOT NULL
   ) STRICT, WITHOUT ROWID`,
];

/**
 * Opens what is kept of short messages in an SQLite file, for this process alone: the outbox, the received requests and
 * the numbers of devices. Rejects with a `StorageError`.
 */
export function sqliteSmsStore(options: Readonly<SqliteSmsStoreOptions>): Promise<SqliteSmsStore> {
  // `Promise.try` turns what is thrown into a rejection.
  return Promise.try(() => new SmsStore(options));
}

class SmsStore implements SqliteSmsStore {
  readonly outbox: OutboxStore;
  readonly receivedRequests: ReceivedRequestStore;
  readonly numbers: SmsNumberStore;
  readonly #database: DatabaseSync;

  constructor({ path }: SqliteSmsStoreOptions) {
    this.#database = openDatabase(path, migrations);
    // A message that is paid for is not to be sent again after a loss of power either.
    this.#database.exec('PRAGMA synchronous = FULL');
    this.outbox = this.#outbox();
    this.receivedRequests = this.#receivedRequests();
    this.numbers = this.#numbers();
  }

  probe(): Promise<void> {
    return Promise.try(() => told(() => probeDatabase(this.#database)));
  }

  [Symbol.asyncDispose](): Promise<void> {
    if (this.#database.isOpen) this.#database.close();
    return Promise.resolve();
  }

  #outbox(): OutboxStore {
    const put = this.#prepare('INSERT OR REPLACE INTO outbox VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)');
    const all = this.#prepare('SELECT * FROM outbox ORDER BY id');
    const forget = this.#prepare('DELETE FROM outbox WHERE queued_at < ?');
    return {
      put: (entry) => told(() => put.run(...columnsOf(entry))),
      load: () => all.all().map(entryOf),
      forget: (before) => told(() => forget.run(Math.floor(before))),
    };
  }

  #receivedRequests(): ReceivedRequestStore {
    const put = this.#prepare('INSERT OR REPLACE INTO received_request VALUES (?, ?)');
    const all = this.#prepare('SELECT * FROM received_request ORDER BY received_at');
    const forget = this.#prepare('DELETE FROM received_request WHERE received_at < ?');
    return {
      note: ({ key, receivedAt }) => told(() => put.run(key, Math.round(receivedAt))),
      load: () => all.all().map(requestOf),
      forget: (before) => told(() => forget.run(Math.floor(before))),
    };
  }

  #numbers(): SmsNumberStore {
    const put = this.#prepare('INSERT OR REPLACE INTO provisioned_number VALUES (?, ?, ?)');
    const all = this.#prepare('SELECT * FROM provisioned_number ORDER BY endpoint');
    const remove = this.#prepare('DELETE FROM provisioned_number WHERE endpoint = ?');
    return {
      load: () => all.all().map(numberOf),
      put: ({ endpointName, number, provisionedAt }) =>
        told(() => put.run(endpointName, number, Math.round(provisionedAt))),
      remove: (endpointName) => told(() => remove.run(endpointName)),
      // The file is closed as a whole.
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
  }

  #prepare(sql: string): StatementSync {
    return this.#database.prepare(sql);
  }
}

/** Writes, or says in a `StorageError` why not. */
function told(write: () => unknown): void {
  try {
    write();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new StorageError(`the database of short messages did not take a change: ${reason}`, {
      cause: error,
    });
  }
}

function columnsOf(entry: OutboxEntry): readonly (string | number | null)[] {
  const { id, to, purpose, parts, spent, queuedAt, validity, state, changedAt, references, reason } = entry;
  const times = [Math.round(queuedAt), Math.round(validity)];
  const end = [Math.round(changedAt), JSON.stringify(references), reason ?? null];
  return [id, to, purpose, parts, spent, ...times, state, ...end];
}

type Row = Readonly<Record<string, SQLOutputValue>>;

function entryOf(row: Row): OutboxEntry {
  const reason = row['reason'];
  return {
    id: Number(row['id']),
    to: String(row['recipient']),
    purpose: purposeIn(row['purpose']),
    parts: Number(row['parts']),
    spent: Number(row['spent']),
    queuedAt: timeIn(row['queued_at']),
    validity: milliseconds(Number(row['validity'])),
    state: stateIn(row['state']),
    changedAt: timeIn(row['changed_at']),
    references: textsIn(String(row['refs'])),
    ...(typeof reason === 'string' ? { reason } : {}),
  };
}

function requestOf(row: Row): ReceivedRequest {
  return { key: String(row['key']), receivedAt: timeIn(row['received_at']) };
}

function numberOf(row: Row): ProvisionedNumber {
  return {
    endpointName: String(row['endpoint']),
    number: String(row['number']),
    provisionedAt: timeIn(row['provisioned_at']),
  };
}

function timeIn(value: SQLOutputValue | undefined): Instant {
  return instantFrom(Number(value));
}

/** Only this program writes the file; a word that is none of its own was written by another version of it. */
function purposeIn(value: SQLOutputValue | undefined): Purpose {
  return purposes.find((purpose) => purpose === value) ?? 'request';
}

const states: readonly OutboxState[] = [
  'queued',
  'submitting',
  'submitted',
  'delivered',
  'failed',
  'expired',
  'unknown',
];

function stateIn(value: SQLOutputValue | undefined): OutboxState {
  return states.find((state) => state === value) ?? 'unknown';
}

function textsIn(text: string): readonly string[] {
  const texts: unknown = JSON.parse(text);
  return Array.isArray(texts) ? texts.filter((each) => typeof each === 'string') : [];
}
