import type { DatabaseSync, StatementSync } from 'node:sqlite';

import type { NotificationOrder } from '@dunlin/coap';
import type { Registration, StoredObservation } from '@dunlin/server';

import { ModelTable } from './model-table.ts';
import {
  encodePeer,
  encodeRequest,
  number,
  observationFromRow,
  registrationFromRow,
  type Row,
} from './registration-rows.ts';

/** What is written to and read from the registration database; writes only within a transaction. */
export class RegistrationStatements {
  readonly models: ModelTable;
  readonly #insert: StatementSync;
  readonly #update: StatementSync;
  readonly #refresh: StatementSync;
  readonly #delete: StatementSync;
  readonly #selectAll: StatementSync;
  readonly #select: StatementSync;
  readonly #insertObservation: StatementSync;
  readonly #updateNewest: StatementSync;
  readonly #deleteObservation: StatementSync;
  readonly #selectObservations: StatementSync;
  readonly #selectAllObservations: StatementSync;

  constructor(database: DatabaseSync) {
    this.models = new ModelTable(database);
    this.#insert = database.prepare(
      `INSERT INTO registration (endpoint, id, model, lifetime, version, binding_mode, sms_number, local_uri, peer,
         additional, registered_at, updated_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#update = database.prepare(
      `UPDATE registration SET model = ?, lifetime = ?, version = ?, binding_mode = ?, sms_number = ?, local_uri = ?,
         peer = ?, additional = ?, updated_at = ?, expires_at = ? WHERE endpoint = ?`,
    );
    this.#refresh = database.prepare(
      'UPDATE registration SET peer = ?, updated_at = ?, expires_at = ? WHERE endpoint = ?',
    );
    this.#delete = database.prepare('DELETE FROM registration WHERE endpoint = ?');
    this.#selectAll = database.prepare('SELECT * FROM registration');
    this.#select = database.prepare('SELECT * FROM registration WHERE endpoint = ?');
    this.#insertObservation = database.prepare(
      `INSERT OR REPLACE INTO observation
         (endpoint, path, observed_at, peer, token, request, newest_sequence, newest_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#updateNewest = database.prepare(
      'UPDATE observation SET newest_sequence = ?, newest_at = ? WHERE endpoint = ? AND path = ?',
    );
    this.#deleteObservation = database.prepare('DELETE FROM observation WHERE endpoint = ? AND path = ?');
    const observations = 'SELECT observation.*, id FROM observation JOIN registration USING (endpoint)';
    this.#selectAllObservations = database.prepare(observations);
    this.#selectObservations = database.prepare(`${observations} WHERE observation.endpoint = ?`);
  }

  /** Writes a registration; one of the same endpoint must have been removed. */
  register(registration: Registration): void {
    const { endpointName, id, lifetime, version, bindingMode, localUri } = registration;
    const { registeredAt, updatedAt, expiresAt } = registration;
    this.#insert.run(
      endpointName,
      id,
      this.models.idOf(registration),
      lifetime,
      version,
      bindingMode,
      registration.smsNumber ?? null,
      localUri,
      encodePeer(registration.peer),
      encodeParameters(registration),
      registeredAt,
      updatedAt,
      expiresAt,
    );
  }

  update(registration: Registration): void {
    const { endpointName, lifetime, version, bindingMode, localUri, updatedAt, expiresAt } = registration;
    this.#update.run(
      this.models.idOf(registration),
      lifetime,
      version,
      bindingMode,
      registration.smsNumber ?? null,
      localUri,
      encodePeer(registration.peer),
      encodeParameters(registration),
      updatedAt,
      expiresAt,
      endpointName,
    );
  }

  refresh({ endpointName, peer, updatedAt, expiresAt }: Registration): void {
    this.#refresh.run(encodePeer(peer), updatedAt, expiresAt, endpointName);
  }

  /** Takes a registration out; its observations go with it. */
  remove(endpointName: string): void {
    this.#delete.run(endpointName);
  }

  addObservation(endpointName: string, { path, observedAt, record }: StoredObservation): void {
    const { peer, token, request, newest } = record;
    this.#insertObservation.run(
      endpointName,
      path,
      observedAt,
      encodePeer(peer),
      token,
      encodeRequest(request),
      newest?.sequence ?? null,
      newest?.at ?? null,
    );
  }

  noteNewest(endpointName: string, path: string, { sequence, at }: NotificationOrder): void {
    this.#updateNewest.run(sequence, at, endpointName, path);
  }

  removeObservation(endpointName: string, path: string): void {
    this.#deleteObservation.run(endpointName, path);
  }

  /** Every registration and observation there is. */
  *load(): Generator<Registration, void> {
    for (const row of this.#selectAll.iterate()) yield this.#registrationFrom(row);
  }

  *loadObservations(): Generator<StoredObservation, void> {
    for (const row of this.#selectAllObservations.iterate()) yield observationFromRow(row);
  }

  find(endpointName: string): Registration | undefined {
    const row = this.#select.get(endpointName);
    return row === undefined ? undefined : this.#registrationFrom(row);
  }

  observationsOf(endpointName: string): readonly StoredObservation[] {
    return this.#selectObservations.all(endpointName).map((row) => observationFromRow(row));
  }

  #registrationFrom(row: Row): Registration {
    return registrationFromRow(row, this.models.find(number(row, 'model')));
  }
}

function encodeParameters({ additional }: Registration): string | null {
  return Object.keys(additional).length === 0 ? null : JSON.stringify(additional);
}
