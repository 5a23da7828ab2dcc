import { addDuration, type Instant, type Milliseconds } from '@dunlin/base';

import { AlertDescription } from './wire/alert-description.ts';
import type { Session } from './session.ts';

/** What of a ClientHello decides whether a session may be resumed. */
export interface ResumptionOffer {
  /** The code points of all cipher suites offered. */
  readonly cipherSuites: readonly number[];
  /** The host name of the server_name extension. */
  readonly serverName: string | undefined;
  readonly offersExtendedMasterSecret: boolean;
  /** The length asked for by max_fragment_length, in bytes. */
  readonly maxFragmentLength: number | undefined;
}

/** Whether a server resumes, makes a full handshake instead, or has to end the handshake. */
export type ResumptionDecision =
  | { readonly kind: 'resume' }
  | { readonly kind: 'full-handshake'; readonly reason: string }
  | { readonly kind: 'abort'; readonly reason: string; readonly alert: AlertDescription };

/**
 * What a server does about a session it knows (RFC 7627 §5.3, RFC 6066 §3 and §4, RFC 5246 §7.4.1.2). Whether the
 * peer's credential is still good is asked elsewhere.
 */
export function decideResumption(session: Session, offer: ResumptionOffer): ResumptionDecision {
  if (!session.hasExtendedMasterSecret) return full('The session has no extended master secret.');
  if (!offer.offersExtendedMasterSecret) {
    return {
      kind: 'abort',
      reason: 'A session with extended master secret was to be resumed without it.',
      alert: AlertDescription.handshakeFailure,
    };
  }
  if (!offer.cipherSuites.includes(session.suite.code))
    return full('The suite of the session is not offered.');
  if (offer.serverName !== session.serverName) return full('The session was with another server name.');
  if (offer.maxFragmentLength !== session.maxFragmentLength) {
    return full('The session had another maximum fragment length.');
  }
  return { kind: 'resume' };
}

/** What a client is about to ask a server for. */
export interface ResumptionRequest {
  readonly cipherSuites: readonly number[];
  readonly serverName: string | undefined;
  readonly maxFragmentLength: number | undefined;
  /** The credential the client has for the server now. */
  readonly credentialId: string;
  readonly now: Instant;
  /** How long after its full handshake a session may be resumed. */
  readonly maxLifetime: Milliseconds;
}

/**
 * True when a client may offer a session it remembers: one of the same name, credential and terms. A server that did not
 * take the maximum fragment length then will not now.
 */
export function mayOfferSession(session: Session, request: ResumptionRequest): boolean {
  return (
    session.hasExtendedMasterSecret &&
    session.id.length > 0 &&
    request.now < addDuration(session.establishedAt, request.maxLifetime) &&
    session.credentialId === request.credentialId &&
    session.serverName === request.serverName &&
    (session.maxFragmentLength ?? request.maxFragmentLength) === request.maxFragmentLength &&
    request.cipherSuites.includes(session.suite.code)
  );
}

function full(reason: string): ResumptionDecision {
  return { kind: 'full-handshake', reason };
}
