import { instantFrom, milliseconds, StorageError } from '@dunlin/base';
import { isFormatFailure, type JsonValue, parseJsonExactly, resourceContentFromJson } from '@dunlin/lwm2m';
import {
  type DesiredItem,
  desiredFromJson,
  type DeviceRecord,
  type FirmwareUpdate,
  firmwareUpdateFromJson,
  type KnownValue,
  type QueuedOperation,
  requestFromJson,
  stateFromJson,
  type ValueOrigin,
} from '@dunlin/server';

/** A row as the database gives it. */
export type DeviceRow = Record<string, unknown>;

/** The device in a row. Throws a `StorageError`. */
export function deviceFromRow(row: DeviceRow): DeviceRecord {
  const { last_seen: lastSeen, awake_window: awakeWindow } = row;
  return {
    endpointName: textIn(row, 'endpoint'),
    ...(typeof lastSeen === 'number' ? { lastSeen: instantFrom(lastSeen) } : {}),
    ...(typeof awakeWindow === 'number' ? { awakeWindow: milliseconds(awakeWindow) } : {}),
  };
}

/** The operation in a row. Throws a `StorageError`. */
export function operationFromRow(row: DeviceRow): QueuedOperation {
  const request = requestFromJson(jsonIn(row, 'request'));
  const state = stateFromJson(jsonIn(row, 'progress'));
  if (request === undefined) throw damaged('request');
  if (state === undefined) throw damaged('progress');
  return {
    endpointName: textIn(row, 'endpoint'),
    id: numberIn(row, 'id'),
    request,
    queuedAt: instantFrom(numberIn(row, 'queued_at')),
    expiresAt: instantFrom(numberIn(row, 'expires_at')),
    attempts: numberIn(row, 'attempts'),
    state,
  };
}

/** The wish in a row. Throws a `StorageError`. */
export function desiredFromRow(row: DeviceRow): DesiredItem {
  const item = desiredFromJson(jsonIn(row, 'item'));
  if (item === undefined) throw damaged('item');
  return item;
}

/** The update of firmware in a row. Throws a `StorageError`. */
export function firmwareUpdateFromRow(row: DeviceRow): FirmwareUpdate {
  const update = firmwareUpdateFromJson(jsonIn(row, 'record'));
  if (update === undefined) throw damaged('record');
  return update;
}

/** The value in a row. Throws a `StorageError`. */
export function valueFromRow(row: DeviceRow): KnownValue {
  const resource = resourceContentFromJson(jsonIn(row, 'resource'));
  if (isFormatFailure(resource)) throw damaged('resource');
  const { measured_at: measuredAt } = row;
  return {
    path: textIn(row, 'path'),
    resource,
    origin: originIn(row),
    knownAt: instantFrom(numberIn(row, 'known_at')),
    ...(typeof measuredAt === 'number' ? { measuredAt: instantFrom(measuredAt) } : {}),
  };
}

/** The text in a column. Throws a `StorageError`. */
export function textIn(row: DeviceRow, column: string): string {
  const value = row[column];
  if (typeof value !== 'string') throw damaged(column);
  return value;
}

/** The number in a column. Throws a `StorageError`. */
export function numberIn(row: DeviceRow, column: string): number {
  const value = row[column];
  if (typeof value !== 'number') throw damaged(column);
  return value;
}

function originIn(row: DeviceRow): ValueOrigin {
  const { origin } = row;
  if (origin === 'read' || origin === 'notified' || origin === 'written') return origin;
  throw damaged('origin');
}

function jsonIn(row: DeviceRow, column: string): JsonValue {
  const json = parseJsonExactly(textIn(row, column));
  if (isFormatFailure(json)) throw damaged(column);
  return json;
}

function damaged(column: string): StorageError {
  return new StorageError(`the device database is damaged: a ${column} is not one`);
}
