import { utf8Encode } from '@dunlin/base';
import { type IncomingRequest, type Response, ResponseCode } from '@dunlin/coap';
import {
  canonicalFormat,
  checkFormats,
  type Content,
  formatPath,
  identifyOperation,
  isRefusal,
  type OperationName,
  type Path,
  pathFromSegments,
  type Refusal,
  refusal,
  Security,
} from '@dunlin/lwm2m';

import { create } from './create.ts';
import { deleteInstance } from './delete.ts';
import { discover } from './discover.ts';
import { execute } from './execute.ts';
import type { OperationContext } from './operation-context.ts';
import { checkTarget } from './operation-target.ts';
import { read } from './read.ts';
import { writeAttributes } from './write-attributes.ts';
import { write } from './write.ts';

/** What becomes of a request of a Server. */
export interface OperationOutcome {
  readonly response: Response;
  /** Absent when the request is no operation on anything. */
  readonly operation?: OperationName;
  readonly path?: Path;
  /** Why it was refused; the diagnostic payload says the same. */
  readonly refusal?: Refusal;
  /** What a handler or a dynamic value of the device threw: the answer is 5.00. */
  readonly error?: unknown;
  /** To be run when the response has left the device. */
  readonly afterAnswer?: (now: OperationContext['now']) => void;
  /** Set when an Observe succeeded: the content that the response tells, and its format. */
  readonly observed?: { readonly path: Path; readonly content: Content; readonly format: number };
}

type Success = Omit<OperationOutcome, 'operation' | 'path' | 'refusal' | 'error'>;

/**
 * Carries out a request of the Device Management or Information Reporting interface and says what to answer,
 * by the order of checks of R-406. What it changes in the tree is changed when it returns.
 */
export function carryOut(request: IncomingRequest, context: OperationContext): OperationOutcome {
  const hidden = checkObject(request, context);
  if (hidden !== undefined) return refused(hidden);
  const identified = identifyOperation(request);
  if (identified.kind !== 'operation') {
    return refused({ kind: 'refused', code: identified.code, reason: identified.reason });
  }
  const { name, path } = identified;
  const facts = { operation: name, path };
  try {
    const problem = checkTarget(name, path, context) ?? checkRequestFormats(name, path, request);
    const result = problem ?? operate(name, path, request, context);
    return isRefusal(result) ? { ...refused(result), ...facts } : { ...result, ...facts };
  } catch (error) {
    const problem = refusal(ResponseCode.internalServerError, 'the device failed to do it');
    return { ...refused(problem), ...facts, error };
  }
}

/** Steps 3 and 4 of R-406: Security is nobody's business, and what is not supported does not exist. */
function checkObject({ uriPath }: IncomingRequest, { tree }: OperationContext): Refusal | undefined {
  const path = pathFromSegments(uriPath);
  if (path === undefined || path.kind === 'root') return undefined;
  if (path.objectId === Security.definition.id) {
    return refusal(ResponseCode.unauthorized, 'Security instances are for the Bootstrap-Server only');
  }
  if (tree.definition(path.objectId) !== undefined) return undefined;
  return refusal(ResponseCode.notFound, `Object ${path.objectId} is not supported`);
}

/** Step 10 of R-406, as far as the numbers go. */
function checkRequestFormats(name: OperationName, path: Path, request: IncomingRequest): Refusal | undefined {
  return checkFormats(name, path.kind, {
    contentFormat: canonical(request.contentFormat),
    accept: canonical(request.accept),
  });
}

function canonical(format: number | undefined): number | undefined {
  return format === undefined ? undefined : (canonicalFormat(format) ?? format);
}

function operate(
  name: OperationName,
  path: Path,
  request: IncomingRequest,
  context: OperationContext,
): Success | Refusal {
  switch (name) {
    case 'read':
    case 'cancel-observation': {
      const reading = read(path, request.accept, context);
      return isRefusal(reading) ? reading : { response: reading.response };
    }
    case 'observe':
      return observe(path, request, context);
    case 'discover':
      if (path.kind === 'root' || path.kind === 'resource-instance') return impossible(name, path);
      return { response: discover(path, context) };
    case 'write-replace':
    case 'write-update':
      if (path.kind !== 'resource' && path.kind !== 'object-instance') return impossible(name, path);
      return answered(write(path, name === 'write-update' ? 'update' : 'replace', request, context));
    case 'write-attributes':
      return answered(writeAttributes(path, request, context));
    case 'execute':
      return path.kind === 'resource' ? execute(path, request, context) : impossible(name, path);
    case 'create':
      return path.kind === 'object' ? answered(create(path, request, context)) : impossible(name, path);
    case 'delete':
      return path.kind === 'object-instance'
        ? answered(deleteInstance(path, context))
        : impossible(name, path);
  }
}

/** Observe (1.0 §5.5.1): a Read whose target is reported on from now on. */
function observe(path: Path, request: IncomingRequest, context: OperationContext): Success | Refusal {
  const reading = read(path, request.accept, context);
  if (isRefusal(reading)) return reading;
  const { response, content } = reading;
  const { contentFormat: format } = response;
  return format === undefined ? { response } : { response, observed: { path, content, format } };
}

function answered(response: Response | Refusal): Success | Refusal {
  return isRefusal(response) ? response : { response };
}

function impossible(name: OperationName, path: Path): Refusal {
  return refusal(ResponseCode.methodNotAllowed, `${name} is not possible on ${formatPath(path)}`);
}

/** The reason goes along as diagnostic payload (RFC 7252 §5.5.2). */
function refused(problem: Refusal): OperationOutcome {
  return { response: { code: problem.code, payload: utf8Encode(problem.reason) }, refusal: problem };
}
