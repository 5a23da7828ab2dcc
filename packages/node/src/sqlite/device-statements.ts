import type { DatabaseSync, StatementSync } from 'node:sqlite';

import { type Instant, instantFrom, type Milliseconds } from '@dunlin/base';
import { stringifyJsonExactly } from '@dunlin/lwm2m';
import {
  type DesiredItem,
  type DesiredKind,
  desiredToJson,
  type DeviceRecord,
  type FirmwareUpdate,
  firmwareUpdateToJson,
  isOver,
  type NewOperation,
  type OperationChange,
  type QueuedOperation,
  requestToJson,
  stateToJson,
} from '@dunlin/server';

import {
  desiredFromRow,
  deviceFromRow,
  firmwareUpdateFromRow,
  numberIn,
  operationFromRow,
  textIn,
} from './device-rows.ts';

/** What is written to and read from the device database but for values; writes only within a transaction. */
export class DeviceStatements {
  readonly #database: DatabaseSync;
  readonly #prepared = new Map<string, StatementSync>();

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  deviceCount(): number {
    return Number(this.#prepare('SELECT count(*) AS count FROM device').get()?.['count']);
  }

  findDevice(endpointName: string): DeviceRecord | undefined {
    const row = this.#prepare('SELECT * FROM device WHERE endpoint = ?').get(endpointName);
    return row === undefined ? undefined : deviceFromRow(row);
  }

  /** True when it was not there. */
  addDevice(endpointName: string): boolean {
    return this.#changes('INSERT OR IGNORE INTO device (endpoint) VALUES (?)', endpointName) > 0;
  }

  setLastSeen(endpointName: string, seenAt: Instant): void {
    this.#prepare('UPDATE device SET last_seen = ? WHERE endpoint = ?').run(seenAt, endpointName);
  }

  setAwakeWindow(endpointName: string, window: Milliseconds | undefined): void {
    this.#prepare('UPDATE device SET awake_window = ? WHERE endpoint = ?').run(window ?? null, endpointName);
  }

  awakeWindows(): readonly DeviceRecord[] {
    return this.#prepare('SELECT * FROM device WHERE awake_window IS NOT NULL').all().map(deviceFromRow);
  }

  /** True when it was there. What refers to it goes with it. */
  deleteDevice(endpointName: string): boolean {
    return this.#changes('DELETE FROM device WHERE endpoint = ?', endpointName) > 0;
  }

  /** Of the first few that were seen longest ago, the first for which nothing is to be done. */
  oldestIdleDevice(except: string): string | undefined {
    const row = this.#prepare(
      `SELECT endpoint FROM (SELECT endpoint FROM device WHERE last_seen IS NOT NULL ORDER BY last_seen LIMIT 100) AS old
         WHERE endpoint <> ? AND NOT EXISTS (SELECT 1 FROM desired WHERE desired.endpoint = old.endpoint)
         AND NOT EXISTS (SELECT 1 FROM operation WHERE operation.endpoint = old.endpoint
           AND state IN ('waiting', 'sent'))
         AND NOT EXISTS (SELECT 1 FROM firmware_update WHERE firmware_update.endpoint = old.endpoint
           AND is_open = 1) LIMIT 1`,
    ).get(except);
    return row === undefined ? undefined : textIn(row, 'endpoint');
  }

  /** Its device must be there. */
  addOperation({ endpointName, request, queuedAt, expiresAt }: NewOperation): QueuedOperation {
    const counted = this.#prepare(
      'UPDATE device SET last_operation = last_operation + 1 WHERE endpoint = ? RETURNING last_operation AS id',
    ).get(endpointName);
    const id = numberIn(counted ?? {}, 'id');
    const state = { kind: 'waiting' } as const;
    this.#prepare(
      `INSERT INTO operation (endpoint, id, state, progress, attempts, queued_at, expires_at, request)
         VALUES (?, ?, ?, ?, 0, ?, ?, ?)`,
    ).run(
      endpointName,
      id,
      state.kind,
      stringifyJsonExactly(stateToJson(state)),
      queuedAt,
      expiresAt,
      stringifyJsonExactly(requestToJson(request)),
    );
    return { endpointName, id, request, queuedAt, expiresAt, attempts: 0, state };
  }

  changeOperation(
    endpointName: string,
    id: number,
    { from, to, attempts }: OperationChange,
  ): QueuedOperation | undefined {
    const row = this.#prepare(
      `UPDATE operation SET state = ?, progress = ?, attempts = coalesce(?, attempts)
         WHERE endpoint = ? AND id = ? AND state = ? RETURNING *`,
    ).get(to.kind, stringifyJsonExactly(stateToJson(to)), attempts ?? null, endpointName, id, from);
    return row === undefined ? undefined : operationFromRow(row);
  }

  removeOperation(endpointName: string, id: number): boolean {
    const sql = `DELETE FROM operation WHERE endpoint = ? AND id = ? AND state NOT IN ('waiting', 'sent')`;
    return this.#changes(sql, endpointName, id) > 0;
  }

  trimOperations(endpointName: string, keep: number): void {
    this.#prepare(
      `DELETE FROM operation WHERE endpoint = ?1 AND id IN (SELECT id FROM operation WHERE endpoint = ?1
         AND state NOT IN ('waiting', 'sent') ORDER BY id DESC LIMIT -1 OFFSET ?2)`,
    ).run(endpointName, keep);
  }

  findOperation(endpointName: string, id: number): QueuedOperation | undefined {
    const row = this.#prepare('SELECT * FROM operation WHERE endpoint = ? AND id = ?').get(endpointName, id);
    return row === undefined ? undefined : operationFromRow(row);
  }

  /** Read as far as they are taken. */
  *operationsAfter(endpointName: string, after: number): Generator<QueuedOperation, void> {
    const select = 'SELECT * FROM operation WHERE endpoint = ? AND id > ? ORDER BY id';
    // A statement of its own, as it may be left before its end while another one runs.
    for (const row of this.#database.prepare(select).iterate(endpointName, after))
      yield operationFromRow(row);
  }

  endpointsWithOpenOperations(): readonly string[] {
    return this.#endpoints(
      `SELECT endpoint FROM operation WHERE state = 'waiting' UNION
         SELECT endpoint FROM operation WHERE state = 'sent'`,
    );
  }

  sentOperations(): readonly QueuedOperation[] {
    return this.#prepare(`SELECT * FROM operation WHERE state = 'sent'`).all().map(operationFromRow);
  }

  dueOperations(now: Instant, limit: number): readonly QueuedOperation[] {
    return this.#prepare(
      `SELECT * FROM operation WHERE state = 'waiting' AND expires_at <= ? ORDER BY expires_at LIMIT ?`,
    )
      .all(now, limit)
      .map(operationFromRow);
  }

  nextOperationExpiry(): Instant | undefined {
    const row = this.#prepare(`SELECT min(expires_at) AS next FROM operation WHERE state = 'waiting'`).get();
    const next = row?.['next'];
    return typeof next === 'number' ? instantFrom(next) : undefined;
  }

  putDesired(endpointName: string, item: DesiredItem): void {
    this.#prepare('INSERT OR REPLACE INTO desired (endpoint, kind, path, item) VALUES (?, ?, ?, ?)').run(
      endpointName,
      item.kind,
      item.path,
      stringifyJsonExactly(desiredToJson(item)),
    );
  }

  removeDesired(endpointName: string, kind: DesiredKind, path: string): boolean {
    const sql = 'DELETE FROM desired WHERE endpoint = ? AND kind = ? AND path = ?';
    return this.#changes(sql, endpointName, kind, path) > 0;
  }

  desiredOf(endpointName: string): readonly DesiredItem[] {
    return this.#prepare('SELECT * FROM desired WHERE endpoint = ?').all(endpointName).map(desiredFromRow);
  }

  endpointsWithDesired(): readonly string[] {
    return this.#endpoints('SELECT DISTINCT endpoint FROM desired');
  }

  /** Its device must be there. */
  putFirmwareUpdate(update: FirmwareUpdate): void {
    this.#prepare('INSERT OR REPLACE INTO firmware_update (endpoint, is_open, record) VALUES (?, ?, ?)').run(
      update.endpointName,
      isOver(update) ? 0 : 1,
      stringifyJsonExactly(firmwareUpdateToJson(update)),
    );
  }

  findFirmwareUpdate(endpointName: string): FirmwareUpdate | undefined {
    const row = this.#prepare('SELECT * FROM firmware_update WHERE endpoint = ?').get(endpointName);
    return row === undefined ? undefined : firmwareUpdateFromRow(row);
  }

  openFirmwareUpdates(): readonly FirmwareUpdate[] {
    return this.#prepare('SELECT * FROM firmware_update WHERE is_open = 1').all().map(firmwareUpdateFromRow);
  }

  #endpoints(sql: string): readonly string[] {
    return this.#prepare(sql)
      .all()
      .map((row) => textIn(row, 'endpoint'));
  }

  #changes(sql: string, ...parameters: readonly (string | number)[]): number {
    return Number(this.#prepare(sql).run(...parameters).changes);
  }

  #prepare(sql: string): StatementSync {
    const known = this.#prepared.get(sql);
    if (known !== undefined) return known;
    const statement = this.#database.prepare(sql);
    this.#prepared.set(sql, statement);
    return statement;
  }
}
