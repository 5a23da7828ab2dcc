import type { Instant } from '@dunlin/base';

import { Transmission } from '../message-layer/transmission.ts';
import type { PeerState } from '../peer-state.ts';
import type { IncomingRequest } from '../request.ts';

/** An observation of a resource of ours by a peer, and its notification on the way (RFC 7641 §4). */
export class Relation extends Transmission {
  readonly kind = 'notification';
  readonly id: number;
  readonly token: Uint8Array;
  readonly tokenKey: string;
  /** That of the first response: notifications keep it (RFC 7641 §4.2). */
  readonly contentFormat: number | undefined;
  /** Block size that the observer asked for, for all notifications (RFC 7959 §2.6). */
  readonly blockSize: number | undefined;
  /** What it asked for: the rest of a large notification is asked for in the same words. */
  readonly request: IncomingRequest;
  readonly downloadKey: string;
  sequence: number;
  /** The newest state, encoded, while it waits to be sent. */
  latest: Uint8Array | undefined = undefined;
  isLatestConfirmable = false;
  isQueued = false;
  /** Non-confirmable notifications since the last confirmable one. */
  nonCount = 0;
  lastConfirmableAt: Instant;
  lastNotifiedAt: Instant;
  /** Ids of notifications, with the time until which a Reset may name them, in turn. */
  readonly recentIds: number[] = [];

  constructor(
    id: number,
    peer: PeerState,
    what: {
      readonly token: Uint8Array;
      readonly tokenKey: string;
      readonly contentFormat: number | undefined;
      readonly blockSize: number | undefined;
      readonly request: IncomingRequest;
      readonly downloadKey: string;
      readonly sequence: number;
    },
    now: Instant,
  ) {
    super(peer);
    this.id = id;
    this.token = what.token;
    this.tokenKey = what.tokenKey;
    this.contentFormat = what.contentFormat;
    this.blockSize = what.blockSize;
    this.request = what.request;
    this.downloadKey = what.downloadKey;
    this.sequence = what.sequence;
    this.lastConfirmableAt = now;
    this.lastNotifiedAt = now;
  }
}
