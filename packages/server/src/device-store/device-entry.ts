import type { Instant, Milliseconds, Scheduled } from '@dunlin/base';

import { type FirmwareUpdate, isOver } from '../firmware/firmware-update.ts';
import type { DesiredItem } from './desired-item.ts';
import type { DeviceRecord } from './device-store.ts';
import type { KnownValue } from './known-value.ts';
import { isFinished, type QueuedOperation } from './queued-operation.ts';

/** An operation in memory; it waits in a deadline queue while it waits for its device. */
export interface OperationEntry extends Scheduled {
  operation: QueuedOperation;
}

/** All that the memory store keeps of one device. */
export class DeviceEntry {
  readonly endpointName: string;
  lastSeen: Instant | undefined;
  awakeWindow: Milliseconds | undefined;
  lastOperationId = 0;
  /** By id, in ascending order. */
  readonly operations: Map<number, OperationEntry> = new Map();
  /** By kind and path. */
  readonly desired: Map<string, DesiredItem> = new Map();
  firmwareUpdate: FirmwareUpdate | undefined;
  /** By path, in the order in which they were heard of. */
  readonly values: Map<string, KnownValue> = new Map();

  constructor(endpointName: string) {
    this.endpointName = endpointName;
  }

  get record(): DeviceRecord {
    const { endpointName, lastSeen, awakeWindow } = this;
    return {
      endpointName,
      ...(lastSeen === undefined ? {} : { lastSeen }),
      ...(awakeWindow === undefined ? {} : { awakeWindow }),
    };
  }

  get hasOpenOperations(): boolean {
    return this.operations.values().some(({ operation }) => !isFinished(operation));
  }

  /** Whether its firmware is being updated. */
  get isUpdating(): boolean {
    return this.firmwareUpdate !== undefined && !isOver(this.firmwareUpdate);
  }

  /** Whether it may be forgotten to make room. */
  get isIdle(): boolean {
    const isOfNoConcern = this.desired.size === 0 && !this.hasOpenOperations && !this.isUpdating;
    return this.lastSeen !== undefined && isOfNoConcern;
  }

  /** Keeps values, the newest of at most `limit` in the end. */
  putValues(values: readonly KnownValue[], limit: number): void {
    for (const value of values) {
      this.values.delete(value.path);
      this.values.set(value.path, value);
    }
    for (const path of this.values.keys()) {
      if (this.values.size <= limit) return;
      this.values.delete(path);
    }
  }
}
