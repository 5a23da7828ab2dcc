import { type IncomingRequest, type Response, ResponseCode } from '@dunlin/coap';
import {
  canonicalFormat,
  checkFormats,
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
import type { PartTaker } from '../object-tree/tree-resource.ts';
import { type OperationContext, originOf } from './operation-context.ts';
import { failed, type OperationOutcome, refused, type Success } from './operation-outcome.ts';
import { checkTarget } from './operation-target.ts';
import { read } from './read.ts';
import type { ValueParts } from './value-parts.ts';
import { writeAttributes } from './write-attributes.ts';
import { write } from './write.ts';

/** What a request asks for, when it may be carried out as far as its path, its options and the rights go. */
interface CheckedRequest {
  readonly operation: OperationName;
  readonly path: Path;
}

/** A request that brings a part of a value. */
export type PartRequest = IncomingRequest & { readonly part: NonNullable<IncomingRequest['part']> };

/**
 * Carries out a request of the Device Management or Information Reporting interface and says what to answer,
 * by the order of checks of R-406. What it changes in the tree is changed when it returns.
 */
export function carryOut(request: IncomingRequest, context: OperationContext): OperationOutcome {
  const checked = check(request, context);
  if ('response' in checked) return checked;
  const { operation, path } = checked;
  try {
    const result = operate(operation, path, request, context);
    return { ...(isRefusal(result) ? refused(result) : result), ...checked };
  } catch (error) {
    return { ...failed(error), ...checked };
  }
}

/**
 * The same for a Write whose value comes part by part, with an answer for each. The Resource may take its time: the
 * promise never rejects.
 */
export async function carryOutPart(
  request: PartRequest,
  values: ValueParts,
  context: OperationContext,
): Promise<OperationOutcome> {
  const checked = check(request, context);
  if ('response' in checked) return checked;
  try {
    const problem = await takePart(checked, request, values, context);
    const code = request.part.isLast ? ResponseCode.changed : ResponseCode.continue;
    return { ...(problem === undefined ? { response: { code } } : refused(problem)), ...checked };
  } catch (error) {
    return { ...failed(error), ...checked };
  }
}

function check(request: IncomingRequest, context: OperationContext): CheckedRequest | OperationOutcome {
  const hidden = checkObject(request, context);
  if (hidden !== undefined) return refused(hidden);
  const identified = identifyOperation(request);
  if (identified.kind !== 'operation') {
    return refused({ kind: 'refused', code: identified.code, reason: identified.reason });
  }
  const checked: CheckedRequest = { operation: identified.name, path: identified.path };
  const { operation, path } = checked;
  try {
    const problem = checkTarget(operation, path, context) ?? checkRequestFormats(operation, path, request);
    return problem === undefined ? checked : { ...refused(problem), ...checked };
  } catch (error) {
    return { ...failed(error), ...checked };
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

/** Gives the Resource its part; what follows a value that is cut short is of no use to it. */
function takePart(
  { operation, path }: CheckedRequest,
  request: PartRequest,
  values: ValueParts,
  context: OperationContext,
): ReturnType<PartTaker> {
  const resource = path.kind === 'resource' ? context.tree.resource(path) : undefined;
  if (path.kind !== 'resource' || resource?.kind !== 'dynamic' || resource.takePart === undefined) {
    return impossible(operation, path);
  }
  const part = values.read(path, context.shortServerId, request, request.part);
  return isRefusal(part) ? part : resource.takePart({ ...part, origin: originOf(context), now: context.now });
}
