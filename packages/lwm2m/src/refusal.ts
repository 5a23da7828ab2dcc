import type { ResponseCode } from '@dunlin/coap';

/** Why something a peer sent is not accepted, and the response code that says so. */
export interface Refusal {
  readonly kind: 'refused';
  readonly code: ResponseCode;
  /** One sentence without a final full stop, fit for a diagnostic payload and a log line. */
  readonly reason: string;
}

/** The refusal with the given code and reason. */
export function refusal(code: ResponseCode, reason: string): Refusal {
  return { kind: 'refused', code, reason };
}

/** True when what a parser or a check returned is a refusal and not its result. */
export function isRefusal(result: unknown): result is Refusal {
  return typeof result === 'object' && result !== null && 'kind' in result && result.kind === 'refused';
}
