import { UsageError } from '@dunlin/base';
import { codeClass, ContentFormat, Method, type Request, ResponseCode } from '@dunlin/coap';

import { formatPath, type Path, pathFromSegments, pathSegments, rootPath } from '../path.ts';
import { type Refusal, refusal } from '../refusal.ts';
import type { IdentifiableRequest } from './identifiable-request.ts';
import type { PayloadKind } from './operations.ts';

/** The operations of a Bootstrap-Server on a Client (1.0 §5.2.7). */
export type BootstrapOperationName =
  | 'bootstrap-discover'
  | 'bootstrap-write'
  | 'bootstrap-delete'
  | 'bootstrap-finish';

/** How one operation of the Bootstrap interface maps to CoAP (1.0 §8.2.3, §8.5). */
export interface BootstrapOperationRule {
  readonly method: Method;
  /** The kinds of path it may be aimed at; none for Finish, whose target is `/bs`. */
  readonly levels: readonly Path['kind'][];
  /** What the request carries. */
  readonly request: PayloadKind;
  /** What a success carries. */
  readonly response: PayloadKind;
  /** The code of a success. */
  readonly success: ResponseCode;
  /** Other codes that clients send for a success; never sent by ours. */
  readonly toleratedSuccesses: readonly ResponseCode[];
  /** The codes of a refusal that the response table allows; 5.00 is for whatever fits none of the others. */
  readonly refusals: readonly ResponseCode[];
}

/** The path segment of Bootstrap-Request at the Bootstrap-Server, and of Finish at the Client (1.0 §8.2.3 Table 23). */
export const bootstrapPath = 'bs';

const { badRequest, notFound, notAcceptable, internalServerError, unsupportedContentFormat } = ResponseCode;

/**
 * The operations of the Bootstrap interface: the one place that says which method, path depth, payload and codes each
 * of them has. Delete has the wider form that 1.0.1 gave it.
 */
export const bootstrapOperations: Readonly<Record<BootstrapOperationName, BootstrapOperationRule>> = {
  'bootstrap-discover': {
    method: Method.get,
    levels: ['root', 'object'],
    request: 'nothing',
    response: 'links',
    success: ResponseCode.content,
    toleratedSuccesses: [],
    refusals: [badRequest, notFound, internalServerError],
  },
  'bootstrap-write': {
    method: Method.put,
    levels: ['object', 'object-instance', 'resource'],
    request: 'content',
    response: 'nothing',
    success: ResponseCode.changed,
    // A Write that makes an instance is a creation to some clients.
    toleratedSuccesses: [ResponseCode.created],
    // 4.04 is not in the table; it is what clients say of an Object that they do not have.
    refusals: [badRequest, notFound, unsupportedContentFormat, internalServerError],
  },
  'bootstrap-delete': {
    method: Method.delete,
    levels: ['root', 'object', 'object-instance'],
    request: 'nothing',
    response: 'nothing',
    success: ResponseCode.deleted,
    toleratedSuccesses: [],
    refusals: [badRequest, internalServerError],
  },
  'bootstrap-finish': {
    method: Method.post,
    levels: [],
    request: 'nothing',
    response: 'nothing',
    success: ResponseCode.changed,
    toleratedSuccesses: [],
    refusals: [badRequest, notAcceptable, internalServerError],
  },
};

/** An operation that a Bootstrap-Server asks of a Client, with all that its request says. */
export type OutgoingBootstrapOperation =
  | { readonly name: 'bootstrap-discover' | 'bootstrap-delete'; readonly path: Path }
  | {
      readonly name: 'bootstrap-write';
      readonly path: Path;
      readonly contentFormat: number;
      readonly payload: Uint8Array;
    }
  | { readonly name: 'bootstrap-finish' };

/**
 * The request of an operation (1.0 §8.2.3). Paths never have the alternate root of the Client in front. Throws
 * a `UsageError` when the operation cannot be aimed at such a path.
 */
export function requestForBootstrapOperation(operation: OutgoingBootstrapOperation): Request {
  const { method, levels } = bootstrapOperations[operation.name];
  if (operation.name === 'bootstrap-finish') return { method, uriPath: [bootstrapPath] };
  const { name, path } = operation;
  if (!levels.includes(path.kind)) {
    throw new UsageError(`The operation ${name} is not possible on ${formatPath(path)}.`);
  }
  const request: Request = { method, uriPath: pathSegments(path) };
  switch (operation.name) {
    case 'bootstrap-discover':
      return { ...request, accept: ContentFormat.linkFormat };
    case 'bootstrap-delete':
      return request;
    case 'bootstrap-write':
      return { ...request, contentFormat: operation.contentFormat, payload: operation.payload };
  }
}

/** What a request of a Bootstrap-Server is; `path` is the root for Finish. */
export type IdentifiedBootstrapOperation =
  | { readonly kind: 'operation'; readonly name: BootstrapOperationName; readonly path: Path }
  | Refusal;

/**
 * Which operation a request of a Bootstrap-Server is, by method, path depth and options alone, or with which code it
 * is refused: the same table as for Servers lists only 4.00 for what cannot be. Whether its target
 * exists and its payload fits are questions of later steps.
 */
export function identifyBootstrapOperation(request: IdentifiableRequest): IdentifiedBootstrapOperation {
  if (request.method === Method.post) {
    return request.uriPath.length === 1 && request.uriPath[0] === bootstrapPath
      ? { kind: 'operation', name: 'bootstrap-finish', path: rootPath }
      : refusal(badRequest, 'a Bootstrap-Server posts to /bs only');
  }
  const path = pathFromSegments(request.uriPath);
  if (path === undefined) {
    return refusal(badRequest, `/${request.uriPath.join('/')} is not the path of any Object`);
  }
  const name = nameOf(request);
  if (name === undefined) return refusal(badRequest, 'this is no operation of a Bootstrap-Server');
  if (bootstrapOperations[name].levels.includes(path.kind)) return { kind: 'operation', name, path };
  return refusal(badRequest, `the operation ${name} is not possible on ${formatPath(path)}`);
}

/** What a response code means as the answer to an operation; see `judgeResponse`. */
export function judgeBootstrapResponse(
  operation: BootstrapOperationName,
  code: number,
): 'success' | 'refusal' | 'unexpected' {
  const { success, toleratedSuccesses } = bootstrapOperations[operation];
  if (code === success || toleratedSuccesses.some((tolerated) => tolerated === code)) return 'success';
  return codeClass(code) === 4 || codeClass(code) === 5 ? 'refusal' : 'unexpected';
}

/** The operation of a method that is not POST; a GET is one only when it asks for links. */
function nameOf({ method, accept }: IdentifiableRequest): BootstrapOperationName | undefined {
  switch (method) {
    case Method.get:
      return accept === ContentFormat.linkFormat ? 'bootstrap-discover' : undefined;
    case Method.put:
      return 'bootstrap-write';
    case Method.delete:
      return 'bootstrap-delete';
    case Method.post:
    case Method.fetch:
    case Method.patch:
    case Method.ipatch:
      return undefined;
  }
}
