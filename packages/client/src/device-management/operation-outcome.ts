import { utf8Encode } from '@dunlin/base';
import { type Response, ResponseCode } from '@dunlin/coap';
import { type Content, type OperationName, type Path, type Refusal, refusal } from '@dunlin/lwm2m';

import type { OperationContext } from './operation-context.ts';

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

/** What the outcome of a request that was not refused adds to what the request is. */
export type Success = Omit<OperationOutcome, 'operation' | 'path' | 'refusal' | 'error'>;

/** The reason goes along as diagnostic payload (RFC 7252 §5.5.2). */
export function refused(problem: Refusal): OperationOutcome {
  return { response: { code: problem.code, payload: utf8Encode(problem.reason) }, refusal: problem };
}

/** What code of the device threw is told to the device only. */
export function failed(error: unknown): OperationOutcome {
  return { ...refused(refusal(ResponseCode.internalServerError, 'the device failed to do it')), error };
}
