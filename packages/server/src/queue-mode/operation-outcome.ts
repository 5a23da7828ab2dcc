import { type Instant, ProtocolError, TransmissionError, UsageError } from '@dunlin/base';

import type { OperationChange } from '../device-store/device-store.ts';
import { resultLength } from '../device-store/operation-json.ts';
import type { OperationRequest } from '../device-store/operation-request.ts';
import type {
  OperationFailure,
  OperationFailureReason,
  OperationResult,
  QueuedOperation,
} from '../device-store/queued-operation.ts';
import { operationTitle } from '../device-operations.ts';
import { DeviceNotRegisteredError, ResponseError } from '../errors.ts';
import type { ServerLimits } from '../server-limits.ts';
import { OperationCancelledError, OperationExpiredError, OutcomeUnknownError } from './operation-errors.ts';

/** How an operation that was sent ends with a result. */
export function changeOfResult(result: OperationResult, now: Instant, limits: ServerLimits): OperationChange {
  const length = result.kind === 'content' || result.kind === 'links' ? resultLength(result) : 0;
  const kept: OperationResult = length > limits.resultLength ? { kind: 'too-long', length } : result;
  return { from: 'sent', to: { kind: 'done', at: now, result: kept } };
}

/** How an operation that was sent goes on after an error: it fails, or waits for another attempt. */
export function changeOfError(
  operation: QueuedOperation,
  error: unknown,
  now: Instant,
  limits: ServerLimits,
): OperationChange {
  const { request, attempts } = operation;
  if (error instanceof ResponseError) {
    const isGone = request.name === 'delete' && attempts > 1 && error.coapCode === '4.04';
    if (isGone) return changeOfResult({ kind: 'done' }, now, limits);
    const { message, coapCode, diagnostic } = error;
    return failed(now, { reason: 'refused', message, coapCode, diagnostic });
  }
  switch (interruptionOf(error)) {
    case 'unknown':
      return changeOfSilence(operation, now, limits);
    case 'not-sent':
      return { from: 'sent', to: { kind: 'waiting' }, attempts: attempts - 1 };
    case undefined:
      return failed(now, failureOf(error));
  }
}

/** How an operation goes on that was sent and of whose fate nothing is known: after no answer, and after a restart. */
export function changeOfSilence(
  operation: QueuedOperation,
  now: Instant,
  limits: ServerLimits,
): OperationChange {
  const { endpointName, request, attempts } = operation;
  if (!isRepeatable(request)) {
    const message =
      `${operationTitle(request.name, request.path)} was sent to ${endpointName} and not answered: ` +
      'it may have happened, and is not sent again because it might happen twice';
    return failed(now, { reason: 'outcome-unknown', message });
  }
  if (attempts < limits.operationAttempts) return { from: 'sent', to: { kind: 'waiting' } };
  const message = `${endpointName} did not answer ${operationTitle(request.name, request.path)}, asked ${attempts} times`;
  return failed(now, { reason: 'no-answer', message });
}

/** What a device gave back for a finished operation. Throws what its caller would have caught had he waited. */
export function resultOf({ endpointName, id, request, state }: QueuedOperation): OperationResult {
  const what = `operation ${id} of ${endpointName} (${operationTitle(request.name, request.path)})`;
  switch (state.kind) {
    case 'done':
      return state.result;
    case 'failed':
      throw errorOf(endpointName, request, state.failure);
    case 'expired':
      throw new OperationExpiredError(`${what} expired: the device could not be reached in time`);
    case 'cancelled':
      throw new OperationCancelledError(`${what} was cancelled`);
    case 'waiting':
    case 'sent':
      throw new UsageError(`${what} is not finished`);
  }
}

/**
 * Whether a request may be sent again when nobody knows whether it arrived: it has the same effect twice as once.
 * Writes say what a value shall be, and a Delete of what is gone finds nothing. An Execute or a Create happens again.
 */
function isRepeatable({ name }: OperationRequest): boolean {
  return name !== 'execute' && name !== 'create';
}

/** Whether the request certainly never left. */
export function wasNotSent(error: unknown): boolean {
  return interruptionOf(error) === 'not-sent';
}

function failed(now: Instant, failure: OperationFailure): OperationChange {
  return { from: 'sent', to: { kind: 'failed', at: now, failure } };
}

/**
 * What came between the request and its answer: `not-sent` when the request never left, `unknown` when nobody
 * knows whether it arrived; `undefined` when there was an answer of some kind.
 */
function interruptionOf(error: unknown): 'unknown' | 'not-sent' | undefined {
  if (error instanceof DeviceNotRegisteredError) return 'unknown';
  if (!(error instanceof TransmissionError)) return undefined;
  switch (error.code) {
    case 'no-answer':
    case 'superseded':
    case 'expired':
    case 'closed':
      return 'unknown';
    case 'not-sent':
    case 'overloaded':
      return 'not-sent';
    case 'reset':
      return undefined;
  }
}

function failureOf(error: unknown): OperationFailure {
  const message = error instanceof Error ? error.message : String(error);
  return { reason: reasonOf(error), message };
}

function reasonOf(error: unknown): OperationFailureReason {
  if (error instanceof TransmissionError) return 'rejected';
  return error instanceof ProtocolError ? 'misbehaved' : 'unusable';
}

function errorOf(
  endpointName: string,
  { name, path }: OperationRequest,
  { reason, message, coapCode = '5.00', diagnostic = '' }: OperationFailure,
): Error {
  switch (reason) {
    case 'refused':
      return new ResponseError(endpointName, operationTitle(name, path), {
        code: codeOf(coapCode),
        diagnostic,
      });
    case 'misbehaved':
      return new ProtocolError(message);
    case 'rejected':
      return new TransmissionError('reset', message);
    case 'no-answer':
      return new TransmissionError('no-answer', message);
    case 'outcome-unknown':
      return new OutcomeUnknownError(message);
    case 'unusable':
      return new UsageError(message);
  }
}

/** The number of a code such as `4.05` (RFC 7252 §3). */
function codeOf(text: string): number {
  const [codeClass = 5, detail = 0] = text.split('.').map(Number);
  return (codeClass << 5) | detail;
}
