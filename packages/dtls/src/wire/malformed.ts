import { AlertDescription } from './alert-description.ts';

/** What a decoder returns for input that breaks the rules; nothing of the input is to be used. */
export interface Malformed {
  readonly kind: 'malformed';
  /** What was wrong, in words, for diagnostics; never holds key material. */
  readonly reason: string;
  /** The alert that answers it where one may be sent at all (RFC 5246 §7.2.2). */
  readonly alert: AlertDescription;
}

/** Makes a failure; `decode_error` unless another alert says it better. */
export function malformed(reason: string, alert: AlertDescription = AlertDescription.decodeError): Malformed {
  return { kind: 'malformed', reason, alert };
}

/** True for the failure of a decoder. */
export function isMalformed(value: unknown): value is Malformed {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'malformed';
}
