import type { ApiErrorWord, ErrorDocument } from '@dunlin/api';
import { DunlinError, TransmissionError } from '@dunlin/base';
import { DeviceNotRegisteredError, ResponseError } from '@dunlin/server';

import { coapMeaning } from './coap-meaning.ts';
import { RequestProblem } from './request-problem.ts';

/** The HTTP answer to an error. */
export interface ErrorAnswer {
  readonly status: number;
  readonly document: ErrorDocument;
  /** Whole seconds after which it is worth asking again. */
  readonly retryAfter?: number;
}

/**
 * What the interface answers when `error` was thrown: the device's refusal is 502 with its code, no answer 504, an
 * unknown device 404, bad input 400 naming the field, more than is taken on 413, 429 or 503. What is nobody's
 * fault but ours is 500 and says nothing of the inside.
 */
export function errorAnswer(error: unknown): ErrorAnswer {
  if (error instanceof RequestProblem) {
    const field = {
      ...(error.field === undefined ? {} : { field: error.field }),
      ...(error.position === undefined ? {} : { position: error.position }),
    };
    const retry = error.status === 503 || error.status === 429 ? { retryAfter: error.retryAfter ?? 1 } : {};
    return {
      status: error.status,
      document: { error: error.word, message: error.message, ...field },
      ...retry,
    };
  }
  if (error instanceof ResponseError) return refusal(error);
  if (error instanceof DeviceNotRegisteredError) {
    return answer(404, 'unknown-device', `no device is registered as ${error.endpointName}`);
  }
  if (error instanceof TransmissionError) return transmissionAnswer(error);
  if (DunlinError.is(error)) return dunlinAnswer(error);
  return frameworkAnswer(error) ?? answer(500, 'internal', 'the server failed; its log says why');
}

function refusal(error: ResponseError): ErrorAnswer {
  const meaning = coapMeaning(error.coapCode);
  return {
    status: 502,
    document: {
      error: 'device-refused',
      message: error.message,
      coapCode: error.coapCode,
      coapMeaning: meaning,
      ...(error.diagnostic === '' ? {} : { diagnostic: error.diagnostic }),
    },
  };
}

function transmissionAnswer(error: TransmissionError): ErrorAnswer {
  switch (error.code) {
    case 'no-answer':
    case 'expired':
      return answer(504, 'no-answer', error.message);
    // A budget for short messages, a number that may not be written to, a network that said no: the message says which.
    case 'not-sent':
      return answer(503, 'not-sent', error.message);
    case 'reset':
      return answer(502, 'device-misbehaved', error.message);
    case 'overloaded':
      return { ...answer(429, 'too-many-requests', error.message), retryAfter: 1 };
    case 'closed':
    case 'superseded':
      return { ...answer(503, 'unavailable', error.message), retryAfter: 1 };
  }
}

function dunlinAnswer(error: DunlinError): ErrorAnswer | never {
  switch (error.code) {
    case 'protocol-violation':
      return answer(502, 'device-misbehaved', error.message);
    case 'usage':
      return answer(400, 'bad-request', error.message);
    case 'storage':
      return {
        ...answer(503, 'unavailable', 'the data folder cannot be used now; the log says why'),
        retryAfter: 5,
      };
    case 'queue-full':
      return answer(429, 'too-many-requests', error.message);
    case 'operation-under-way':
      return answer(409, 'conflict', error.message);
    case 'firmware-conflict':
    case 'image-store-full':
      return answer(409, 'conflict', error.message);
    case 'no-such-image':
      return answer(404, 'unknown-image', error.message);
    case 'image-too-large':
      return answer(413, 'payload-too-large', error.message);
    case 'operation-cancelled':
      return answer(409, 'operation-cancelled', error.message);
    case 'operation-expired':
      return answer(504, 'operation-expired', error.message);
    case 'outcome-unknown':
      return answer(504, 'outcome-unknown', error.message);
    default:
      return answer(500, 'internal', 'the server failed; its log says why');
  }
}

/** Errors of the HTTP framework carry a status; those of class 5 are ours. */
function frameworkAnswer(error: unknown): ErrorAnswer | undefined {
  if (!(error instanceof Error) || !('statusCode' in error)) return undefined;
  switch (error.statusCode) {
    case 400:
      return answer(400, 'bad-request', error.message);
    case 413:
      return answer(413, 'payload-too-large', 'the body is larger than the server takes');
    case 415:
      return answer(
        415,
        'unsupported-media-type',
        'send application/json, text/plain, application/octet-stream or, for definitions, application/xml',
      );
    case 503:
      return { ...answer(503, 'unavailable', 'the server is closing'), retryAfter: 5 };
    default:
      return undefined;
  }
}

function answer(status: number, word: ApiErrorWord, message: string): ErrorAnswer {
  return { status, document: { error: word, message } };
}
