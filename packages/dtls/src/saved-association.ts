import type { Instant } from '@dunlin/base';

import type { Role } from './crypto/key-schedule.ts';
import type { ReplayWindowState } from './record-layer/replay-window.ts';
import type { Session } from './session.ts';

/** The UDP address of a peer. */
export interface PeerAddress {
  /** An IP address as the shell writes it, without brackets. */
  readonly address: string;
  /** 1 to 65,535. */
  readonly port: number;
}

/**
 * An established association as it is carried over a stop and a start. Its keys are those of the key block that
 * master secret and randoms give (RFC 5246 §6.3); handshakes that are under way are never saved.
 */
export interface SavedAssociation {
  /**
   * What the layers above know the association by, so that registrations and observations still have their peer;
   * 1 to 64 bytes of UTF-8.
   */
  readonly associationId: string;
  /** Which end of the handshake this side was. */
  readonly role: Role;
  readonly peerAddress: PeerAddress;
  readonly session: Session;
  /** The randoms of the handshake that made the association, which is a resumption perhaps; 32 bytes each. */
  readonly clientRandom: Uint8Array;
  readonly serverRandom: Uint8Array;
  /** 1, since there is no renegotiation; never 0. */
  readonly readEpoch: number;
  readonly writeEpoch: number;
  /**
   * The first sequence number that was not used for writing, at most 2^48 (nothing more can be written). Whoever
   * exported it writes nothing more, or else nonces repeat under the same key (RFC 5116 §3.2).
   */
  readonly nextWriteSequenceNumber: number;
  /** What was read in `readEpoch`. */
  readonly replayWindow: ReplayWindowState;
  /** The connection id in records this side receives, and in those it sends; empty for none (RFC 9146 §3). */
  readonly ownConnectionId: Uint8Array;
  readonly peerConnectionId: Uint8Array;
  /** The most bytes of content in a record, in either direction: 64 to 16,384 (RFC 8449 §4, RFC 6066 §4). */
  readonly maxReceivedContent: number;
  readonly maxSentContent: number;
  /** When the association last received an authentic record. */
  readonly lastActiveAt: Instant;
}
