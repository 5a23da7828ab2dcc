import { codeClass, ContentFormat, Method, ResponseCode } from '@dunlin/coap';

import type { Path } from '../path.ts';

/** The operations of the Device Management and Information Reporting interfaces (1.0 §5.4, §5.5). */
export type OperationName =
  | 'read'
  | 'discover'
  | 'write-replace'
  | 'write-update'
  | 'write-attributes'
  | 'execute'
  | 'create'
  | 'delete'
  | 'observe'
  | 'cancel-observation';

/** The operations of the Client Registration interface (1.0 §5.3). */
export type RegistrationOperationName = 'register' | 'update' | 'deregister';

/**
 * What a payload is. `arguments` are those of an Execute; `attributes` travel in the query and leave the
 * payload empty; `links` are in CoRE link format.
 */
export type PayloadKind = 'nothing' | 'content' | 'arguments' | 'attributes' | 'links';

/** How one operation maps to CoAP (1.0 §8.2, §8.5). */
export interface OperationRule {
  readonly method: Method;
  /** The kinds of path it may be aimed at. */
  readonly levels: readonly Path['kind'][];
  /** What the request carries. */
  readonly request: PayloadKind;
  /** What a success carries. */
  readonly response: PayloadKind;
  /** The Observe option of the request. */
  readonly observe?: 'register' | 'deregister';
  /** The code of a success. */
  readonly success: ResponseCode;
  /** Other codes that old clients send for a success; never sent by ours. */
  readonly toleratedSuccesses: readonly ResponseCode[];
  /** The codes of a refusal that the response table allows; 5.00 is for whatever fits none of the others. */
  readonly refusals: readonly ResponseCode[];
}

const { badRequest, unauthorized, notFound, methodNotAllowed, internalServerError } = ResponseCode;
const targetRefusals = [badRequest, unauthorized, notFound, methodNotAllowed, internalServerError];
const readRefusals = [...targetRefusals, ResponseCode.notAcceptable];
const writeRefusals = [
  ...targetRefusals,
  ResponseCode.requestEntityIncomplete,
  ResponseCode.requestEntityTooLarge,
  ResponseCode.unsupportedContentFormat,
];
const anyLevel: readonly Path['kind'][] = ['object', 'object-instance', 'resource'];

/**
 * The operations of a Server on a Client: the one place that says which method, path depth, payload and
 * codes each of them has (1.0 §8.2.5 Tables 25 and 27, R-4xx).
 */
export const operations: Readonly<Record<OperationName, OperationRule>> = {
  read: {
    method: Method.get,
    levels: anyLevel,
    request: 'nothing',
    response: 'content',
    success: ResponseCode.content,
    toleratedSuccesses: [],
    refusals: readRefusals,
  },
  discover: {
    method: Method.get,
    levels: anyLevel,
    request: 'nothing',
    response: 'links',
    success: ResponseCode.content,
    toleratedSuccesses: [],
    refusals: targetRefusals,
  },
  'write-replace': {
    method: Method.put,
    levels: ['object-instance', 'resource'],
    request: 'content',
    response: 'nothing',
    success: ResponseCode.changed,
    toleratedSuccesses: [],
    refusals: writeRefusals,
  },
  'write-update': {
    method: Method.post,
    levels: ['object-instance'],
    request: 'content',
    response: 'nothing',
    success: ResponseCode.changed,
    toleratedSuccesses: [],
    refusals: writeRefusals,
  },
  'write-attributes': {
    method: Method.put,
    levels: anyLevel,
    request: 'attributes',
    response: 'nothing',
    success: ResponseCode.changed,
    toleratedSuccesses: [],
    refusals: targetRefusals,
  },
  execute: {
    method: Method.post,
    levels: ['resource'],
    request: 'arguments',
    response: 'nothing',
    success: ResponseCode.changed,
    toleratedSuccesses: [],
    // 4.15 is not in the table of 1.0; it is the only fitting code for arguments that are not text.
    refusals: [...targetRefusals, ResponseCode.unsupportedContentFormat],
  },
  create: {
    method: Method.post,
    levels: ['object'],
    request: 'content',
    response: 'nothing',
    success: ResponseCode.created,
    toleratedSuccesses: [],
    refusals: [...targetRefusals, ResponseCode.unsupportedContentFormat],
  },
  delete: {
    method: Method.delete,
    levels: ['object-instance'],
    request: 'nothing',
    response: 'nothing',
    success: ResponseCode.deleted,
    toleratedSuccesses: [],
    refusals: targetRefusals,
  },
  observe: {
    method: Method.get,
    levels: anyLevel,
    request: 'nothing',
    response: 'content',
    observe: 'register',
    success: ResponseCode.content,
    toleratedSuccesses: [ResponseCode.changed],
    refusals: readRefusals,
  },
  'cancel-observation': {
    method: Method.get,
    levels: anyLevel,
    request: 'nothing',
    response: 'content',
    observe: 'deregister',
    success: ResponseCode.content,
    toleratedSuccesses: [ResponseCode.changed],
    refusals: readRefusals,
  },
};

/** How one operation of the Client Registration interface maps to CoAP (1.0 §8.2.4, §8.5). */
export interface RegistrationOperationRule {
  readonly method: Method;
  /** `rd` is the registration resource of the Server; `location` is what Register returned. */
  readonly target: 'rd' | 'location';
  readonly request: 'links' | 'nothing';
  readonly isPayloadRequired: boolean;
  readonly success: ResponseCode;
  readonly toleratedSuccesses: readonly ResponseCode[];
  readonly refusals: readonly ResponseCode[];
}

/** The operations of a Client on a Server. */
export const registrationOperations: Readonly<Record<RegistrationOperationName, RegistrationOperationRule>> =
  {
    register: {
      method: Method.post,
      target: 'rd',
      request: 'links',
      isPayloadRequired: true,
      success: ResponseCode.created,
      toleratedSuccesses: [],
      refusals: [badRequest, ResponseCode.forbidden, ResponseCode.preconditionFailed, internalServerError],
    },
    update: {
      method: Method.post,
      target: 'location',
      request: 'links',
      isPayloadRequired: false,
      success: ResponseCode.changed,
      toleratedSuccesses: [],
      refusals: [badRequest, notFound, internalServerError],
    },
    deregister: {
      method: Method.delete,
      target: 'location',
      request: 'nothing',
      isPayloadRequired: false,
      success: ResponseCode.deleted,
      toleratedSuccesses: [],
      refusals: [badRequest, notFound, internalServerError],
    },
  };

/** The path segment under which every registration is. */
export const registrationPath = 'rd';

/**
 * The Content-Formats in which a payload of the given kind may be, aimed at a path of the given kind.
 * Plain text and opaque carry one value, so they serve Resources only. TLV comes first: it
 * is the one that every Client has.
 */
export function formatsFor(payload: PayloadKind, level: Path['kind']): readonly number[] {
  switch (payload) {
    case 'nothing':
    case 'attributes':
      return [];
    case 'arguments':
      return [ContentFormat.text];
    case 'links':
      return [ContentFormat.linkFormat];
    case 'content':
      return level === 'resource' ? valueFormats : structuredFormats;
  }
}

const structuredFormats: readonly number[] = [ContentFormat.tlv, ContentFormat.json];
const valueFormats: readonly number[] = [...structuredFormats, ContentFormat.text, ContentFormat.opaque];

/**
 * What a response code means as the answer to an operation. `success`: done as asked. `refusal`: a
 * well-formed no, of class 4 or 5; real devices use more codes than the table lists (4.02 for a bad query,
 * 5.03), so that every code of these classes is one, and `isListedRefusal` tells whether the table has it.
 * `unexpected`: a code that no answer to this operation may have, such as 2.04 to a Read.
 */
export function judgeResponse(
  operation: OperationName | RegistrationOperationName,
  code: number,
): 'success' | 'refusal' | 'unexpected' {
  const { success, toleratedSuccesses } = ruleOf(operation);
  if (code === success || includes(toleratedSuccesses, code)) return 'success';
  const codeClassOfAnswer = codeClass(code);
  return codeClassOfAnswer === 4 || codeClassOfAnswer === 5 ? 'refusal' : 'unexpected';
}

/** True when the response table lists the code as a refusal of this operation (1.0 §8.5 Table 27). */
export function isListedRefusal(operation: OperationName | RegistrationOperationName, code: number): boolean {
  return includes(ruleOf(operation).refusals, code);
}

function ruleOf(
  operation: OperationName | RegistrationOperationName,
): OperationRule | RegistrationOperationRule {
  switch (operation) {
    case 'register':
    case 'update':
    case 'deregister':
      return registrationOperations[operation];
    case 'read':
    case 'discover':
    case 'write-replace':
    case 'write-update':
    case 'write-attributes':
    case 'execute':
    case 'create':
    case 'delete':
    case 'observe':
    case 'cancel-observation':
      return operations[operation];
  }
}

function includes(codes: readonly number[], code: number): boolean {
  return codes.includes(code);
}
