import type { DatabaseSync } from 'node:sqlite';

import { type Instant, type Milliseconds, milliseconds } from '@dunlin/base';
import type { Path } from '@dunlin/lwm2m';
import {
  compareDesired,
  comparePathTexts,
  type DesiredItem,
  type DesiredKind,
  type DeviceRecord,
  type DeviceStore,
  type DeviceStoreLimits,
  deviceStoreLimitsDefaults,
  type FirmwareUpdate,
  type KnownValue,
  type NewOperation,
  type OperationChange,
  type OperationPageRequest,
  type QueuedOperation,
  valueLength,
} from '@dunlin/server';

import type { Probed } from '../probed.ts';
import { deviceMigrations } from './device-schema.ts';
import { DeviceStatements } from './device-statements.ts';
import { openDatabase } from './open-database.ts';
import { probeDatabase } from './probe-database.ts';
import { TurnTransaction } from './turn-transaction.ts';
import { ValueStatements } from './value-statements.ts';

/** Where what outlives registrations is kept, and how much of it. */
export interface SqliteDeviceStoreOptions {
  /** The file; its folder is made when there is none. */
  readonly path: string;
  readonly limits?: Readonly<Partial<DeviceStoreLimits>> | undefined;
}

/** How long values may wait to be written. */
const valueDelay: Milliseconds = milliseconds(1000);

/** Devices whose values are written in one transaction, so that a large fleet does not hold up everything else. */
const devicesPerTransaction = 500;

/**
 * Opens what outlives registrations in an SQLite file, for this process alone. Rejects with a `StorageError`
 * whose one line says what is wrong: folder or file not writable, in use, damaged, or of a newer version.
 */
export function sqliteDeviceStore(
  options: Readonly<SqliteDeviceStoreOptions>,
): Promise<DeviceStore & Probed> {
  // `Promise.try` turns what is thrown into a rejection.
  return Promise.try(() => new SqliteDeviceStore(options));
}

/** What waits to be written of one device. */
interface Unwritten {
  seenAt: Instant | undefined;
  /** By path. */
  readonly values: Map<string, KnownValue>;
}

/**
 * Operations, wishes and values in SQLite; nothing of it is kept in memory but what waits to be written. Reads see
 * every write before them, also one that is about to be committed.
 */
class SqliteDeviceStore implements DeviceStore, Probed {
  readonly #database: DatabaseSync;
  readonly #statements: DeviceStatements;
  readonly #values: ValueStatements;
  readonly #transaction: TurnTransaction;
  readonly #limits: DeviceStoreLimits;
  readonly #unwritten = new Map<string, Unwritten>();
  #timer: NodeJS.Timeout | undefined;
  #deviceCount: number;
  #isClosed = false;

  constructor({ path, limits = {} }: Readonly<SqliteDeviceStoreOptions>) {
    this.#limits = { ...deviceStoreLimitsDefaults, ...limits };
    this.#database = openDatabase(path, deviceMigrations);
    try {
      this.#statements = new DeviceStatements(this.#database);
      this.#values = new ValueStatements(this.#database);
      this.#deviceCount = this.#statements.deviceCount();
    } catch (error) {
      this.#database.close();
      throw error;
    }
    this.#transaction = new TurnTransaction(this.#database, () => {
      this.#deviceCount = this.#statements.deviceCount();
    });
  }

  findDevice(endpointName: string): DeviceRecord | undefined {
    const stored = this.#statements.findDevice(endpointName);
    const unwritten = this.#unwritten.get(endpointName);
    if (unwritten === undefined) return stored;
    const { seenAt } = unwritten;
    return { endpointName, ...stored, ...(seenAt === undefined ? {} : { lastSeen: seenAt }) };
  }

  remember(endpointName: string, seenAt: Instant): void {
    this.#unwrittenOf(endpointName).seenAt = seenAt;
  }

  setAwakeWindow(endpointName: string, window: Milliseconds | undefined): Promise<void> {
    return this.#transaction.write(() => {
      if (window !== undefined) this.#addDevice(endpointName);
      this.#statements.setAwakeWindow(endpointName, window);
    });
  }

  awakeWindows(): ReadonlyMap<string, Milliseconds> {
    const windows = new Map<string, Milliseconds>();
    for (const { endpointName, awakeWindow } of this.#statements.awakeWindows())
      if (awakeWindow !== undefined) windows.set(endpointName, awakeWindow);
    return windows;
  }

  forget(endpointName: string): Promise<boolean> {
    const unwritten = this.#takeUnwritten(endpointName);
    const deleted = this.#transaction.write(
      () => this.#deleteDevice(endpointName) || unwritten !== undefined,
    );
    if (unwritten !== undefined) deleted.catch(() => this.#putBack(endpointName, unwritten));
    return deleted;
  }

  addOperation(operation: NewOperation): Promise<QueuedOperation> {
    return this.#transaction.write(() => {
      this.#addDevice(operation.endpointName);
      return this.#statements.addOperation(operation);
    });
  }

  changeOperation(
    endpointName: string,
    id: number,
    change: OperationChange,
  ): Promise<QueuedOperation | undefined> {
    return this.#transaction.write(() => this.#statements.changeOperation(endpointName, id, change));
  }

  removeOperation(endpointName: string, id: number): Promise<boolean> {
    return this.#transaction.write(() => this.#statements.removeOperation(endpointName, id));
  }

  trimOperations(endpointName: string, keep: number): Promise<void> {
    return this.#transaction.write(() => this.#statements.trimOperations(endpointName, keep));
  }

  findOperation(endpointName: string, id: number): QueuedOperation | undefined {
    return this.#statements.findOperation(endpointName, id);
  }

  operationsOf(
    endpointName: string,
    { after = 0, limit, states }: OperationPageRequest,
  ): readonly QueuedOperation[] {
    return this.#statements
      .operationsAfter(endpointName, after)
      .filter(({ state }) => states === undefined || states.has(state.kind))
      .take(limit)
      .toArray();
  }

  endpointsWithOpenOperations(): readonly string[] {
    return this.#statements.endpointsWithOpenOperations();
  }

  sentOperations(): readonly QueuedOperation[] {
    return this.#statements.sentOperations();
  }

  async expireOperations(now: Instant, limit: number): Promise<readonly QueuedOperation[]> {
    const due = this.#statements.dueOperations(now, limit);
    if (due.length === 0) return due;
    return await this.#transaction.write(() =>
      due.flatMap(({ endpointName, id }) => {
        const change = { from: 'waiting', to: { kind: 'expired', at: now } } as const;
        return this.#statements.changeOperation(endpointName, id, change) ?? [];
      }),
    );
  }

  nextOperationExpiry(): Instant | undefined {
    return this.#statements.nextOperationExpiry();
  }

  putDesired(endpointName: string, item: DesiredItem): Promise<void> {
    return this.#transaction.write(() => {
      this.#addDevice(endpointName);
      this.#statements.putDesired(endpointName, item);
    });
  }

  removeDesired(endpointName: string, kind: DesiredKind, path: string): Promise<boolean> {
    return this.#transaction.write(() => this.#statements.removeDesired(endpointName, kind, path));
  }

  desiredOf(endpointName: string): readonly DesiredItem[] {
    return [...this.#statements.desiredOf(endpointName)].sort(compareDesired);
  }

  endpointsWithDesired(): readonly string[] {
    return this.#statements.endpointsWithDesired();
  }

  putFirmwareUpdate(update: FirmwareUpdate): Promise<void> {
    return this.#transaction.write(() => {
      this.#addDevice(update.endpointName);
      this.#statements.putFirmwareUpdate(update);
    });
  }

  findFirmwareUpdate(endpointName: string): FirmwareUpdate | undefined {
    return this.#statements.findFirmwareUpdate(endpointName);
  }

  openFirmwareUpdates(): readonly FirmwareUpdate[] {
    return this.#statements.openFirmwareUpdates();
  }

  putValues(endpointName: string, values: readonly KnownValue[]): void {
    for (const value of values) {
      if (valueLength(value.resource) > this.#limits.valueLength) continue;
      const unwritten = this.#unwrittenOf(endpointName).values;
      // Taken out first, so that the order is that in which they were heard of.
      unwritten.delete(value.path);
      unwritten.set(value.path, value);
    }
  }

  removeValues(endpointName: string, path: Path): Promise<void> {
    this.#writeNow(endpointName);
    return this.#transaction.write(() => this.#values.remove(endpointName, path));
  }

  valuesOf(endpointName: string, path: Path): readonly KnownValue[] {
    this.#writeNow(endpointName);
    const found = this.#values.find(endpointName, path);
    return [...found].sort((one, other) => comparePathTexts(one.path, other.path));
  }

  probe(): Promise<void> {
    return this.#transaction.write(() => probeDatabase(this.#database));
  }

  /** Writes what waits and closes the file. */
  [Symbol.asyncDispose](): Promise<void> {
    return Promise.try(() => {
      if (this.#isClosed) return;
      this.#isClosed = true;
      clearTimeout(this.#timer);
      this.#writeSome(Infinity);
      this.#transaction.commit();
      this.#database.close();
    });
  }

  #unwrittenOf(endpointName: string): Unwritten {
    const known = this.#unwritten.get(endpointName);
    if (known !== undefined) return known;
    const unwritten: Unwritten = { seenAt: undefined, values: new Map() };
    this.#unwritten.set(endpointName, unwritten);
    this.#timer ??= setTimeout(() => this.#writeLater(), valueDelay);
    return unwritten;
  }

  #writeLater(): void {
    this.#timer = undefined;
    this.#writeSome(devicesPerTransaction);
    if (this.#unwritten.size > 0) this.#timer = setTimeout(() => this.#writeLater(), 1);
  }

  #writeSome(limit: number): void {
    for (const endpointName of this.#unwritten.keys().take(limit).toArray()) this.#writeNow(endpointName);
  }

  /** What is read in this turn sees it at once. */
  #writeNow(endpointName: string): void {
    const unwritten = this.#takeUnwritten(endpointName);
    if (unwritten === undefined) return;
    this.#transaction
      .write(() => {
        this.#addDevice(endpointName);
        if (unwritten.seenAt !== undefined) this.#statements.setLastSeen(endpointName, unwritten.seenAt);
        this.#values.put(endpointName, unwritten.values.values(), this.#limits.valuesPerDevice);
      })
      // Kept for another time, but for what came after it.
      .catch(() => this.#putBack(endpointName, unwritten));
  }

  #takeUnwritten(endpointName: string): Unwritten | undefined {
    const unwritten = this.#unwritten.get(endpointName);
    this.#unwritten.delete(endpointName);
    return unwritten;
  }

  #putBack(endpointName: string, { seenAt, values }: Unwritten): void {
    if (this.#isClosed) return;
    const present = this.#unwrittenOf(endpointName);
    present.seenAt ??= seenAt;
    for (const [path, value] of values) if (!present.values.has(path)) present.values.set(path, value);
  }

  #addDevice(endpointName: string): void {
    if (!this.#statements.addDevice(endpointName)) return;
    this.#deviceCount += 1;
    if (this.#deviceCount <= this.#limits.knownDevices) return;
    const oldest = this.#statements.oldestIdleDevice(endpointName);
    if (oldest !== undefined) this.#deleteDevice(oldest);
  }

  #deleteDevice(endpointName: string): boolean {
    const wasThere = this.#statements.deleteDevice(endpointName);
    if (wasThere) this.#deviceCount -= 1;
    return wasThere;
  }
}
