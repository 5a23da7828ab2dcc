import { UsageError, utf8Encode } from '@dunlin/base';
import { type BodySource, ContentFormat, type Request } from '@dunlin/coap';

import { formatAttributeQuery } from '../attribute/attribute-query.ts';
import { type ExecuteArguments, formatExecuteArguments } from '../execute-arguments.ts';
import type { NotificationAttributesChange } from '../notification-attributes.ts';
import { formatPath, type Path, pathSegments } from '../path.ts';
import { operations } from './operations.ts';

/** An operation that a Server asks of a Client, with all that its request says. */
export type OutgoingOperation =
  | {
      readonly name: 'read' | 'observe' | 'cancel-observation';
      readonly path: Path;
      /** The format of the answer: always asked for, as the defaults of Clients differ. */
      readonly accept: number;
    }
  | { readonly name: 'discover' | 'delete'; readonly path: Path }
  | {
      readonly name: 'write-replace' | 'write-update' | 'create';
      readonly path: Path;
      /** Always said: a PUT without it is a Write-Attributes to most Clients. */
      readonly contentFormat: number;
      readonly payload: Uint8Array | BodySource;
    }
  | {
      readonly name: 'write-attributes';
      readonly path: Path;
      readonly change: NotificationAttributesChange;
    }
  | { readonly name: 'execute'; readonly path: Path; readonly arguments?: ExecuteArguments | undefined };

/**
 * The request of an operation (1.0 §8.2.5). `alternateRoot` is the root path that the Client registered, in
 * front of every path. The Observe option is not in it: `operations` names it, and the CoAP endpoint
 * sets it. Throws `UsageError` when the operation cannot be aimed at such a path, or asks for no change.
 */
export function requestForOperation(operation: OutgoingOperation, alternateRoot = '/'): Request {
  const { method, levels } = operations[operation.name];
  if (!levels.includes(operation.path.kind)) {
    throw new UsageError(`The operation ${operation.name} is not possible on ${formatPath(operation.path)}.`);
  }
  const root = alternateRoot.split('/').filter((segment) => segment !== '');
  return { method, uriPath: [...root, ...pathSegments(operation.path)], ...optionsOf(operation) };
}

function optionsOf(operation: OutgoingOperation): Omit<Request, 'method' | 'uriPath'> {
  switch (operation.name) {
    case 'read':
    case 'observe':
    case 'cancel-observation':
      return { accept: operation.accept };
    case 'discover':
      return { accept: ContentFormat.linkFormat };
    case 'delete':
      return {};
    case 'write-replace':
    case 'write-update':
    case 'create':
      return { contentFormat: operation.contentFormat, payload: operation.payload };
    case 'write-attributes': {
      const uriQuery = formatAttributeQuery(operation.change);
      if (uriQuery.length === 0) throw new UsageError('A Write-Attributes needs at least one attribute.');
      return { uriQuery };
    }
    case 'execute': {
      const text = formatExecuteArguments(operation.arguments ?? new Map());
      return text === '' ? {} : { contentFormat: ContentFormat.text, payload: utf8Encode(text) };
    }
  }
}
