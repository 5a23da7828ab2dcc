import type {
  ClosedReason,
  DatagramAddress,
  DiagnosticKind,
  DtlsOutput,
  PeerIdentity,
  SavedStateFailure,
  SendOutcome,
} from '@dunlin/dtls';

/** What a DTLS binding has to tell for logs and counters; nothing has to be done about any of it at once. */
export type DtlsDiagnostic =
  /** A handshake is complete. */
  | (Pick<Established, 'kind' | 'role' | 'address' | 'peer' | 'isResumed' | 'suite' | 'association'> & {
      /** At a server: what vouches for the peer. */
      readonly credentialId: string | undefined;
    })
  /** In a handshake under way the peer said who it is; nothing of it is proved. */
  | { readonly kind: 'claimed'; readonly address: DatagramAddress; readonly claimed: PeerIdentity }
  | Extract<DtlsOutput, { kind: 'address-changed' }>
  | { readonly kind: 'closed'; readonly address: DatagramAddress; readonly reason: ClosedReason }
  /** A handshake failed. */
  | (Extract<DtlsOutput, { kind: 'failed' }> & {
      /** Who the peer said he is, when it came to that; nothing of it was proved. */
      readonly claimed: PeerIdentity | undefined;
    })
  /** Traffic that was passed over. */
  | {
      readonly kind: 'passed-over';
      readonly problem: DiagnosticKind;
      readonly from: DatagramAddress;
      readonly detail: string;
    }
  /** A datagram of the layers above could not be sent. */
  | {
      readonly kind: 'not-sent';
      readonly peerKey: string;
      readonly outcome: Exclude<SendOutcome, 'sent' | 'queued'>;
    }
  /** A look-up of credentials rejected, or there were too many at once: the handshake fails. */
  | { readonly kind: 'lookup-failed'; readonly reason: string; readonly cause?: unknown }
  /** A warning: the keys of all associations are given away, to whoever reads the key log. */
  | { readonly kind: 'keys-are-logged' }
  /** A line of the key log could not be written. */
  | { readonly kind: 'key-log-failed'; readonly cause: unknown }
  /** Associations go on where an earlier process stopped. */
  | {
      readonly kind: 'state-restored';
      readonly associations: number;
      /** Too old. */
      readonly expired: number;
      /** For which there was no place; each with its reason. */
      readonly refused: readonly string[];
    }
  | {
      readonly kind: 'state-not-restored';
      readonly problem: SavedStateFailure['problem'] | 'unreadable';
      readonly reason: string;
    }
  | { readonly kind: 'state-saved'; readonly associations: number }
  /** All peers have to make new handshakes after the next start. */
  | { readonly kind: 'state-not-saved'; readonly reason: string; readonly cause?: unknown };

type Established = Extract<DtlsOutput, { kind: 'established' }>;
