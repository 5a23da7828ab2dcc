import type { Instant, Scheduled } from '@dunlin/base';

import type { PeerState } from '../peer-state.ts';

/** A message of ours on its way; the message layer alone writes to it. */
export abstract class Transmission implements Scheduled {
  peer: PeerState;
  /** −1 until it was first sent. */
  messageId = -1;
  /** The bytes that are sent again. */
  datagram: Uint8Array | undefined = undefined;
  /** The current wait for an acknowledgement, in milliseconds. */
  interval = 0;
  /** Retransmissions so far. */
  retransmissions = 0;
  lastSentAt = 0;
  isOutstanding = false;
  /** True while it counts for NSTART. */
  holdsSlot = false;
  dueAt: Instant | undefined = undefined;
  heapIndex = -1;

  constructor(peer: PeerState) {
    this.peer = peer;
  }
}
