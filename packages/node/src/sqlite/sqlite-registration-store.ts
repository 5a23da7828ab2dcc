import type { DatabaseSync } from 'node:sqlite';

import {
  addDuration,
  type Instant,
  instantFrom,
  type Milliseconds,
  milliseconds,
  toMilliseconds,
} from '@dunlin/base';
import type { NotificationOrder, Peer } from '@dunlin/coap';
import {
  MemoryRegistrationStore,
  type Registration,
  type RegistrationPageRequest,
  type RegistrationStore,
  type RemovedRegistration,
  type StoredObservation,
  type TouchOutcome,
} from '@dunlin/server';

import { now } from '../clock.ts';
import type { Probed } from '../probed.ts';
import { GroupCommit } from './group-commit.ts';
import { LateWrites } from './late-writes.ts';
import { openDatabase } from './open-database.ts';
import { probeDatabase } from './probe-database.ts';
import { registrationMigrations } from './registration-schema.ts';
import { RegistrationStatements } from './registration-statements.ts';

/** Where registrations are kept, and by which clock they end. */
export interface SqliteRegistrationStoreOptions {
  /** The file; its folder is made when there is none. */
  readonly path: string;
  /** The time, on the clock of the server. Default: that of this process. */
  readonly now?: (() => Instant) | undefined;
}

/** How long refreshes may wait to be written. */
const refreshDelay: Milliseconds = milliseconds(1000);

/** The same for the newest notification of an observation, which only matters for those that come late after a restart. */
const newestDelay: Milliseconds = milliseconds(10_000);

/**
 * After a start nothing expires for EXCHANGE_LIFETIME (RFC 7252 §4.8.2): devices could not reach a server
 * that was not there, and the last second of refreshes may not have been written.
 */
const graceAfterStart: Milliseconds = milliseconds(247_000);

/**
 * Opens registrations and observations in an SQLite file, for this process alone. Rejects with a
 * `StorageError` whose one line says what is wrong: folder or file not writable, in use, damaged, or of a
 * newer version.
 */
export function sqliteRegistrationStore(
  options: Readonly<SqliteRegistrationStoreOptions>,
): Promise<RegistrationStore & Probed> {
  // `Promise.try` turns what is thrown into a rejection.
  return Promise.try(() => new SqliteRegistrationStore(options));
}

/**
 * Registrations in memory, every change of which is written to SQLite before it is answered. Reads come from
 * memory; they may see a change that is about to be committed, and see it undone when that fails.
 */
class SqliteRegistrationStore implements RegistrationStore, Probed {
  readonly #database: DatabaseSync;
  readonly #statements: RegistrationStatements;
  readonly #memory = new MemoryRegistrationStore();
  readonly #commits: GroupCommit;
  /** By id: those that were refreshed. */
  readonly #refreshes = new LateWrites<string>(refreshDelay, (id) => this.#writeRefresh(id));
  readonly #newest = new LateWrites<{ readonly registrationId: string; readonly path: string }>(
    newestDelay,
    ({ registrationId, path }) => this.#writeNewest(registrationId, path),
  );
  #isClosed = false;

  constructor({ path, now: clock = now }: Readonly<SqliteRegistrationStoreOptions>) {
    this.#database = openDatabase(path, registrationMigrations);
    try {
      this.#statements = new RegistrationStatements(this.#database);
      this.#load(addDuration(clock(), graceAfterStart));
    } catch (error) {
      this.#database.close();
      throw error;
    }
    this.#commits = new GroupCommit(this.#database, (endpointNames) => this.#undo(endpointNames));
  }

  async register(registration: Registration): Promise<RemovedRegistration | undefined> {
    const replaced = this.#memory.register(registration);
    const { endpointName } = registration;
    await this.#commits.write(endpointName, () => {
      if (replaced !== undefined) this.#statements.remove(endpointName);
      this.#statements.register(registration);
    });
    return replaced;
  }

  async update(registration: Registration): Promise<boolean> {
    if (!this.#memory.update(registration)) return false;
    await this.#commits.write(registration.endpointName, () => this.#statements.update(registration));
    return true;
  }

  touch(registrationId: string, peer: Peer, at: Instant): TouchOutcome {
    const outcome = this.#memory.touch(registrationId, peer, at);
    if (outcome !== 'unknown') this.#refreshes.add(registrationId, registrationId);
    return outcome;
  }

  async remove(registrationId: string): Promise<RemovedRegistration | undefined> {
    const removed = this.#memory.remove(registrationId);
    if (removed === undefined) return undefined;
    const { endpointName } = removed.registration;
    await this.#commits.write(endpointName, () => this.#statements.remove(endpointName));
    return removed;
  }

  async takeExpired(at: Instant, limit: number): Promise<readonly RemovedRegistration[]> {
    const expired = this.#memory.takeExpired(at, limit);
    const writes = expired.map(({ registration: { endpointName } }) =>
      this.#commits.write(endpointName, () => this.#statements.remove(endpointName)),
    );
    await Promise.all(writes);
    return expired;
  }

  nextExpiry(): Instant | undefined {
    return this.#memory.nextExpiry();
  }

  findById(registrationId: string): Registration | undefined {
    return this.#memory.findById(registrationId);
  }

  findByEndpoint(endpointName: string): Registration | undefined {
    return this.#memory.findByEndpoint(endpointName);
  }

  findByPeer(peerKey: string): readonly Registration[] {
    return this.#memory.findByPeer(peerKey);
  }

  page(request: RegistrationPageRequest): readonly Registration[] {
    return this.#memory.page(request);
  }

  count(): number {
    return this.#memory.count();
  }

  countAtAddress(address: string): number {
    return this.#memory.countAtAddress(address);
  }

  async addObservation(observation: StoredObservation): Promise<StoredObservation | undefined> {
    const replaced = this.#memory.addObservation(observation);
    await this.#write(observation.registrationId, (endpointName) =>
      this.#statements.addObservation(endpointName, observation),
    );
    return replaced;
  }

  noteNewest(registrationId: string, path: string, newest: NotificationOrder): void {
    this.#memory.noteNewest(registrationId, path, newest);
    this.#newest.add(`${registrationId} ${path}`, { registrationId, path });
  }

  async removeObservation(registrationId: string, path: string): Promise<StoredObservation | undefined> {
    const removed = this.#memory.removeObservation(registrationId, path);
    if (removed === undefined) return undefined;
    await this.#write(registrationId, (endpointName) =>
      this.#statements.removeObservation(endpointName, path),
    );
    return removed;
  }

  observationsOf(registrationId: string): readonly StoredObservation[] {
    return this.#memory.observationsOf(registrationId);
  }

  allObservations(): readonly StoredObservation[] {
    return this.#memory.allObservations();
  }

  probe(): Promise<void> {
    // Of no endpoint, so that a failure undoes nothing.
    return this.#commits.write('', () => probeDatabase(this.#database));
  }

  /** Writes what waits and closes the file. */
  [Symbol.asyncDispose](): Promise<void> {
    return Promise.try(() => {
      if (this.#isClosed) return;
      this.#isClosed = true;
      for (const late of [this.#refreshes, this.#newest]) {
        late.drain();
        late[Symbol.dispose]();
      }
      this.#commits.commit();
      this.#database.close();
    });
  }

  #load(earliestExpiry: Instant): void {
    for (const registration of this.#statements.load()) {
      const expiresAt = instantFrom(Math.max(registration.expiresAt, earliestExpiry));
      this.#memory.register({ ...registration, expiresAt });
    }
    for (const observation of this.#statements.loadObservations()) this.#memory.addObservation(observation);
  }

  async #write(registrationId: string, run: (endpointName: string) => void): Promise<void> {
    const endpointName = this.#memory.findById(registrationId)?.endpointName;
    if (endpointName !== undefined) await this.#commits.write(endpointName, () => run(endpointName));
  }

  #writeRefresh(registrationId: string): Promise<void> | undefined {
    const registration = this.#memory.findById(registrationId);
    if (registration === undefined) return undefined;
    return this.#commits.write(registration.endpointName, () => this.#statements.refresh(registration));
  }

  #writeNewest(registrationId: string, path: string): Promise<void> | undefined {
    const newest = this.#memory.findObservation(registrationId, path)?.record.newest;
    const endpointName = this.#memory.findById(registrationId)?.endpointName;
    if (newest === undefined || endpointName === undefined) return undefined;
    return this.#commits.write(endpointName, () => this.#statements.noteNewest(endpointName, path, newest));
  }

  /** Nothing was written for these endpoints: memory becomes what the database says. */
  #undo(endpointNames: ReadonlySet<string>): void {
    // A store that is closed has nothing to be read from.
    if (this.#isClosed) return;
    this.#statements.models.forget();
    for (const endpointName of endpointNames) {
      const stored = this.#statements.find(endpointName);
      const present = this.#memory.findByEndpoint(endpointName);
      if (present !== undefined) this.#memory.remove(present.id);
      if (stored === undefined) continue;
      this.#memory.register(withRefreshOf(stored, present));
      for (const observation of this.#statements.observationsOf(endpointName))
        this.#memory.addObservation(observation);
    }
  }
}

/** A stored registration with what is newer in memory: refreshes are written late. */
function withRefreshOf(stored: Registration, present: Registration | undefined): Registration {
  if (present?.id !== stored.id || present.updatedAt <= stored.updatedAt) return stored;
  const { updatedAt, peer } = present;
  return { ...stored, peer, updatedAt, expiresAt: addDuration(updatedAt, toMilliseconds(stored.lifetime)) };
}
