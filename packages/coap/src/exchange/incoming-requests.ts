import { addDuration, type Instant, noBytes, utf8Encode } from '@dunlin/base';

import { codeClass, Method, ResponseCode } from '../code.ts';
import { encodeEmpty, encodeMessage } from '../encode-message.ts';
import type { EndpointContext } from '../endpoint-context.ts';
import type { RelationId } from '../endpoint-output.ts';
import { exchangeIdFrom, relationIdFrom } from '../identifiers.ts';
import { Reaction } from '../message-layer/deduplication.ts';
import { fingerprint } from '../message-layer/fingerprint.ts';
import { type MessageLayer, stampMessage } from '../message-layer/message-layer.ts';
import { SourceLimiter } from '../message-layer/source-limiter.ts';
import { type Message, MessageType } from '../message.ts';
import type { Relation } from '../observe/relation.ts';
import type { Relations } from '../observe/relations.ts';
import type { PeerState } from '../peer-state.ts';
import { decodeRequest } from '../request-codec.ts';
import type { Response } from '../request.ts';
import { responseOptions } from '../response-codec.ts';
import type { TransferOptions } from '../transfer-options.ts';
import { EchoChallenge } from './echo-challenge.ts';
import { IncomingExchange } from './incoming-exchange.ts';
import { SeparateResponse } from './separate-response.ts';

/** What `IncomingRequests` works with. */
export interface IncomingRequestsParts {
  readonly context: EndpointContext;
  readonly layer: MessageLayer;
  readonly relations: Relations;
  readonly nextId: () => number;
}

/** Requests of peers: hands each to the role once and sends what the role answers (RFC 7252 §4.5, §5.2). */
export class IncomingRequests {
  readonly #context: EndpointContext;
  readonly #layer: MessageLayer;
  readonly #relations: Relations;
  readonly #nextId: () => number;
  readonly #echo: EchoChallenge;
  readonly #errors: SourceLimiter;
  readonly #exchanges = new Map<number, IncomingExchange>();
  /** Exchanges without a timer: most are answered before one is needed. */
  #unarmed: IncomingExchange[] = [];

  constructor(parts: IncomingRequestsParts) {
    this.#context = parts.context;
    this.#layer = parts.layer;
    this.#relations = parts.relations;
    this.#nextId = parts.nextId;
    const { random, limits } = parts.context;
    this.#echo = new EchoChallenge(random);
    this.#errors = new SourceLimiter(limits.errorsPerSecond, limits.errorBurst, random.uint32());
  }

  get size(): number {
    return this.#exchanges.size;
  }

  /** Takes a request message; a repetition gets what the first one got (RFC 7252 §4.5). */
  received(message: Message, datagram: Uint8Array, peer: PeerState, now: Instant): void {
    const { received } = this.#context;
    const { messageId } = message;
    const hash = fingerprint(datagram);
    const slot = received.find(peer, messageId, now);
    if (slot >= 0 && received.isSame(slot, hash)) {
      this.#repeated(slot, peer, messageId);
      return;
    }
    const isConfirmable = message.type === MessageType.confirmable;
    const { exchangeLifetime, nonLifetime } = peer.timing;
    received.add(
      peer,
      messageId,
      hash,
      now,
      addDuration(now, isConfirmable ? exchangeLifetime : nonLifetime),
    );
    const decoded = decodeRequest(message);
    if (decoded.kind === 'refused') {
      this.#refuse(message, peer, decoded, now);
      return;
    }
    const { echo } = decoded.transfer;
    if (echo !== undefined && !peer.isValidated) {
      peer.isValidated = this.#echo.isValid(peer.peer.key, echo, now);
    }
    this.#open(new IncomingExchange(this.#nextId(), peer, message, decoded, now));
  }

  /** The role's answer. The relation, when the peer observes from now on. */
  respond(id: number, response: Response, isObserved: boolean, now: Instant): RelationId | undefined {
    const exchange = this.#close(id);
    if (exchange === undefined) return undefined;
    const wantsObservation = exchange.request.observe === 'register';
    const relation =
      wantsObservation && isObserved && codeClass(response.code) === 2
        ? this.#relations.add(exchange, response, now)
        : undefined;
    if (wantsObservation && relation === undefined) {
      this.#relations.endOf(exchange.peer, exchange.token, 'replaced');
    }
    const isChallenged = this.#answer(exchange, response, relation, now);
    if (relation === undefined) return undefined;
    if (isChallenged) {
      this.#relations.remove(relation);
      return undefined;
    }
    return relationIdFrom(relation.id);
  }

  /** Drops a request without an answer. */
  ignore(id: number): void {
    this.#close(id);
  }

  /** Drops the requests of a peer that is forgotten. */
  forgetPeer(peer: PeerState): void {
    for (const exchange of this.#exchanges.values()) if (exchange.peer === peer) this.#close(exchange.id);
  }

  /** Sets the timers of exchanges that were not answered at once. */
  armTimers(): void {
    if (this.#unarmed.length === 0) return;
    for (const exchange of this.#unarmed) {
      if (exchange.isAnswered) continue;
      const { exchangeTimeout } = this.#context.limits;
      const wait = exchange.request.isConfirmable ? exchange.peer.timing.piggybackWindow : exchangeTimeout;
      this.#context.timers.schedule(exchange, addDuration(exchange.receivedAt, wait));
    }
    this.#unarmed = [];
  }

  /** The role takes long: first an empty acknowledgement goes ahead, in the end 5.03 (CR-4.5, CR-10.5). */
  due(exchange: IncomingExchange, now: Instant): void {
    const { peer, messageId } = exchange;
    if (exchange.request.isConfirmable && !exchange.isAcknowledged) {
      this.#acknowledge(exchange, now);
      const { exchangeTimeout } = this.#context.limits;
      this.#context.timers.schedule(exchange, addDuration(exchange.receivedAt, exchangeTimeout));
      return;
    }
    this.#context.counters.overloads += 1;
    if (exchange.request.isConfirmable)
      this.#context.received.settle(peer, messageId, now, Reaction.emptyAcknowledgement);
    this.respond(exchange.id, { code: ResponseCode.serviceUnavailable }, false, now);
  }

  #repeated(slot: number, peer: PeerState, messageId: number): void {
    const { received, counters } = this.#context;
    counters.duplicates += 1;
    switch (received.reaction(slot)) {
      case Reaction.none:
        return;
      case Reaction.emptyAcknowledgement:
        this.#layer.acknowledge(peer, messageId);
        return;
      case Reaction.reset:
        this.#layer.answer(peer, encodeEmpty(MessageType.reset, messageId));
        return;
      case Reaction.answer: {
        const answer = received.answer(slot);
        if (answer !== undefined) this.#layer.answer(peer, answer);
      }
    }
  }

  #open(exchange: IncomingExchange): void {
    const { peer, request } = exchange;
    const { limits, counters, outputs } = this.#context;
    this.#exchanges.set(exchange.id, exchange);
    peer.pins += 1;
    peer.exchanges += 1;
    if (this.#exchanges.size > limits.maxExchanges || peer.exchanges > limits.maxExchangesPerPeer) {
      counters.overloads += 1;
      this.respond(
        exchange.id,
        { code: ResponseCode.serviceUnavailable, maxAge: 1 },
        false,
        exchange.receivedAt,
      );
      return;
    }
    if (request.observe === 'deregister') this.#relations.endOf(peer, exchange.token, 'deregistered');
    this.#unarmed.push(exchange);
    outputs.push({ kind: 'request', exchange: exchangeIdFrom(exchange.id), peer: peer.peer, request });
  }

  #close(id: number): IncomingExchange | undefined {
    const exchange = this.#exchanges.get(id);
    if (exchange === undefined) return undefined;
    this.#exchanges.delete(id);
    exchange.isAnswered = true;
    exchange.peer.pins -= 1;
    exchange.peer.exchanges -= 1;
    this.#context.timers.cancel(exchange);
    return exchange;
  }

  #acknowledge(exchange: IncomingExchange, now: Instant): void {
    exchange.isAcknowledged = true;
    this.#layer.acknowledge(exchange.peer, exchange.messageId);
    this.#context.received.settle(exchange.peer, exchange.messageId, now, Reaction.emptyAcknowledgement);
  }

  /** True when the peer got a challenge in place of the answer. */
  #answer(
    exchange: IncomingExchange,
    response: Response,
    relation: Relation | undefined,
    now: Instant,
  ): boolean {
    const { peer, request } = exchange;
    if (isSuppressed(request.noResponse, response.code) || !this.#mayRefuse(peer, response, now)) {
      if (request.isConfirmable && !exchange.isAcknowledged) this.#acknowledge(exchange, now);
      return false;
    }
    const datagram = this.#encode(exchange, response, { observe: relation?.sequence });
    if (this.#layer.mayAnswer(peer, datagram.length)) {
      this.#send(exchange, datagram, relation, now);
      return false;
    }
    this.#context.counters.challenges += 1;
    if (request.method === Method.get || request.method === Method.fetch) {
      const challenge = { echo: this.#echo.create(peer.peer.key, now) };
      this.#send(
        exchange,
        this.#encode(exchange, { code: ResponseCode.unauthorized }, challenge),
        undefined,
        now,
      );
    } else {
      // What it asked for is done and must not be asked for again: it learns at least that.
      this.#send(exchange, this.#encode(exchange, { ...response, payload: noBytes }, {}), undefined, now);
    }
    return true;
  }

  #send(
    exchange: IncomingExchange,
    datagram: Uint8Array,
    relation: Relation | undefined,
    now: Instant,
  ): void {
    const { peer, messageId } = exchange;
    if (!exchange.request.isConfirmable) {
      this.#sendNew(peer, datagram, MessageType.nonConfirmable, now);
    } else if (!exchange.isAcknowledged) {
      this.#context.received.settle(peer, messageId, now, Reaction.answer, datagram);
      this.#layer.answer(peer, datagram);
    } else if (relation !== undefined) {
      this.#relations.sendFirst(relation, datagram, now);
    } else {
      this.#sendNew(peer, datagram, MessageType.confirmable, now);
    }
  }

  #sendNew(peer: PeerState, datagram: Uint8Array, type: MessageType, now: Instant): void {
    const messageId = this.#layer.allocateMessageId(peer, now);
    if (messageId === undefined) {
      this.#context.counters.overloads += 1;
      return;
    }
    stampMessage(datagram, type, messageId);
    if (type === MessageType.nonConfirmable) {
      this.#layer.answer(peer, datagram);
      return;
    }
    const response = new SeparateResponse(peer);
    response.messageId = messageId;
    response.datagram = datagram;
    this.#layer.sendConfirmable(response, now);
  }

  #encode(exchange: IncomingExchange, response: Response, transfer: TransferOptions): Uint8Array {
    const { payload } = response;
    return encodeMessage({
      type: MessageType.acknowledgement,
      code: response.code,
      messageId: exchange.messageId,
      token: exchange.token,
      options: responseOptions(response, transfer),
      payload: payload instanceof Uint8Array ? payload : payload?.read(0, payload.length),
    });
  }

  #refuse(
    message: Message,
    peer: PeerState,
    refusal: { readonly code: ResponseCode; readonly reason: string },
    now: Instant,
  ): void {
    const { behaviour, received } = this.#context;
    const { messageId, token } = message;
    const isConfirmable = message.type === MessageType.confirmable;
    const isSilent =
      !isConfirmable && refusal.code === ResponseCode.badOption && !behaviour.answerBadOptionInNon;
    if (isSilent || !this.#mayRefuse(peer, refusal, now)) return;
    const isExplained = behaviour.diagnosticsToUnauthenticated || peer.peer.security.kind !== 'none';
    const datagram = encodeMessage({
      type: MessageType.acknowledgement,
      code: refusal.code,
      messageId,
      token,
      options: [],
      payload: isExplained ? utf8Encode(refusal.reason) : noBytes,
    });
    if (!isConfirmable) {
      this.#sendNew(peer, datagram, MessageType.nonConfirmable, now);
      return;
    }
    received.settle(peer, messageId, now, Reaction.answer, datagram);
    this.#layer.answer(peer, datagram);
  }

  /** Error answers to peers without security are rationed, as their address may be somebody else's (CR-11.3). */
  #mayRefuse(peer: PeerState, response: { readonly code: ResponseCode }, now: Instant): boolean {
    if (peer.isValidated || codeClass(response.code) === 2) return true;
    if (this.#errors.take(peer.peer.address, now)) return true;
    this.#context.counters.suppressed += 1;
    return false;
  }
}

/** True when the client does not want to hear of this class of answers (RFC 7967 §2.1). */
function isSuppressed(noResponse: number | undefined, code: ResponseCode): boolean {
  return noResponse !== undefined && (noResponse & (1 << (codeClass(code) - 1))) !== 0;
}
