import { type Instant, instantFrom, type Milliseconds } from '@dunlin/base';

import type { EndpointContext } from '../endpoint-context.ts';
import type { PeerState, SendingState } from '../peer-state.ts';
import type { Interaction } from '../timed.ts';
import { Pacer } from './pacer.ts';

/** Starts interactions when their turn has come. */
export interface InteractionStarter {
  /** Sends the interaction's first message. */
  begin(interaction: Interaction, now: Instant): void;
}

/**
 * Holds interactions back so that at most NSTART are outstanding with a peer (RFC 7252 §4.7), a peer that
 * does not respond or asked for a pause is left alone, and all peers together are not stormed (CR-7.6).
 */
export class InteractionQueue {
  readonly #context: EndpointContext;
  readonly #starter: InteractionStarter;
  readonly #pacer: Pacer;
  /** Where something was cancelled, so that what waits may begin. */
  readonly #released = new Set<PeerState>();

  constructor(context: EndpointContext, starter: InteractionStarter) {
    this.#context = context;
    this.#starter = starter;
    this.#pacer = new Pacer(context.limits.startsPerSecond, context.limits.startBurst);
  }

  /** False when as many wait as may. */
  hasRoom(sending: SendingState): boolean {
    return sending.queue.length < this.#context.limits.maxQueuedPerPeer;
  }

  /** True when something new would have to wait for what is there, or for the peer to respond. */
  isBusy(sending: SendingState, now: Instant): boolean {
    return (
      sending.queue.length > 0 ||
      !this.#hasSlot(sending) ||
      Math.max(sending.probeAfter, sending.pausedUntil) > now
    );
  }

  /** Lines up an interaction; `pump` starts it. */
  add(sending: SendingState, interaction: Interaction): void {
    sending.queue.push(interaction);
  }

  /** Lines up the continuation of what is under way already. */
  addFirst(sending: SendingState, interaction: Interaction): void {
    sending.queue.unshift(interaction);
  }

  /** Takes an interaction out that has not begun. */
  remove(peer: PeerState, interaction: Interaction): void {
    const queue = peer.sending?.queue;
    const index = queue?.indexOf(interaction) ?? -1;
    if (index >= 0) queue?.splice(index, 1);
  }

  /** The peer asked to be left alone for a while (CR-7.7). */
  pause(sending: SendingState, duration: Milliseconds, now: Instant): void {
    const longest = Math.min(duration, this.#context.limits.maxRetryAfter);
    sending.pausedUntil = Math.max(sending.pausedUntil, now + longest);
  }

  /** As `pump`, but not before `pumpReleased`: what waits may be cancelled in the same turn, and must not be sent then. */
  pumpLater(peer: PeerState): void {
    this.#released.add(peer);
  }

  /** Starts what may start since something was cancelled. False when there was nothing to look at. */
  pumpReleased(now: Instant): boolean {
    if (this.#released.size === 0) return false;
    for (const peer of this.#released) this.pump(peer, now);
    this.#released.clear();
    return true;
  }

  /** Starts what may start. */
  pump(peer: PeerState, now: Instant): void {
    const { sending } = peer;
    if (sending === undefined) return;
    while (sending.queue.length > 0 && this.#hasSlot(sending)) {
      const notBefore = this.#notBefore(sending, now);
      if (notBefore > now) {
        this.#context.timers.schedule(sending, instantFrom(notBefore));
        return;
      }
      sending.reservedAt = -1;
      const interaction = sending.queue.shift();
      if (interaction !== undefined) this.#starter.begin(interaction, now);
    }
  }

  #hasSlot(sending: SendingState): boolean {
    return (
      sending.interactions < sending.peer.timing.nstart &&
      sending.unanswered < this.#context.limits.maxUnansweredPerPeer
    );
  }

  #notBefore(sending: SendingState, now: Instant): number {
    const wait = Math.max(sending.probeAfter, sending.pausedUntil);
    if (wait > now) return wait;
    if (sending.reservedAt < 0) sending.reservedAt = this.#pacer.reserve(now);
    return sending.reservedAt;
  }
}
