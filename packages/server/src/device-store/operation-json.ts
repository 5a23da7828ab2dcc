import { instantFrom, seconds } from '@dunlin/base';
import {
  contentFromJson,
  contentToJson,
  type DiscoverLink,
  formatPath,
  isFormatFailure,
  isJsonArray,
  isJsonObject,
  isNotificationAttribute,
  type JsonObject,
  type JsonValue,
  type NotificationAttributes,
  type NotificationAttributesChange,
  parsePath,
  type Path,
  stringifyJsonExactly,
} from '@dunlin/lwm2m';

import type { OperationRequest } from './operation-request.ts';
import type {
  OperationFailure,
  OperationFailureReason,
  OperationResult,
  OperationState,
} from './queued-operation.ts';

/** A request as JSON, for durable stores. */
export function requestToJson(request: OperationRequest): JsonObject {
  const path = formatPath(request.path);
  switch (request.name) {
    case 'read':
      return { name: request.name, path, format: request.format };
    case 'discover':
    case 'delete':
      return { name: request.name, path };
    case 'write-replace':
    case 'write-update':
    case 'create':
      return { name: request.name, path, content: contentToJson(request.content), format: request.format };
    case 'write-attributes':
      return { name: request.name, path, change: changeToJson(request.change) };
    case 'execute':
      return { name: request.name, path, arguments: request.arguments };
  }
}

/** How long a request is as JSON: what it takes of a store. */
export function requestLength(request: OperationRequest): number {
  return stringifyJsonExactly(requestToJson(request)).length;
}

/** How long a result is as JSON. */
export function resultLength(result: OperationResult): number {
  return stringifyJsonExactly(resultToJson(result)).length;
}

/** The request that JSON of `requestToJson` stands for; `undefined` when it stands for none. */
export function requestFromJson(json: JsonValue | undefined): OperationRequest | undefined {
  if (!isJsonObject(json)) return undefined;
  const { name } = json;
  if (typeof name !== 'string') return undefined;
  const path = pathFrom(json['path']);
  const format = typeof json['format'] === 'number' ? { format: json['format'] } : {};
  if (path === undefined) return undefined;
  switch (name) {
    case 'read':
      return { name, path, ...format };
    case 'discover':
    case 'delete':
      return { name, path };
    case 'write-replace':
    case 'write-update':
    case 'create': {
      const content = contentFromJson(json['content'] ?? null);
      if (isFormatFailure(content)) return undefined;
      if (name !== 'create') return { name, path, content, ...format };
      return path.kind === 'object' ? { name, path, content, ...format } : undefined;
    }
    case 'write-attributes': {
      const change = changeFromJson(json['change']);
      return change === undefined ? undefined : { name, path, change };
    }
    case 'execute': {
      const { arguments: text } = json;
      return typeof text === 'string' ? { name, path, arguments: text } : undefined;
    }
  }
  return undefined;
}

/** A state as JSON, for durable stores. */
export function stateToJson(state: OperationState): JsonObject {
  switch (state.kind) {
    case 'waiting':
      return { kind: state.kind };
    case 'sent':
    case 'expired':
    case 'cancelled':
      return { kind: state.kind, at: state.at };
    case 'done':
      return { kind: state.kind, at: state.at, result: resultToJson(state.result) };
    case 'failed':
      return { kind: state.kind, at: state.at, failure: { ...state.failure } };
  }
}

/** The state that JSON of `stateToJson` stands for; `undefined` when it stands for none. */
export function stateFromJson(json: JsonValue | undefined): OperationState | undefined {
  if (!isJsonObject(json)) return undefined;
  const { kind } = json;
  if (kind === 'waiting') return { kind };
  if (typeof kind !== 'string' || typeof json['at'] !== 'number') return undefined;
  const at = instantFrom(json['at']);
  switch (kind) {
    case 'sent':
    case 'expired':
    case 'cancelled':
      return { kind, at };
    case 'done': {
      const result = resultFromJson(json['result']);
      return result === undefined ? undefined : { kind, at, result };
    }
    case 'failed': {
      const failure = failureFromJson(json['failure']);
      return failure === undefined ? undefined : { kind, at, failure };
    }
  }
  return undefined;
}

/** A change of attributes as JSON. */
export function changeToJson(change: NotificationAttributesChange): JsonObject {
  return { ...change };
}

/** The change that JSON of `changeToJson` stands for; `undefined` when it stands for none. */
export function changeFromJson(json: JsonValue | undefined): NotificationAttributesChange | undefined {
  if (!isJsonObject(json)) return undefined;
  const change: {
    -readonly [Name in keyof NotificationAttributesChange]: NotificationAttributesChange[Name];
  } = {};
  for (const [name, value] of Object.entries(json)) {
    const isValue = typeof value === 'number' || value === null;
    if (!isNotificationAttribute(name) || !isValue) return undefined;
    if (name === 'pmin' || name === 'pmax') change[name] = value === null ? null : seconds(value);
    else change[name] = value;
  }
  return change;
}

function resultToJson(result: OperationResult): JsonObject {
  switch (result.kind) {
    case 'content':
      return { kind: result.kind, content: contentToJson(result.content) };
    case 'links':
      return { kind: result.kind, links: result.links.map(linkToJson) };
    case 'created':
      return { kind: result.kind, path: formatPath(result.path) };
    case 'done':
      return { kind: result.kind };
    case 'too-long':
      return { kind: result.kind, length: result.length };
  }
}

function resultFromJson(json: JsonValue | undefined): OperationResult | undefined {
  if (!isJsonObject(json)) return undefined;
  const { kind } = json;
  if (typeof kind !== 'string') return undefined;
  switch (kind) {
    case 'content': {
      const content = contentFromJson(json['content'] ?? null);
      return isFormatFailure(content) ? undefined : { kind, content };
    }
    case 'links': {
      const links = isJsonArray(json['links']) ? json['links'].map(linkFromJson) : [undefined];
      return links.every((link) => link !== undefined) ? { kind, links } : undefined;
    }
    case 'created': {
      const path = pathFrom(json['path']);
      return path?.kind === 'object-instance' ? { kind, path } : undefined;
    }
    case 'done':
      return { kind };
    case 'too-long':
      return typeof json['length'] === 'number' ? { kind, length: json['length'] } : undefined;
  }
  return undefined;
}

function linkToJson({ path, version, dimension, attributes }: DiscoverLink): JsonObject {
  return { path: formatPath(path), version, dimension, attributes: { ...attributes } };
}

function linkFromJson(json: JsonValue): DiscoverLink | undefined {
  if (!isJsonObject(json)) return undefined;
  const { version, dimension } = json;
  const path = pathFrom(json['path']);
  const attributes = changeFromJson(json['attributes']);
  if (path === undefined || attributes === undefined || !hasNoUnset(attributes)) return undefined;
  return {
    path,
    ...(typeof version === 'string' ? { version } : {}),
    ...(typeof dimension === 'number' ? { dimension } : {}),
    attributes,
  };
}

function hasNoUnset(change: NotificationAttributesChange): change is NotificationAttributes {
  return Object.values(change).every((value) => value !== null);
}

const failureReasons: ReadonlySet<JsonValue | undefined> = new Set<OperationFailureReason>([
  'refused',
  'misbehaved',
  'rejected',
  'no-answer',
  'outcome-unknown',
  'unusable',
]);

function failureFromJson(json: JsonValue | undefined): OperationFailure | undefined {
  if (!isJsonObject(json)) return undefined;
  const { reason, message, coapCode, diagnostic } = json;
  if (!isFailureReason(reason) || typeof message !== 'string') return undefined;
  return {
    reason,
    message,
    ...(typeof coapCode === 'string' ? { coapCode } : {}),
    ...(typeof diagnostic === 'string' ? { diagnostic } : {}),
  };
}

function isFailureReason(json: JsonValue | undefined): json is OperationFailureReason {
  return failureReasons.has(json);
}

function pathFrom(json: JsonValue | undefined): Path | undefined {
  return typeof json === 'string' ? parsePath(json) : undefined;
}
