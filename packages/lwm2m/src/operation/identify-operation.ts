import { ContentFormat, Method, ResponseCode } from '@dunlin/coap';

import { formatPath, type Path, pathFromSegments, rootPath } from '../path.ts';
import { type Refusal, refusal } from '../refusal.ts';
import { type BootstrapOperationName, bootstrapPath } from './bootstrap-operations.ts';
import type { IdentifiableRequest } from './identifiable-request.ts';
import { type OperationName, operations } from './operations.ts';

/**
 * What an incoming request is. A `refused` or `bootstrap` one that names a path below the root is judged
 * after the two checks that come first for any operation: object 0 is 4.01, and an unknown Object is 4.04
 * (R-406 steps 3 and 4). `bootstrap` is a shape that only the Bootstrap-Server may send: from a Server it
 * is refused with the code and reason that it carries. A Bootstrap-Server also sends shapes that are
 * operations here, such as the Write of an instance.
 */
export type IdentifiedOperation =
  | { readonly kind: 'operation'; readonly name: OperationName; readonly path: Path }
  | (Omit<Refusal, 'kind'> & {
      readonly kind: 'bootstrap';
      readonly name: BootstrapOperationName;
      readonly path: Path;
    })
  | (Refusal & { readonly path?: Path | undefined });

/**
 * Which operation a request is, by method, path depth, query and options alone (1.0 §8.2.5, R-406 step 5).
 * Whether its target exists and its payload fits are questions of later steps. `alternateRoot` is that of
 * the Client, as announced in its registration; `/` when it has none, and for Bootstrap-Servers,
 * which never use it.
 */
export function identifyOperation(request: IdentifiableRequest, alternateRoot = '/'): IdentifiedOperation {
  if (isBootstrapFinish(request)) return bootstrap('bootstrap-finish', rootPath, ResponseCode.notFound);
  const segments = stripRoot(request.uriPath, alternateRoot);
  if (segments === undefined) {
    return refusal(ResponseCode.notFound, `nothing is outside the root path ${alternateRoot}`);
  }
  const path = pathFromSegments(segments);
  if (path === undefined) {
    return refusal(ResponseCode.notFound, `/${segments.join('/')} is not the path of any Object`);
  }
  switch (request.method) {
    case Method.get:
      return identifyGet(request, path);
    case Method.put:
      return identifyPut(request, path);
    case Method.post:
      return identifyPost(request, path);
    case Method.delete:
      return identifyDelete(path);
    case Method.fetch:
    case Method.patch:
    case Method.ipatch:
      return { ...refusal(ResponseCode.methodNotAllowed, 'LwM2M 1.0 does not use this method'), path };
  }
}

function identifyGet(request: IdentifiableRequest, path: Path): IdentifiedOperation {
  if (path.kind === 'resource-instance') {
    return { ...refusal(ResponseCode.notFound, 'LwM2M 1.0 has no paths of Resource Instances'), path };
  }
  if (request.accept === ContentFormat.linkFormat) {
    if (path.kind === 'root') return bootstrap('bootstrap-discover', path, ResponseCode.methodNotAllowed);
    return operation('discover', path);
  }
  if (request.observe === 'register') return operation('observe', path);
  if (request.observe === 'deregister') return operation('cancel-observation', path);
  return operation('read', path);
}

function identifyPut(request: IdentifiableRequest, path: Path): IdentifiedOperation {
  const isWriteAttributes =
    request.contentFormat === undefined && request.payload.length === 0 && request.uriQuery.length > 0;
  if (isWriteAttributes) return operation('write-attributes', path);
  if (path.kind === 'object') return bootstrap('bootstrap-write', path, ResponseCode.methodNotAllowed);
  return operation('write-replace', path);
}

function identifyPost(request: IdentifiableRequest, path: Path): IdentifiedOperation {
  switch (path.kind) {
    case 'object':
      return operation('create', path);
    case 'object-instance':
      return operation('write-update', path);
    case 'resource':
      return operation(isPackagePush(request, path) ? 'write-replace' : 'execute', path);
    case 'root':
    case 'resource-instance':
      return illegalLevel('a POST', path);
  }
}

function identifyDelete(path: Path): IdentifiedOperation {
  if (path.kind === 'root' || path.kind === 'object') {
    return bootstrap('bootstrap-delete', path, ResponseCode.methodNotAllowed);
  }
  return operation('delete', path);
}

/** The operation, when its rule allows the level of the path. */
function operation(name: OperationName, path: Path): IdentifiedOperation {
  if (operations[name].levels.includes(path.kind)) return { kind: 'operation', name, path };
  return illegalLevel(`the operation ${name}`, path);
}

function illegalLevel(what: string, path: Path): IdentifiedOperation {
  const reason = `${what} is not possible on ${formatPath(path)}`;
  return { ...refusal(ResponseCode.methodNotAllowed, reason), path };
}

function bootstrap(name: BootstrapOperationName, path: Path, code: ResponseCode): IdentifiedOperation {
  return { kind: 'bootstrap', name, path, code, reason: 'only the Bootstrap-Server may ask for this' };
}

function isBootstrapFinish({ method, uriPath }: IdentifiableRequest): boolean {
  return method === Method.post && uriPath.length === 1 && uriPath[0] === bootstrapPath;
}

/**
 * A firmware image may be pushed by POST as well as by PUT (R-1054). The Package is not executable, so
 * nothing is lost by reading a block-wise or binary POST to it as a Write.
 */
function isPackagePush(request: IdentifiableRequest, path: Path): boolean {
  if (formatPath(path) !== '/5/0/0') return false;
  return request.isBlockwise || isOpaque(request.contentFormat);
}

function isOpaque(contentFormat: number | undefined): boolean {
  return contentFormat === ContentFormat.opaque || contentFormat === ContentFormat.legacyOpaque;
}

/** The segments below the root, or `undefined` when the path is not under it. */
function stripRoot(uriPath: readonly string[], alternateRoot: string): readonly string[] | undefined {
  const root = alternateRoot.split('/').filter((segment) => segment !== '');
  return root.every((segment, depth) => uriPath[depth] === segment) ? uriPath.slice(root.length) : undefined;
}
