import type { AssociationId, LookupId } from './association-id.ts';
import type { PeerIdentity } from './credentials/peer-identity.ts';
import type { CipherSuiteName } from './crypto/cipher-suite.ts';
import type { Role } from './crypto/key-schedule.ts';
import type { PeerEvidence } from './handshake/handshake-action.ts';
import type { HandshakeFailureKind } from './handshake/handshake-driver.ts';
import type { Session } from './session.ts';

/** Where datagrams come from and go to. */
export interface DatagramAddress {
  /** Equal for the same address and port, and only then. */
  readonly key: string;
  /** An IP address as the shell writes it, without brackets. */
  readonly address: string;
  readonly port: number;
}

/** Why an association that was established has ended. */
export type ClosedReason =
  /** `close` was called. */
  | 'closed-here'
  /** The peer sent close_notify. */
  | 'closed-by-peer'
  /** The peer sent a fatal alert, or there are no sequence numbers left. */
  | 'failed'
  /** A new handshake from the same address is complete. */
  | 'replaced'
  /** Nothing came for the idle time. */
  | 'idle'
  /** It was the one unused for longest when there was no room for a new one. */
  | 'evicted';

/** Why a handshake has failed. */
export type FailureReason = HandshakeFailureKind | 'closed-here' | 'replaced';

/** What hostile or unlucky traffic was passed over for, for logs and counters; may come as often as datagrams do. */
export type DiagnosticKind =
  /** A ClientHello with a right cookie found no room; it was dropped (see the limits of the table). */
  | 'refused-for-limits'
  /** A peer that failed too often lately was passed over. */
  | 'refused-for-failures'
  /** A ClientHello offers nothing acceptable; the client was told. */
  | 'not-acceptable'
  | 'malformed'
  /** A record with a connection id that nobody has. */
  | 'unknown-connection-id'
  /** A record for an association or handshake that is not there. */
  | 'unknown-peer'
  | 'discarded-record'
  /** An authentic request to renegotiate was refused (RFC 5246 §7.2.2). */
  | 'renegotiation-refused'
  /** What waited for the handshake to be complete cannot be sent on the terms that were agreed on. */
  | 'not-sent'
  /** An authentic record from a new address was taken, the address was not (see `minAddressChangeInterval`). */
  | 'address-change-refused';

/** What a `DtlsEndpoint` wants done or known. */
export type DtlsOutput =
  | { readonly kind: 'transmit'; readonly to: DatagramAddress; readonly datagram: Uint8Array }
  | {
      readonly kind: 'established';
      readonly association: AssociationId;
      readonly role: Role;
      readonly address: DatagramAddress;
      readonly peer: PeerIdentity;
      readonly credentialId: string;
      readonly isResumed: boolean;
      readonly suite: CipherSuiteName;
      /** For a client to resume later, with a secret of its own; a server remembers its sessions itself. */
      readonly session: Session | undefined;
      /** The connection id in records this side receives, and in those it sends; empty for none. */
      readonly ownConnectionId: Uint8Array;
      readonly peerConnectionId: Uint8Array;
    }
  | { readonly kind: 'received'; readonly association: AssociationId; readonly plaintext: Uint8Array }
  | {
      readonly kind: 'address-changed';
      readonly association: AssociationId;
      readonly address: DatagramAddress;
    }
  | { readonly kind: 'closed'; readonly association: AssociationId; readonly reason: ClosedReason }
  | {
      readonly kind: 'failed';
      readonly association: AssociationId;
      readonly role: Role;
      readonly address: DatagramAddress;
      readonly reason: FailureReason;
      /** In words, for the log. */
      readonly detail: string;
      /** The alert that was sent or received, where there was one. */
      readonly alert: number | undefined;
    }
  /** Asks for the key of an identity; `undefined` when there is none: then the answer has to be just that. */
  | {
      readonly kind: 'psk-lookup';
      readonly lookup: LookupId;
      readonly association: AssociationId;
      readonly address: DatagramAddress;
      readonly identity: string | undefined;
      readonly serverName: string | undefined;
    }
  /** Asks whether the peer is trusted. */
  | {
      readonly kind: 'verify-peer';
      readonly lookup: LookupId;
      readonly association: AssociationId;
      readonly role: Role;
      readonly address: DatagramAddress;
      readonly evidence: PeerEvidence;
      readonly serverName: string | undefined;
    }
  | { readonly kind: 'key-log'; readonly line: string }
  | {
      readonly kind: 'diagnostic';
      readonly problem: DiagnosticKind;
      readonly from: DatagramAddress;
      readonly detail: string;
    };
