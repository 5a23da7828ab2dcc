import { type DunlinError, utf8Decode } from '@dunlin/base';
import { formatCode, type IncomingResponse, type RequestFailure, ResponseCode } from '@dunlin/coap';
import { judgeResponse } from '@dunlin/lwm2m';

/** Why an attempt to be registered failed. */
export interface RegistrationFailure {
  /** `resolve` is to find the Server, and with DTLS to make or keep the association with it. */
  readonly operation: 'resolve' | 'register' | 'update';
  /**
   * `no-answer`: nothing usable came back. `unresolved`: the host has no address. `unauthenticated`: the device and
   * the Server did not prove to each other who they are, as with a wrong key. `association-lost`: the DTLS association
   * was closed or failed. `refused`: the Server said no.
   * `unsupported-version`: it does not speak this version of LwM2M (4.12). `forbidden`: this endpoint may
   * not register there (4.03). `unavailable`: it asked to come back later, or failed itself (5.xx).
   * `protocol`: it answered what no Server may answer. `expired`: the lifetime ran out unanswered.
   */
  readonly problem:
    | 'no-answer'
    | 'unresolved'
    | 'unauthenticated'
    | 'association-lost'
    | 'refused'
    | 'unsupported-version'
    | 'forbidden'
    | 'unavailable'
    | 'protocol'
    | 'expired';
  /** What happened and what helps, for a human. */
  readonly message: string;
  /** The response, as `4.03`, when there was one. */
  readonly coapCode?: string;
}

/** The association that a registration went over is gone. */
export const associationLost: RegistrationFailure = {
  operation: 'resolve',
  problem: 'association-lost',
  message: 'The secure association with the Server has ended; the client reaches for it again.',
};

/** The failure behind an error of the binding that was to find or reach the Server. */
export function failureOfResolving(error: DunlinError): RegistrationFailure {
  return { operation: 'resolve', problem: problemsByCode[error.code] ?? 'no-answer', message: error.message };
}

/** By the code of the error; a credential that is unusable makes DTLS a matter of misuse. */
const problemsByCode: Readonly<Record<string, RegistrationFailure['problem']>> = {
  security: 'unauthenticated',
  usage: 'unauthenticated',
  'not-sent': 'unresolved',
};

/** The failure behind a response that is not the success of its operation; `undefined` when it is. */
export function failureOfResponse(
  operation: 'register' | 'update',
  response: IncomingResponse,
): RegistrationFailure | undefined {
  const verdict = judgeResponse(operation, response.code);
  const coapCode = formatCode(response.code);
  if (verdict === 'success') {
    if (operation === 'update' || (response.locationPath?.length ?? 0) > 0) return undefined;
    return { operation, problem: 'protocol', coapCode, message: 'The Server gave no location (1.0 §8.2.4).' };
  }
  const said = `The Server answered ${operation} with ${coapCode}${diagnosticOf(response)}`;
  if (verdict === 'unexpected') {
    return { operation, problem: 'protocol', coapCode, message: `${said}, which is no answer to it.` };
  }
  return { operation, coapCode, ...meaningOf(response.code, said) };
}

/** The failure of a request that got no response at all. */
export function failureOfRequest(
  operation: 'register' | 'update',
  reason: RequestFailure,
): RegistrationFailure {
  switch (reason) {
    case 'no-answer':
      return { operation, problem: 'no-answer', message: `The Server did not answer ${operation}.` };
    case 'not-delivered':
      return { operation, problem: 'no-answer', message: `The ${operation} did not arrive at the Server.` };
    case 'reset':
      return {
        operation,
        problem: 'no-answer',
        message: `What listens there rejected ${operation} (Reset).`,
      };
    case 'cancelled':
    case 'overloaded':
    case 'not-sent':
      return {
        operation,
        problem: 'no-answer',
        message: `The request to ${operation} could not be sent (${reason}).`,
      };
    case 'malformed-response':
    case 'body-too-large':
    case 'body-changed':
      return {
        operation,
        problem: 'protocol',
        message: `The answer to ${operation} was not usable (${reason}).`,
      };
  }
}

function meaningOf(code: ResponseCode, said: string): Pick<RegistrationFailure, 'problem' | 'message'> {
  if (code === ResponseCode.preconditionFailed) {
    return { problem: 'unsupported-version', message: `${said}: it does not accept LwM2M 1.0.` };
  }
  if (code === ResponseCode.forbidden || code === ResponseCode.unauthorized) {
    return { problem: 'forbidden', message: `${said}: it must be told to accept this endpoint name.` };
  }
  if (code >= ResponseCode.internalServerError) return { problem: 'unavailable', message: `${said}.` };
  return { problem: 'refused', message: `${said}.` };
}

/** The diagnostic payload of a refusal, at most 200 characters of it (RFC 7252 §5.5.2). */
export function diagnosticOf(response: IncomingResponse): string {
  const text = response.contentFormat === undefined ? utf8Decode(response.payload) : undefined;
  return text === undefined || text === '' ? '' : ` (${JSON.stringify(text.slice(0, 200))})`;
}
