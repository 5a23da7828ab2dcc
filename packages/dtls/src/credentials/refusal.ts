import type { AlertDescription } from '../wire/alert-description.ts';
import type { Malformed } from '../wire/malformed.ts';

/** Why a peer's key or certificate is not trusted. */
export interface Refusal {
  readonly kind: 'refused';
  /** What was wrong, in words, for diagnostics. */
  readonly reason: string;
  /** The fatal alert that answers it (RFC 5246 §7.2.2). */
  readonly alert: AlertDescription;
}

/** Makes a refusal. */
export function refused(reason: string, alert: AlertDescription): Refusal {
  return { kind: 'refused', reason, alert };
}

/** The refusal of something that cannot even be read. */
export function refusedAsMalformed(failure: Malformed): Refusal {
  return refused(failure.reason, failure.alert);
}

/** True for a refusal. */
export function isRefusal(value: unknown): value is Refusal {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'refused';
}
