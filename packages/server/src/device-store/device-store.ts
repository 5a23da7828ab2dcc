import type { Instant, Milliseconds } from '@dunlin/base';
import type { Path } from '@dunlin/lwm2m';

import type { FirmwareUpdate } from '../firmware/firmware-update.ts';
import type { MaybePromise } from '../registration-store.ts';
import type { DesiredItem, DesiredKind } from './desired-item.ts';
import type { KnownValue } from './known-value.ts';
import type { OperationState, OperationStateKind, QueuedOperation } from './queued-operation.ts';

/** What is known of a device whether it is registered or not. */
export interface DeviceRecord {
  readonly endpointName: string;
  /** When its last registration ended; absent for one that never had another. */
  readonly lastSeen?: Instant | undefined;
  /** For how long it is awake after its messages, when it has a window of its own. */
  readonly awakeWindow?: Milliseconds | undefined;
}

/** An operation that has no id yet. */
export type NewOperation = Pick<QueuedOperation, 'endpointName' | 'request' | 'queuedAt' | 'expiresAt'>;

/** A change of an operation. */
export interface OperationChange {
  /** Only when it is in this state. */
  readonly from: OperationStateKind;
  readonly to: OperationState;
  /** How often it was sent by now; without it as before. */
  readonly attempts?: number | undefined;
}

/** A part of the operations of a device, in the order of their ids. */
export interface OperationPageRequest {
  /** Only ids above this one. */
  readonly after?: number | undefined;
  /** At most so many. */
  readonly limit: number;
  /** Only those in one of these states. */
  readonly states?: ReadonlySet<OperationStateKind> | undefined;
}

/** How much a store keeps. */
export interface DeviceStoreLimits {
  /**
   * Devices that are remembered. With more, those go first whose last registration ended longest ago and of which
   * nothing is wished, no operation is open and no firmware is being updated.
   */
  readonly knownDevices: number;
  /** Values of one device; the one that was not heard of for longest goes first. */
  readonly valuesPerDevice: number;
  /** Characters or bytes of the value, or all values, of one Resource; what is longer is not kept. */
  readonly valueLength: number;
}

/** How much is kept of devices when nothing else is said, each with its reason. */
export const deviceStoreLimitsDefaults: DeviceStoreLimits = {
  /** Twice the registrations of a node, so that a fleet that was exchanged once is remembered whole. */
  knownDevices: 2_000_000,
  /** Every Resource of some thirty Object Instances of usual size. */
  valuesPerDevice: 1000,
  /** Certificates and long texts; no firmware images. */
  valueLength: 16_384,
};

/**
 * Port: what outlives a registration, by endpoint name: operations that wait, wishes, updates of firmware, last known
 * values. Methods may answer at once or later; what they promise holds when they answer. A method that cannot keep its promise
 * throws or rejects with a `StorageError` and has changed nothing.
 *
 * Nothing here reaches across endpoints but the methods that begin a process: one node owns a device.
 */
export interface DeviceStore extends AsyncDisposable {
  /** What is known of a device; `undefined` for one of which nothing ever was kept. */
  findDevice(endpointName: string): MaybePromise<DeviceRecord | undefined>;
  /** A registration of the device ended at `seenAt`. May become durable up to a second after it was answered. */
  remember(endpointName: string, seenAt: Instant): MaybePromise<void>;
  /** Gives the device an awake window of its own, or with `undefined` that of all. Durable when answered. */
  setAwakeWindow(endpointName: string, window: Milliseconds | undefined): MaybePromise<void>;
  /** All devices with an awake window of their own. */
  awakeWindows(): MaybePromise<ReadonlyMap<string, Milliseconds>>;
  /** Forgets all that is kept of a device; false when nothing was. Durable when answered. */
  forget(endpointName: string): MaybePromise<boolean>;

  /** Keeps an operation as waiting, under the next id of its device. Durable when answered. */
  addOperation(operation: NewOperation): MaybePromise<QueuedOperation>;
  /** Changes an operation, and gives it as it is then; `undefined` when it is not in the state. Durable when answered. */
  changeOperation(
    endpointName: string,
    id: number,
    change: OperationChange,
  ): MaybePromise<QueuedOperation | undefined>;
  /** Takes a finished operation out; false when there is none. Durable when answered. */
  removeOperation(endpointName: string, id: number): MaybePromise<boolean>;
  /** Takes out the oldest finished operations of a device beyond `keep`. */
  trimOperations(endpointName: string, keep: number): MaybePromise<void>;
  findOperation(endpointName: string, id: number): MaybePromise<QueuedOperation | undefined>;
  operationsOf(endpointName: string, page: OperationPageRequest): MaybePromise<readonly QueuedOperation[]>;
  /** The devices with operations that wait or are sent. */
  endpointsWithOpenOperations(): MaybePromise<readonly string[]>;
  /** Every operation in state `sent`, for what a process left behind. */
  sentOperations(): MaybePromise<readonly QueuedOperation[]>;
  /** Lets at most `limit` of the waiting operations expire whose time is over at `now`, and gives them as they are then. */
  expireOperations(now: Instant, limit: number): MaybePromise<readonly QueuedOperation[]>;
  /** When the next waiting operation expires. */
  nextOperationExpiry(): MaybePromise<Instant | undefined>;

  /** Keeps a wish in place of that of the same kind and path. Durable when answered. */
  putDesired(endpointName: string, item: DesiredItem): MaybePromise<void>;
  /** Takes a wish out; false when there is none. Durable when answered. */
  removeDesired(endpointName: string, kind: DesiredKind, path: string): MaybePromise<boolean>;
  /** The wishes for a device: by path in numeric order, attributes before the observation of the same path. */
  desiredOf(endpointName: string): MaybePromise<readonly DesiredItem[]>;
  /** The devices for which there are wishes. */
  endpointsWithDesired(): MaybePromise<readonly string[]>;

  /** Keeps the update of a device in place of the one before. Durable when answered. */
  putFirmwareUpdate(update: FirmwareUpdate): MaybePromise<void>;
  /** The update of a device that is under way, or else its last one. */
  findFirmwareUpdate(endpointName: string): MaybePromise<FirmwareUpdate | undefined>;
  /** All updates that are under way. */
  openFirmwareUpdates(): MaybePromise<readonly FirmwareUpdate[]>;

  /**
   * Keeps values in place of those of the same paths, within the limits. May become durable up to a second after
   * it was answered.
   */
  putValues(endpointName: string, values: readonly KnownValue[]): MaybePromise<void>;
  /** Forgets the values at and below a path. May become durable up to a second after it was answered. */
  removeValues(endpointName: string, path: Path): MaybePromise<void>;
  /** The values at and below a path, by path in numeric order. */
  valuesOf(endpointName: string, path: Path): MaybePromise<readonly KnownValue[]>;
}
