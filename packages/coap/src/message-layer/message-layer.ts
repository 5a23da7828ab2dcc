import { addDuration, type Instant, instantFrom, milliseconds } from '@dunlin/base';

import { encodeEmpty } from '../encode-message.ts';
import type { EndpointContext } from '../endpoint-context.ts';
import { MessageType } from '../message.ts';
import type { Peer } from '../peer.ts';
import { type PeerState, SendingState } from '../peer-state.ts';
import type { OutstandingMessage } from '../timed.ts';
import { MessageIdSpace } from './message-id.ts';
import { Ping } from './ping.ts';
import { SourceLimiter } from './source-limiter.ts';

/**
 * Sends messages, and confirmable ones again until they are acknowledged (RFC 7252 §4.2). What an
 * acknowledgement or its absence means is for the layers above.
 */
export class MessageLayer {
  readonly #context: EndpointContext;
  readonly #resets: SourceLimiter;
  /** By the number of Resets in an hour, for peers whose transport allows only few. */
  readonly #rareResets = new Map<number, SourceLimiter>();

  constructor(context: EndpointContext) {
    this.#context = context;
    const { resetsPerSecond, resetBurst } = context.limits;
    this.#resets = new SourceLimiter(resetsPerSecond, resetBurst, context.random.uint32());
  }

  /** What is needed to send to a peer of our own accord. */
  sending(peer: PeerState): SendingState {
    peer.sending ??= new SendingState(peer, new MessageIdSpace(this.#context.random.uint32()));
    return peer.sending;
  }

  /** A message id of ours toward the peer; `undefined` when 65,536 were used within their lifetime. */
  allocateMessageId(peer: PeerState, now: Instant): number | undefined {
    peer.lastActiveAt = now;
    return this.sending(peer).messageIds.allocate(now, peer.timing.exchangeLifetime);
  }

  /** Sends a datagram that we owe nobody: a request or a ping. */
  transmit(peer: PeerState, datagram: Uint8Array): void {
    this.#context.counters.sent += 1;
    this.#context.outputs.push({ kind: 'transmit', peer: peer.peer, datagram });
  }

  /**
   * Sends a datagram that the peer has caused, unless that would exceed what may be sent to an address that
   * is not validated (RFC 9175 §2.4): then it is as if it was lost. True when it was sent.
   */
  answer(peer: PeerState, datagram: Uint8Array): boolean {
    if (!this.mayAnswer(peer, datagram.length)) {
      this.#context.counters.suppressed += 1;
      return false;
    }
    if (!peer.isValidated) peer.credit -= datagram.length;
    this.transmit(peer, datagram);
    return true;
  }

  /** True when so many bytes may be sent to the peer (see `answer`). */
  mayAnswer(peer: PeerState, length: number): boolean {
    return peer.isValidated || length <= peer.credit || !this.#context.behaviour.amplificationLimit;
  }

  /** Rejects a message; rate-limited by source, so that we are no reflector (CR-4.11). True when it was sent. */
  reset(peer: PeerState, messageId: number, now: Instant): boolean {
    if (!this.#mayReset(peer.peer, now)) {
      this.#context.counters.suppressed += 1;
      return false;
    }
    if (!this.answer(peer, encodeEmpty(MessageType.reset, messageId))) return false;
    this.#context.counters.resetsSent += 1;
    return true;
  }

  /** As `reset`, for a peer of which nothing is remembered and nothing needs to be. */
  resetStranger(peer: Peer, messageId: number, now: Instant): void {
    const { counters, outputs } = this.#context;
    if (!this.#mayReset(peer, now)) {
      counters.suppressed += 1;
      return;
    }
    counters.resetsSent += 1;
    counters.sent += 1;
    outputs.push({ kind: 'transmit', peer, datagram: encodeEmpty(MessageType.reset, messageId) });
  }

  /** Acknowledges a message without a response. */
  acknowledge(peer: PeerState, messageId: number): void {
    this.answer(peer, encodeEmpty(MessageType.acknowledgement, messageId));
  }

  /** Sends a confirmable message for the first time and waits for its acknowledgement. */
  sendConfirmable(message: OutstandingMessage, now: Instant): void {
    const { ackTimeout, ackRandomFactor } = message.peer.timing;
    message.interval = ackTimeout * (1 + (ackRandomFactor - 1) * this.#context.random.fraction());
    message.retransmissions = 0;
    this.expect(message);
    this.#transmitAgain(message, now);
  }

  /** Sends an empty confirmable message. False when there is no message id for it. */
  ping(peer: PeerState, isValidation: boolean, now: Instant): boolean {
    const messageId = this.allocateMessageId(peer, now);
    if (messageId === undefined) return false;
    const ping = new Ping(peer, isValidation);
    ping.messageId = messageId;
    ping.datagram = encodeEmpty(MessageType.confirmable, messageId);
    this.sendConfirmable(ping, now);
    return true;
  }

  /** Remembers a message until `settle`, so that an answer to its id finds it. */
  expect(message: OutstandingMessage): void {
    if (message.isOutstanding) return;
    message.isOutstanding = true;
    this.sending(message.peer).outstanding.push(message);
  }

  /** Counts a message for NSTART. */
  holdSlot(message: OutstandingMessage): void {
    if (message.holdsSlot) return;
    message.holdsSlot = true;
    this.sending(message.peer).interactions += 1;
  }

  /** Waits for nothing any more on account of this message. */
  settle(message: OutstandingMessage): void {
    this.#context.timers.cancel(message);
    const { sending } = message.peer;
    if (sending === undefined) return;
    if (message.holdsSlot) {
      message.holdsSlot = false;
      sending.interactions -= 1;
    }
    if (!message.isOutstanding) return;
    message.isOutstanding = false;
    const index = sending.outstanding.indexOf(message);
    if (index >= 0) sending.outstanding.splice(index, 1);
  }

  /** The message of ours that an answer with this id is about. */
  findOutstanding(peer: PeerState, messageId: number): OutstandingMessage | undefined {
    const { sending } = peer;
    if (sending === undefined) return undefined;
    for (const message of sending.outstanding) if (message.messageId === messageId) return message;
    return undefined;
  }

  /** True while a message that was not acknowledged may be sent again (RFC 7252 §4.2). */
  mayRetransmit(message: OutstandingMessage): boolean {
    return message.retransmissions < message.peer.timing.maxRetransmit;
  }

  /** Sends an unacknowledged message again, with twice the wait. */
  retransmit(message: OutstandingMessage, now: Instant): void {
    message.retransmissions += 1;
    message.interval *= 2;
    this.#context.counters.retransmissions += 1;
    this.#transmitAgain(message, now);
  }

  /**
   * Gives an unacknowledged message up. Toward a peer that does not respond the average rate is
   * PROBING_RATE: the next interaction waits as long as the last datagram takes at that rate (RFC 7252 §4.7).
   */
  giveUp(message: OutstandingMessage): void {
    const { sending, timing } = message.peer;
    if (sending !== undefined && message.holdsSlot) {
      const length = message.datagram?.length ?? 0;
      sending.probeAfter = message.lastSentAt + (length / timing.probingRate) * 1000;
    }
    this.settle(message);
  }

  /** A message came from the peer: it responds, and may be answered with a multiple of its size. */
  heard(peer: PeerState, length: number, isRequest: boolean): void {
    if (!peer.isValidated) {
      peer.credit += Math.max(3 * length, isRequest ? this.#context.behaviour.amplificationFloor : 0);
    }
    if (peer.sending !== undefined) peer.sending.probeAfter = 0;
  }

  #mayReset(peer: Peer, now: Instant): boolean {
    const { resetsPerHour } = this.#context.peers.timingOf(peer);
    if (resetsPerHour === Infinity) return this.#resets.take(peer.address, now);
    let limiter = this.#rareResets.get(resetsPerHour);
    if (limiter === undefined) {
      limiter = new SourceLimiter(resetsPerHour / 3600, resetsPerHour, this.#context.random.uint32());
      this.#rareResets.set(resetsPerHour, limiter);
    }
    return limiter.take(peer.address, now);
  }

  #transmitAgain(message: OutstandingMessage, now: Instant): void {
    const { peer, datagram } = message;
    if (datagram !== undefined) {
      const isOurs = message.kind === 'request' || (message.kind === 'ping' && !message.isValidation);
      if (isOurs) this.transmit(peer, datagram);
      else this.answer(peer, datagram);
    }
    peer.lastActiveAt = now;
    message.lastSentAt = now;
    this.#context.timers.schedule(message, addDuration(now, milliseconds(message.interval)));
  }
}

/** Writes a message id (and the type) into an encoded message of ours. */
export function stampMessage(datagram: Uint8Array, type: MessageType, messageId: number): void {
  datagram[0] = ((datagram[0] ?? 0) & 0xcf) | (type << 4);
  datagram[2] = messageId >> 8;
  datagram[3] = messageId;
}

/** The instant at which `length` bytes that were sent at `now` are paid off at a rate in bytes per second. */
export function paidOffAt(now: Instant, length: number, rate: number): Instant {
  return instantFrom(now + (length / rate) * 1000);
}
