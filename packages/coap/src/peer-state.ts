import type { Instant, Scheduled } from '@dunlin/base';

import type { Interaction, OutstandingMessage } from './timed.ts';
import type { ReceivedFrom } from './message-layer/deduplication.ts';
import type { MessageIdSpace } from './message-layer/message-id.ts';
import type { TransmissionTiming } from './message-layer/transmission-parameters.ts';
import type { MessageLimits } from './message.ts';
import type { Peer } from './peer.ts';
import type { PeerTerms } from './peer-terms.ts';
import type { Relation } from './observe/relation.ts';

/** What is remembered of a peer as long as it is active. Lean: most peers only ever need the first part. */
export class PeerState implements Scheduled, ReceivedFrom {
  /** The peer as it was last heard of. */
  peer: Peer;
  /** Never given to two peers of one endpoint. */
  readonly number: number;
  readonly #terms: PeerTerms;
  dueAt: Instant | undefined = undefined;
  heapIndex = -1;
  lastActiveAt: Instant;
  oldestReceived = -1;
  newestReceived = -1;
  receivedCount = 0;
  /** True once it has shown to receive what we send to its address (CR-11.2). */
  isValidated: boolean;
  /** Bytes that may be sent to it before it is validated. */
  credit = 0;
  /** Exchanges, requests, observations and relations that need this state. */
  pins = 0;
  /** Received requests that wait for the role. */
  exchanges = 0;
  /** The largest block in bytes that it takes, as far as it has said. */
  blockSize: number;
  sending: SendingState | undefined = undefined;
  /** Its observations of us, by token. */
  relations: Map<string, Relation> | undefined = undefined;

  constructor(peer: Peer, number: number, terms: PeerTerms, now: Instant) {
    this.peer = peer;
    this.number = number;
    this.#terms = terms;
    this.blockSize = terms.timing.blockSize;
    this.lastActiveAt = now;
    this.isValidated = !isDoubtful(peer);
  }

  get timing(): TransmissionTiming {
    return this.#terms.timing;
  }

  get messageLimits(): MessageLimits {
    return this.#terms.messageLimits;
  }

  get kind(): 'peer' {
    return 'peer';
  }
}

/** What is remembered of a peer to which we send messages of our own accord. */
export class SendingState implements Scheduled {
  readonly kind = 'sending';
  readonly peer: PeerState;
  readonly messageIds: MessageIdSpace;
  /** Messages that a peer may still acknowledge or reject. */
  readonly outstanding: OutstandingMessage[] = [];
  /** What waits for its turn (NSTART). */
  readonly queue: Interaction[] = [];
  /** Interactions that count for NSTART (RFC 7252 §4.7). */
  interactions = 0;
  /** Acknowledged requests without a response. */
  unanswered = 0;
  /** The next interaction may not start earlier, as the peer does not respond; 0 when it does. */
  probeAfter = 0;
  /** The next interaction may not start earlier, as the peer asked for a pause. */
  pausedUntil = 0;
  /** When the pacing of all peers lets the next interaction start; −1 when it was not asked. */
  reservedAt = -1;
  /** The token of the last slice of a body that went with one token for all blocks (CR-6.3). */
  sliceToken: Uint8Array | undefined = undefined;
  /** When the last non-confirmable notification went out. */
  lastNonAt: number = -Infinity;
  dueAt: Instant | undefined = undefined;
  heapIndex = -1;

  constructor(peer: PeerState, messageIds: MessageIdSpace) {
    this.peer = peer;
    this.messageIds = messageIds;
  }
}

/** True for a peer whose address anybody could have written into a datagram. */
export function isDoubtful(peer: Peer): boolean {
  return peer.security.kind === 'none' && peer.transport === 'udp';
}
