import { addDuration, type DeadlineQueue, type Instant } from '@dunlin/base';

import type { EndpointLimits } from './endpoint-options.ts';
import type { ReceivedMessages } from './message-layer/deduplication.ts';
import type { TransmissionTiming } from './message-layer/transmission-parameters.ts';
import { ValidatedAddresses } from './message-layer/validated-addresses.ts';
import type { Peer } from './peer.ts';
import { isDoubtful, PeerState, type SendingState } from './peer-state.ts';
import type { PeerTerms } from './peer-terms.ts';
import type { Timed } from './timed.ts';

/** How many of the peers that were met first are looked at for one to give up. */
const evictionCandidates = 16;

/**
 * The peers with any state. A peer without obligations is dropped when it has been silent for
 * EXCHANGE_LIFETIME: until then its message ids, and ours toward it, may not be used again (RFC 7252 §4.4).
 */
export class PeerTable {
  readonly #states = new Map<string, PeerState>();
  readonly #termsFor: (peer: Peer) => PeerTerms;
  readonly #timers: DeadlineQueue<Timed>;
  readonly #received: ReceivedMessages;
  readonly #limits: EndpointLimits;
  readonly #validated: ValidatedAddresses;
  #nextNumber = 0;

  constructor(parts: {
    readonly termsFor: (peer: Peer) => PeerTerms;
    readonly timers: DeadlineQueue<Timed>;
    readonly received: ReceivedMessages;
    readonly limits: EndpointLimits;
  }) {
    this.#termsFor = parts.termsFor;
    this.#timers = parts.timers;
    this.#received = parts.received;
    this.#limits = parts.limits;
    const { maxValidatedAddresses, validationLifetime } = parts.limits;
    this.#validated = new ValidatedAddresses(maxValidatedAddresses, validationLifetime);
  }

  get size(): number {
    return this.#states.size;
  }

  find(peer: Peer): PeerState | undefined {
    return this.#states.get(peer.key);
  }

  /** What holds for a peer, with or without state. */
  timingOf(peer: Peer): TransmissionTiming {
    return this.find(peer)?.timing ?? this.#termsFor(peer).timing;
  }

  /** The state of a peer that was heard of or is written to, made when there is none; `undefined` when there are too many. */
  meet(peer: Peer, now: Instant): PeerState | undefined {
    const known = this.#states.get(peer.key);
    if (known !== undefined) {
      known.lastActiveAt = now;
      return known;
    }
    if (this.#states.size >= this.#limits.maxPeers && !this.#evict(now)) return undefined;
    return this.#add(peer, now);
  }

  /** As `meet`, for what we do of our own accord: that is bounded elsewhere and does not yield to strangers. */
  meetForUs(peer: Peer, now: Instant): PeerState {
    return this.meet(peer, now) ?? this.#add(peer, now);
  }

  #add(peer: Peer, now: Instant): PeerState {
    const state = new PeerState(peer, this.#nextNumber, this.#termsFor(peer), now);
    if (!state.isValidated) state.isValidated = this.#validated.has(peer.key, now);
    this.#nextNumber = (this.#nextNumber + 1) | 0;
    this.#states.set(peer.key, state);
    this.#timers.schedule(state, addDuration(now, state.timing.exchangeLifetime));
    return state;
  }

  /** Drops a peer that was silent long enough, else looks again later. */
  due(state: PeerState, now: Instant): void {
    const silentUntil = addDuration(state.lastActiveAt, state.timing.exchangeLifetime);
    const isSilent = silentUntil <= now;
    if (isSilent && state.pins === 0) this.#drop(state, now);
    else {
      // Our message ids toward it are free again: a peer that is only observed needs no more than its identity.
      if (isSilent && state.sending !== undefined && isIdle(state.sending)) state.sending = undefined;
      const again = silentUntil > now ? silentUntil : addDuration(now, state.timing.exchangeLifetime);
      this.#timers.schedule(state, again);
    }
  }

  /** Forgets a peer; its requests, observations and relations must have ended. */
  #drop(state: PeerState, now: Instant): void {
    if (state.isValidated && isDoubtful(state.peer)) this.#validated.add(state.peer.key, now);
    this.#timers.cancel(state);
    if (state.sending !== undefined) this.#timers.cancel(state.sending);
    this.#received.removePeer(state);
    this.#states.delete(state.peer.key);
  }

  /** Makes room at the cost of one of the oldest peers; never of one with security or obligations (CR-11.4). */
  #evict(now: Instant): boolean {
    let looked = 0;
    for (const state of this.#states.values()) {
      if (state.pins === 0 && state.peer.security.kind === 'none') {
        this.#drop(state, now);
        return true;
      }
      looked += 1;
      if (looked === evictionCandidates) return false;
    }
    return false;
  }
}

function isIdle(sending: SendingState): boolean {
  const { outstanding, queue, interactions, unanswered, dueAt } = sending;
  return outstanding.length + queue.length + interactions + unanswered === 0 && dueAt === undefined;
}
