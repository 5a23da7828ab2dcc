import { instantFrom } from '@dunlin/base';
import {
  type FirmwareProtocol,
  isJsonArray,
  isJsonObject,
  type JsonObject,
  type JsonValue,
} from '@dunlin/lwm2m';

import type {
  FirmwareDelivery,
  FirmwareFailure,
  FirmwareLogEntry,
  FirmwareState,
  FirmwareTransfer,
  FirmwareUpdate,
} from './firmware-update.ts';

/** An update as JSON, for durable stores. */
export function firmwareUpdateToJson(update: FirmwareUpdate): JsonObject {
  const { image, delivery, state, observed, log } = update;
  return {
    ...update,
    image: { ...image },
    delivery: { ...delivery },
    state: stateToJson(state),
    observed: [...observed],
    log: log.map(({ at, message }) => ({ at, message })),
  };
}

/** The update that JSON of `firmwareUpdateToJson` stands for; `undefined` when it stands for none. */
export function firmwareUpdateFromJson(json: JsonValue): FirmwareUpdate | undefined {
  if (!isJsonObject(json)) return undefined;
  const { endpointName, id, install, startedAt, activeAt, attempts, versionBefore, staleResult } = json;
  if (typeof endpointName !== 'string' || typeof id !== 'number' || typeof attempts !== 'number')
    return undefined;
  if (typeof startedAt !== 'number' || typeof activeAt !== 'number') return undefined;
  if (install !== 'automatic' && install !== 'manual') return undefined;
  const image = imageFromJson(json['image']);
  const delivery = deliveryFromJson(json['delivery']);
  const state = stateFromJson(json['state']);
  const observed = listFromJson(json['observed'], (each) => (typeof each === 'string' ? each : undefined));
  const log = listFromJson(json['log'], entryFromJson);
  if (image === undefined || delivery === undefined || state === undefined) return undefined;
  if (observed === undefined || log === undefined) return undefined;
  return {
    endpointName,
    id,
    image,
    install,
    delivery,
    startedAt: instantFrom(startedAt),
    activeAt: instantFrom(activeAt),
    attempts,
    state,
    ...(typeof versionBefore === 'string' ? { versionBefore } : {}),
    ...(typeof staleResult === 'number' ? { staleResult } : {}),
    observed,
    log,
  };
}

function stateToJson(state: FirmwareState): JsonObject {
  switch (state.kind) {
    case 'transferring':
      return { kind: state.kind, transfer: { ...state.transfer } };
    case 'failed':
      return { kind: state.kind, at: state.at, failure: { ...state.failure } };
    case 'waiting':
    case 'downloaded':
    case 'installing':
    case 'cancelling':
    case 'succeeded':
    case 'cancelled':
      return { ...state };
  }
}

function stateFromJson(json: JsonValue | undefined): FirmwareState | undefined {
  if (!isJsonObject(json)) return undefined;
  const { kind, at, askedUnder, isBegun, executions, firmwareVersion } = json;
  if (kind === 'waiting' || kind === 'downloaded' || kind === 'cancelling') return { kind };
  if (kind === 'transferring') {
    const transfer = transferFromJson(json['transfer']);
    return transfer && { kind, transfer };
  }
  if (kind === 'installing') {
    return typeof askedUnder === 'string' && typeof isBegun === 'boolean' && typeof executions === 'number'
      ? { kind, askedUnder, isBegun, executions }
      : undefined;
  }
  if (typeof at !== 'number') return undefined;
  if (kind === 'cancelled') return { kind, at: instantFrom(at) };
  if (kind === 'succeeded') {
    const version = typeof firmwareVersion === 'string' ? { firmwareVersion } : {};
    return { kind, at: instantFrom(at), ...version };
  }
  const failure = failureFromJson(json['failure']);
  return kind === 'failed' && failure !== undefined ? { kind, at: instantFrom(at), failure } : undefined;
}

function transferFromJson(json: JsonValue | undefined): FirmwareTransfer | undefined {
  if (!isJsonObject(json)) return undefined;
  const { method, isBegun, sent, protocol, uri, token, served, askedUnder } = json;
  if (typeof isBegun !== 'boolean') return undefined;
  if (method === 'push') return typeof sent === 'number' ? { method, isBegun, sent } : undefined;
  if (method !== 'pull' || !isProtocol(protocol) || typeof uri !== 'string') return undefined;
  if (typeof token !== 'string' || typeof served !== 'number') return undefined;
  const asked = typeof askedUnder === 'string' ? { askedUnder } : {};
  return { method, isBegun, protocol, uri, token, served, ...asked };
}

function imageFromJson(json: JsonValue | undefined): FirmwareUpdate['image'] | undefined {
  if (!isJsonObject(json)) return undefined;
  const { id, name, version, model, size } = json;
  if (typeof id !== 'string' || typeof name !== 'string' || typeof size !== 'number') return undefined;
  return {
    id,
    name,
    ...(typeof version === 'string' ? { version } : {}),
    ...(typeof model === 'string' ? { model } : {}),
    size,
  };
}

function deliveryFromJson(json: JsonValue | undefined): FirmwareDelivery | undefined {
  if (!isJsonObject(json)) return undefined;
  const { method, protocol, blockSize } = json;
  if (method !== 'automatic' && method !== 'push' && method !== 'pull') return undefined;
  return {
    method,
    ...(isProtocol(protocol) ? { protocol } : {}),
    ...(typeof blockSize === 'number' ? { blockSize } : {}),
  };
}

const reasons: Readonly<Record<FirmwareFailure['reason'], true>> = {
  result: true,
  refused: true,
  unsupported: true,
  misbehaved: true,
  lost: true,
  'no-progress': true,
  'outcome-unknown': true,
  'image-unreadable': true,
};

function failureFromJson(json: JsonValue | undefined): FirmwareFailure | undefined {
  if (!isJsonObject(json)) return undefined;
  const { reason, message, result, coapCode } = json;
  if (!isReason(reason) || typeof message !== 'string') return undefined;
  return {
    reason,
    message,
    ...(typeof result === 'number' ? { result } : {}),
    ...(typeof coapCode === 'string' ? { coapCode } : {}),
  };
}

function isReason(json: JsonValue | undefined): json is FirmwareFailure['reason'] {
  return typeof json === 'string' && Object.hasOwn(reasons, json);
}

function isProtocol(json: JsonValue | undefined): json is FirmwareProtocol {
  return json === 'coap' || json === 'coaps' || json === 'http' || json === 'https';
}

function entryFromJson(json: JsonValue): FirmwareLogEntry | undefined {
  if (!isJsonObject(json)) return undefined;
  const { at, message } = json;
  return typeof at === 'number' && typeof message === 'string' ? { at: instantFrom(at), message } : undefined;
}

function listFromJson<T>(
  json: JsonValue | undefined,
  read: (json: JsonValue) => T | undefined,
): readonly T[] | undefined {
  if (!isJsonArray(json)) return undefined;
  const items = json.map(read);
  return items.every((item) => item !== undefined) ? items : undefined;
}
