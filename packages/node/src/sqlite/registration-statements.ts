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
  readonly #deleteByEndpoint: StatementSync;
  readonly #delete: StatementSync;
  readonly #selectAll: StatementSync;
  readonly #selectByEndpoint: StatementSync;
  readonly #insertObservation: StatementSync;
  readonly #updateNewest: StatementSync;
  readonly #deleteObservation: StatementSync;
  readonly #selectObservations: StatementSync;
  readonly #selectAllObservations: StatementSync;

  constructor(database: DatabaseSync) {
    this.models = new ModelTable(database);
    this.#insert = database.prepare(
      `INSERT INTO registration (id, endpoint, model, lifetime, version, binding_mode, sms_number, local_uri, peer,
         additional, registered_at, updated_at, expires_at)
       VALUES (:id, :endpoint, :model, :lifetime, :version, :bindingMode, :smsNumber, :localUri, :peer,
         :additional, :registeredAt, :updatedAt, :expiresAt)`,
    );
    this.#update = database.prepare(
      `UPDATE registration SET model = :model, lifetime = :lifetime, version = :version, binding_mode = :bindingMode,
         sms_number = :smsNumber, local_uri = :localUri, peer = :peer, additional = :additional,
         updated_at = :updatedAt, expires_at = :expiresAt WHERE id = :id`,
    );
    this.#refresh = database.prepare(
      'UPDATE registration SET peer = ?, updated_at = ?, expires_at = ? WHERE id = ?',
    );
    this.#deleteByEndpoint = database.prepare('DELETE FROM registration WHERE endpoint = ?');
    this.#delete = database.prepare('DELETE FROM registration WHERE id = ?');
    this.#selectAll = database.prepare('SELECT * FROM registration');
    this.#selectByEndpoint = database.prepare('SELECT * FROM registration WHERE endpoint = ?');
    this.#insertObservation = database.prepare(
      `INSERT OR REPLACE INTO observation
         (registration, path, observed_at, peer, token, request, newest_sequence, newest_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#updateNewest = database.prepare(
      'UPDATE observation SET newest_sequence = ?, newest_at = ? WHERE registration = ? AND path = ?',
    );
    this.#deleteObservation = database.prepare('DELETE FROM observation WHERE registration = ? AND path = ?');
    this.#selectObservations = database.prepare('SELECT * FROM observation WHERE registration = ?');
    this.#selectAllObservations = database.prepare('SELECT * FROM observation');
  }

  /** Writes a registration in place of that of the same endpoint, whose observations go with it. */
  register(registration: Registration): void {
    const { endpointName: endpoint, registeredAt } = registration;
    this.#deleteByEndpoint.run(endpoint);
    this.#insert.run({ ...this.#columns(registration), endpoint, registeredAt });
  }

  update(registration: Registration): void {
    this.#update.run(this.#columns(registration));
  }

  refresh({ id, peer, updatedAt, expiresAt }: Registration): void {
    this.#refresh.run(encodePeer(peer), updatedAt, expiresAt, id);
  }

  remove(registrationId: string): void {
    this.#delete.run(registrationId);
  }

  addObservation({ registrationId, path, observedAt, record }: StoredObservation): void {
    const { peer, token, request, newest } = record;
    this.#insertObservation.run(
      registrationId,
      path,
      observedAt,
      encodePeer(peer),
      token,
      encodeRequest(request),
      newest?.sequence ?? null,
      newest?.at ?? null,
    );
  }

  noteNewest(registrationId: string, path: string, { sequence, at }: NotificationOrder): void {
    this.#updateNewest.run(sequence, at, registrationId, path);
  }

  removeObservation(registrationId: string, path: string): void {
    this.#deleteObservation.run(registrationId, path);
  }

  /** Every registration and observation there is. */
  *load(): Generator<Registration, void> {
    for (const row of this.#selectAll.iterate()) yield this.#registrationFrom(row);
  }

  *loadObservations(): Generator<StoredObservation, void> {
    for (const row of this.#selectAllObservations.iterate()) yield observationFromRow(row);
  }

  find(endpointName: string): Registration | undefined {
    const row = this.#selectByEndpoint.get(endpointName);
    return row === undefined ? undefined : this.#registrationFrom(row);
  }

  observationsOf(registrationId: string): readonly StoredObservation[] {
    return this.#selectObservations.all(registrationId).map((row) => observationFromRow(row));
  }

  #columns(registration: Registration): Record<string, string | number | null> {
    const { id, lifetime, version, bindingMode, localUri, updatedAt, expiresAt } = registration;
    const model = this.models.idOf(registration);
    const peer = encodePeer(registration.peer);
    const additional = encodeParameters(registration);
    const smsNumber = registration.smsNumber ?? null;
    return {
      id,
      model,
      lifetime,
      version,
      bindingMode,
      smsNumber,
      localUri,
      peer,
      additional,
      updatedAt,
      expiresAt,
    };
  }

  #registrationFrom(row: Row): Registration {
    return registrationFromRow(row, this.models.find(number(row, 'model')));
  }
}

function encodeParameters({ additional }: Registration): string | null {
  return Object.keys(additional).length === 0 ? null : JSON.stringify(additional);
}
