import type { PeerIdentity } from '../credentials/peer-identity.ts';
import type { ReadProtection, WriteProtection } from '../record-layer/record-protection.ts';
import type { Session } from '../session.ts';
import { AlertDescription } from '../wire/alert-description.ts';
import type { Certificate } from '../wire/certificate.ts';
import { malformed, type Malformed } from '../wire/malformed.ts';
import type { FlightItem } from './fragmentation.ts';

/** What somebody else has to judge. */
export type PeerEvidence =
  /** The peer's key or chain, together with proof that it has the private key. Nothing of a chain was verified. */
  | { readonly kind: 'certificate'; readonly certificate: Certificate }
  /** A server is asked to resume: may this peer still come, under that credential? */
  | { readonly kind: 'session'; readonly peer: PeerIdentity; readonly credentialId: string };

/** What a handshake cannot decide by itself. */
export type HandshakeQuestion =
  | {
      readonly kind: 'pre-shared-key';
      /** `undefined` when the identity is no UTF-8 text or out of its limits: the answer is to be that it is unknown. */
      readonly identity: string | undefined;
      readonly serverName: string | undefined;
    }
  | { readonly kind: 'trust'; readonly evidence: PeerEvidence; readonly serverName: string | undefined };

/** The answer to a question about a key; the bytes are copied. `undefined`: no such identity. */
export type PreSharedKeyAnswer = { readonly key: Uint8Array; readonly credentialId: string } | undefined;

/** The answer to a question about trust. */
export type TrustAnswer =
  | {
      readonly kind: 'trusted';
      /** What vouches for the peer of a server; a client’s sessions go with its own credential. */
      readonly credentialId: string;
    }
  | {
      readonly kind: 'refused';
      /** What the peer is told; `bad_certificate` when left out. */
      readonly alert?: AlertDescription;
      readonly reason: string;
    };

/** What a handshake made. */
export interface HandshakeResult {
  readonly session: Session;
  readonly isResumed: boolean;
  readonly clientRandom: Uint8Array;
  readonly serverRandom: Uint8Array;
  /** The connection id in records this side receives, and in those it sends; empty for none (RFC 9146 §3). */
  readonly ownConnectionId: Uint8Array;
  readonly peerConnectionId: Uint8Array;
}

/** What a handshake wants done, in the order given. */
export type HandshakeAction =
  /** A new flight, which ends the one before; `isLast` when no answer to it is awaited. */
  | { readonly kind: 'send'; readonly items: readonly FlightItem[]; readonly isLast: boolean }
  | { readonly kind: 'protect-writing'; readonly protection: WriteProtection }
  | { readonly kind: 'protect-reading'; readonly protection: ReadProtection }
  /** The most content of records in each direction from here on. */
  | { readonly kind: 'limit-records'; readonly writing?: number; readonly reading?: number }
  | { readonly kind: 'ask'; readonly question: HandshakeQuestion }
  /** The other side's numbering of messages goes on behind this one (RFC 6347 §4.2.1). */
  | { readonly kind: 'expect-message'; readonly messageSeq: number }
  | { readonly kind: 'complete'; readonly result: HandshakeResult }
  | { readonly kind: 'fail'; readonly alert: AlertDescription; readonly reason: string };

/** What both hellos agreed on about the sizes of records, by RFC 6066 §4 or RFC 8449; a limit that is not known binds nobody. */
export function limitRecords(
  agreed: Readonly<Record<'maxFragmentLength' | 'peerRecordSizeLimit', number | undefined>>,
  own: { readonly recordSizeLimit: number },
): HandshakeAction {
  const { maxFragmentLength, peerRecordSizeLimit } = agreed;
  const writing = maxFragmentLength ?? peerRecordSizeLimit;
  if (writing === undefined) return { kind: 'limit-records' };
  return { kind: 'limit-records', writing, reading: maxFragmentLength ?? own.recordSizeLimit };
}

/** The actions that end a handshake for a failure. */
export function failed(problem: Malformed): readonly HandshakeAction[] {
  return [{ kind: 'fail', alert: problem.alert, reason: problem.reason }];
}

/** The problem of an input that is not legal in a state (RFC 5246 §7.2.2). */
export function unexpected(input: string, state: string): Malformed {
  return malformed(`${input} is not legal in state ${state}.`, AlertDescription.unexpectedMessage);
}
