import {
  type AttributesInput,
  contentToDocument,
  type DiscoverDocument,
  type OperationDocument,
  type OperationRequestDocument,
  type OperationResultDocument,
} from '@dunlin/api';
import {
  type DiscoverLink,
  formatPath,
  type NotificationAttributesChange,
  type ObjectDefinition,
  type ObjectDefinitions,
} from '@dunlin/lwm2m';
import { type OperationResult, type QueuedOperation, resultOf } from '@dunlin/server';

import { instantText } from './device-to-summary.ts';
import { errorAnswer } from './error-answer.ts';
import { nameAt } from './name-at.ts';

/** The JSON form of an operation that was accepted. */
export function operationToDocument(
  operation: QueuedOperation,
  definitions: ObjectDefinitions,
): OperationDocument {
  const { request, state } = operation;
  const { path } = request;
  const definition = 'objectId' in path ? definitions.find(path.objectId) : undefined;
  return {
    endpoint: operation.endpointName,
    id: operation.id,
    operation: request.name,
    path: formatPath(path),
    ...nameAt(path, definition),
    request: requestToDocument(operation, definition),
    state: state.kind,
    queuedAt: instantText(operation.queuedAt),
    expiresAt: instantText(operation.expiresAt),
    attempts: operation.attempts,
    ...stateToDocument(operation, definition),
  };
}

/** The JSON form of a line of a Discover. */
export function linkToDocument(
  link: DiscoverLink,
  definition: ObjectDefinition | undefined,
): DiscoverDocument {
  const { pmin, pmax, gt, lt, st } = link.attributes;
  return {
    path: formatPath(link.path),
    ...nameAt(link.path, definition),
    ...(link.version === undefined ? {} : { version: link.version }),
    ...(link.dimension === undefined ? {} : { dimension: link.dimension }),
    attributes: {
      ...(pmin === undefined ? {} : { pmin }),
      ...(pmax === undefined ? {} : { pmax }),
      ...(gt === undefined ? {} : { gt }),
      ...(lt === undefined ? {} : { lt }),
      ...(st === undefined ? {} : { st }),
    },
  };
}

/** The JSON form of a change of attributes. */
export function changeToDocument(change: NotificationAttributesChange): AttributesInput {
  const { pmin, pmax, gt, lt, st } = change;
  return {
    ...(pmin === undefined ? {} : { pmin }),
    ...(pmax === undefined ? {} : { pmax }),
    ...(gt === undefined ? {} : { gt }),
    ...(lt === undefined ? {} : { lt }),
    ...(st === undefined ? {} : { st }),
  };
}

function requestToDocument(
  { request }: QueuedOperation,
  definition: ObjectDefinition | undefined,
): OperationRequestDocument {
  switch (request.name) {
    case 'read':
    case 'discover':
    case 'delete':
      return {};
    case 'write-replace':
    case 'write-update':
    case 'create':
      return { content: contentToDocument(request.path, request.content, definition) };
    case 'write-attributes':
      return { attributes: changeToDocument(request.change) };
    case 'execute':
      return request.arguments === '' ? {} : { arguments: request.arguments };
  }
}

function stateToDocument(
  operation: QueuedOperation,
  definition: ObjectDefinition | undefined,
): Pick<OperationDocument, 'sentAt' | 'finishedAt' | 'result' | 'error'> {
  const { state, request } = operation;
  switch (state.kind) {
    case 'waiting':
      return {};
    case 'sent':
      return { sentAt: instantText(state.at) };
    case 'done':
      return {
        finishedAt: instantText(state.at),
        result: resultToDocument(state.result, request.path, definition),
      };
    case 'failed':
    case 'expired':
    case 'cancelled':
      return { finishedAt: instantText(state.at), error: errorAnswer(errorOf(operation)).document };
  }
}

function resultToDocument(
  result: OperationResult,
  path: QueuedOperation['request']['path'],
  definition: ObjectDefinition | undefined,
): OperationResultDocument {
  switch (result.kind) {
    case 'content':
      return { content: contentToDocument(path, result.content, definition) };
    case 'links':
      return { links: result.links.map((link) => linkToDocument(link, definition)) };
    case 'created':
      return { path: formatPath(result.path) };
    case 'done':
      return {};
    case 'too-long':
      return { length: result.length };
  }
}

function errorOf(operation: QueuedOperation): unknown {
  try {
    resultOf(operation);
    return undefined;
  } catch (error) {
    return error;
  }
}
