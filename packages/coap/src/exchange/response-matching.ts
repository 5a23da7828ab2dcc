import { addDuration, type Instant } from '@dunlin/base';

import { encodeEmpty } from '../encode-message.ts';
import type { EndpointContext } from '../endpoint-context.ts';
import { Reaction } from '../message-layer/deduplication.ts';
import { fingerprint } from '../message-layer/fingerprint.ts';
import type { MessageLayer } from '../message-layer/message-layer.ts';
import { type Message, MessageType } from '../message.ts';
import type { Observation } from '../observe/observation.ts';
import type { Observations } from '../observe/observations.ts';
import type { PeerState } from '../peer-state.ts';
import { decodeResponse } from '../response-codec.ts';
import type { OutgoingExchange } from './outgoing-exchange.ts';
import type { OutgoingRequests } from './outgoing-requests.ts';
import type { TokenTable } from './token-table.ts';

/** What `ResponseMatching` works with. */
export interface ResponseMatchingParts {
  readonly context: EndpointContext;
  readonly layer: MessageLayer;
  readonly tokens: TokenTable;
  readonly requests: OutgoingRequests;
  readonly observations: Observations;
}

/** Finds out whom a response is for: the peer and the token must be right, in an acknowledgement the id too (RFC 7252 §5.3.2). */
export class ResponseMatching {
  readonly #parts: ResponseMatchingParts;

  constructor(parts: ResponseMatchingParts) {
    this.#parts = parts;
  }

  /** Takes a confirmable or non-confirmable response or notification. */
  received(message: Message, datagram: Uint8Array, peer: PeerState, now: Instant): void {
    const { layer, context } = this.#parts;
    const { messageId } = message;
    const isConfirmable = message.type === MessageType.confirmable;
    const hash = fingerprint(datagram);
    const slot = context.received.find(peer, messageId, now);
    if (slot >= 0 && context.received.isSame(slot, hash)) {
      this.#repeated(slot, peer, messageId);
      return;
    }
    const owner = this.#ownerOf(message, peer);
    if (owner === undefined) {
      if (isConfirmable || context.behaviour.resetUnknownNon) layer.reset(peer, messageId, now);
      return;
    }
    const { exchangeLifetime, nonLifetime } = peer.timing;
    context.received.add(
      peer,
      messageId,
      hash,
      now,
      addDuration(now, isConfirmable ? exchangeLifetime : nonLifetime),
    );
    const isUsable = this.#deliver(owner, message, peer, now);
    if (!isConfirmable) return;
    // The acknowledgement goes before anything that the response leads to: nothing was sent meanwhile.
    if (isUsable) layer.acknowledge(peer, messageId);
    else layer.answer(peer, encodeEmpty(MessageType.reset, messageId));
    context.received.settle(peer, messageId, now, isUsable ? Reaction.emptyAcknowledgement : Reaction.reset);
  }

  /** Takes a response in an acknowledgement; whatever does not match is passed over in silence (RFC 7252 §4.2). */
  receivedInAcknowledgement(message: Message, peer: PeerState, now: Instant): void {
    const owner = this.#ownerOf(message, peer);
    if (owner === undefined) return;
    const exchange = owner.kind === 'request' ? owner : owner.operation?.exchange;
    if (exchange === undefined || exchange.messageId !== message.messageId) return;
    this.#deliver(owner, message, peer, now);
  }

  #repeated(slot: number, peer: PeerState, messageId: number): void {
    const { context, layer } = this.#parts;
    context.counters.duplicates += 1;
    const reaction = context.received.reaction(slot);
    if (reaction === Reaction.emptyAcknowledgement) layer.acknowledge(peer, messageId);
    else if (reaction === Reaction.reset) layer.answer(peer, encodeEmpty(MessageType.reset, messageId));
  }

  #ownerOf(message: Message, peer: PeerState): OutgoingExchange | Observation | undefined {
    const owner = this.#parts.tokens.find(message.tokenKey);
    return owner?.peer === peer ? owner : undefined;
  }

  /** False when the response has to be rejected (RFC 7252 §5.4.1). */
  #deliver(owner: OutgoingExchange | Observation, message: Message, peer: PeerState, now: Instant): boolean {
    const { requests, observations } = this.#parts;
    // Nobody can know the token who has not received our request.
    peer.isValidated = true;
    const answer = decodeResponse(message);
    if (answer.kind === 'rejected') {
      if (owner.kind === 'request') requests.fail(owner.operation, 'malformed-response', now);
      else observations.unusable(owner, now);
      return false;
    }
    if (owner.kind === 'request') requests.answered(owner, answer, now);
    else observations.received(owner, answer, message.type === MessageType.acknowledgement, now);
    return true;
  }
}
