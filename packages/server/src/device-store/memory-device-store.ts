import { DeadlineQueue, type Instant, type Milliseconds } from '@dunlin/base';
import type { Path } from '@dunlin/lwm2m';

import type { FirmwareUpdate } from '../firmware/firmware-update.ts';
import type { DesiredItem, DesiredKind } from './desired-item.ts';
import { DeviceEntry, type OperationEntry } from './device-entry.ts';
import {
  type DeviceRecord,
  type DeviceStore,
  type DeviceStoreLimits,
  deviceStoreLimitsDefaults,
  type NewOperation,
  type OperationChange,
  type OperationPageRequest,
} from './device-store.ts';
import type { KnownValue } from './known-value.ts';
import { compareDesired, comparePathTexts, isAtOrBelow } from './path-order.ts';
import { isFinished, type QueuedOperation } from './queued-operation.ts';
import { valueLength } from './value-length.ts';

/** What outlives registrations, in memory: gone when the process ends. Answers everything at once. */
export class MemoryDeviceStore implements DeviceStore {
  readonly #limits: DeviceStoreLimits;
  /** Those seen longest ago first. */
  readonly #devices = new Map<string, DeviceEntry>();
  readonly #expiry = new DeadlineQueue<OperationEntry>();

  constructor(limits: Readonly<Partial<DeviceStoreLimits>> = {}) {
    this.#limits = { ...deviceStoreLimitsDefaults, ...limits };
  }

  findDevice(endpointName: string): DeviceRecord | undefined {
    return this.#devices.get(endpointName)?.record;
  }

  remember(endpointName: string, seenAt: Instant): void {
    const entry = this.#entry(endpointName);
    entry.lastSeen = seenAt;
    this.#devices.delete(endpointName);
    this.#devices.set(endpointName, entry);
  }

  setAwakeWindow(endpointName: string, window: Milliseconds | undefined): void {
    if (window === undefined && !this.#devices.has(endpointName)) return;
    this.#entry(endpointName).awakeWindow = window;
  }

  awakeWindows(): ReadonlyMap<string, Milliseconds> {
    const windows = new Map<string, Milliseconds>();
    for (const { endpointName, awakeWindow } of this.#devices.values())
      if (awakeWindow !== undefined) windows.set(endpointName, awakeWindow);
    return windows;
  }

  forget(endpointName: string): boolean {
    const entry = this.#devices.get(endpointName);
    if (entry === undefined) return false;
    for (const operation of entry.operations.values()) this.#expiry.cancel(operation);
    return this.#devices.delete(endpointName);
  }

  addOperation(operation: NewOperation): QueuedOperation {
    const entry = this.#entry(operation.endpointName);
    entry.lastOperationId += 1;
    const queued: QueuedOperation = {
      ...operation,
      id: entry.lastOperationId,
      attempts: 0,
      state: { kind: 'waiting' },
    };
    const kept: OperationEntry = { operation: queued, dueAt: undefined, heapIndex: 0 };
    entry.operations.set(queued.id, kept);
    this.#expiry.schedule(kept, queued.expiresAt);
    return queued;
  }

  changeOperation(
    endpointName: string,
    id: number,
    { from, to, attempts }: OperationChange,
  ): QueuedOperation | undefined {
    const kept = this.#devices.get(endpointName)?.operations.get(id);
    if (kept?.operation.state.kind !== from) return undefined;
    const { operation } = kept;
    kept.operation = { ...operation, state: to, attempts: attempts ?? operation.attempts };
    if (to.kind === 'waiting') this.#expiry.schedule(kept, operation.expiresAt);
    else this.#expiry.cancel(kept);
    return kept.operation;
  }

  removeOperation(endpointName: string, id: number): boolean {
    const operations = this.#devices.get(endpointName)?.operations;
    const kept = operations?.get(id);
    return kept !== undefined && isFinished(kept.operation) && operations?.delete(id) === true;
  }

  trimOperations(endpointName: string, keep: number): void {
    const operations = this.#devices.get(endpointName)?.operations;
    if (operations === undefined) return;
    const finished = [...operations.values()].filter(({ operation }) => isFinished(operation));
    for (const { operation } of finished.slice(0, Math.max(finished.length - keep, 0)))
      operations.delete(operation.id);
  }

  findOperation(endpointName: string, id: number): QueuedOperation | undefined {
    return this.#devices.get(endpointName)?.operations.get(id)?.operation;
  }

  operationsOf(
    endpointName: string,
    { after = 0, limit, states }: OperationPageRequest,
  ): readonly QueuedOperation[] {
    const operations = this.#devices.get(endpointName)?.operations.values() ?? [].values();
    return operations
      .map(({ operation }) => operation)
      .filter(({ id, state }) => id > after && (states === undefined || states.has(state.kind)))
      .take(limit)
      .toArray();
  }

  endpointsWithOpenOperations(): readonly string[] {
    return this.#endpointsWhere(({ hasOpenOperations }) => hasOpenOperations);
  }

  sentOperations(): readonly QueuedOperation[] {
    return [...this.#devices.values()].flatMap(({ operations }) =>
      [...operations.values()].map(({ operation }) => operation).filter(({ state }) => state.kind === 'sent'),
    );
  }

  expireOperations(now: Instant, limit: number): readonly QueuedOperation[] {
    const expired: QueuedOperation[] = [];
    while (expired.length < limit) {
      const kept = this.#expiry.takeDue(now);
      if (kept === undefined) break;
      kept.operation = { ...kept.operation, state: { kind: 'expired', at: now } };
      expired.push(kept.operation);
    }
    return expired;
  }

  nextOperationExpiry(): Instant | undefined {
    return this.#expiry.deadline;
  }

  putDesired(endpointName: string, item: DesiredItem): void {
    this.#entry(endpointName).desired.set(desiredKey(item.kind, item.path), item);
  }

  removeDesired(endpointName: string, kind: DesiredKind, path: string): boolean {
    return this.#devices.get(endpointName)?.desired.delete(desiredKey(kind, path)) ?? false;
  }

  desiredOf(endpointName: string): readonly DesiredItem[] {
    return [...(this.#devices.get(endpointName)?.desired.values() ?? [])].sort(compareDesired);
  }

  endpointsWithDesired(): readonly string[] {
    return this.#endpointsWhere(({ desired }) => desired.size > 0);
  }

  putFirmwareUpdate(update: FirmwareUpdate): void {
    this.#entry(update.endpointName).firmwareUpdate = update;
  }

  findFirmwareUpdate(endpointName: string): FirmwareUpdate | undefined {
    return this.#devices.get(endpointName)?.firmwareUpdate;
  }

  openFirmwareUpdates(): readonly FirmwareUpdate[] {
    return [...this.#devices.values()].flatMap(({ firmwareUpdate, isUpdating }) =>
      isUpdating && firmwareUpdate !== undefined ? [firmwareUpdate] : [],
    );
  }

  putValues(endpointName: string, values: readonly KnownValue[]): void {
    const kept = values.filter(({ resource }) => valueLength(resource) <= this.#limits.valueLength);
    if (kept.length > 0) this.#entry(endpointName).putValues(kept, this.#limits.valuesPerDevice);
  }

  removeValues(endpointName: string, path: Path): void {
    const values = this.#devices.get(endpointName)?.values;
    if (values === undefined) return;
    for (const text of values.keys()) if (isAtOrBelow(text, path)) values.delete(text);
  }

  valuesOf(endpointName: string, path: Path): readonly KnownValue[] {
    const values = [...(this.#devices.get(endpointName)?.values.values() ?? [])];
    return values
      .filter((value) => isAtOrBelow(value.path, path))
      .sort((one, other) => comparePathTexts(one.path, other.path));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }

  #entry(endpointName: string): DeviceEntry {
    const known = this.#devices.get(endpointName);
    if (known !== undefined) return known;
    const entry = new DeviceEntry(endpointName);
    this.#devices.set(endpointName, entry);
    if (this.#devices.size > this.#limits.knownDevices) this.#makeRoom(entry);
    return entry;
  }

  /** Looks at the first few only: when none of them may go, there is one more than wished. */
  #makeRoom(newcomer: DeviceEntry): void {
    for (const entry of this.#devices.values().take(candidates)) {
      if (!entry.isIdle || entry === newcomer) continue;
      this.forget(entry.endpointName);
      return;
    }
  }

  #endpointsWhere(condition: (entry: DeviceEntry) => boolean): readonly string[] {
    return [...this.#devices.values()].filter(condition).map(({ endpointName }) => endpointName);
  }
}

/** Devices that are looked at to make room for one. */
const candidates = 100;

function desiredKey(kind: DesiredKind, path: string): string {
  return `${kind} ${path}`;
}
