import { addDuration, earliestOf, type Instant, milliseconds } from '@dunlin/base';

import { type BlockOption, blockOffset } from '../block-option.ts';
import { Block1PartReceiver, type PartRequest } from '../blockwise/block1-part-receiver.ts';
import { Block1Receiver } from '../blockwise/block1-receiver.ts';
import type { Block2Sender } from '../blockwise/block2-sender.ts';
import { uploadKey } from '../blockwise/transfer-key.ts';
import { codeClass, ResponseCode } from '../code.ts';
import { encodeEmpty } from '../encode-message.ts';
import type { EndpointContext } from '../endpoint-context.ts';
import type { RelationId } from '../endpoint-output.ts';
import { exchangeIdFrom, relationIdFrom } from '../identifiers.ts';
import { Reaction } from '../message-layer/deduplication.ts';
import { fingerprint } from '../message-layer/fingerprint.ts';
import type { MessageLayer } from '../message-layer/message-layer.ts';
import { type Message, MessageType } from '../message.ts';
import type { Relation } from '../observe/relation.ts';
import type { Relations } from '../observe/relations.ts';
import type { PeerState } from '../peer-state.ts';
import type { Peer } from '../peer.ts';
import { type DecodedRequest, decodeRequest, type RefusedRequest } from '../request-codec.ts';
import type { IncomingRequest, Response, ResponseDelivery } from '../request.ts';
import { downloadKey } from './download-key.ts';
import { EchoChallenge } from './echo-challenge.ts';
import { ExchangeTable } from './exchange-table.ts';
import { IncomingExchange } from './incoming-exchange.ts';
import { ResponseSender, smallerBlock } from './response-sender.ts';

/** What `IncomingRequests` works with. */
export interface IncomingRequestsParts {
  readonly context: EndpointContext;
  readonly layer: MessageLayer;
  readonly relations: Relations;
  readonly downloads: Block2Sender;
  readonly nextId: () => number;
}

/** Requests of peers: hands each to the role once and whole, and takes what the role answers (RFC 7252 §4.5, §5.2). */
export class IncomingRequests {
  readonly #context: EndpointContext;
  readonly #layer: MessageLayer;
  readonly #relations: Relations;
  readonly #nextId: () => number;
  readonly #echo: EchoChallenge;
  readonly #sender: ResponseSender;
  readonly #uploads: Block1Receiver<Response>;
  readonly #parts: Block1PartReceiver<Response>;
  readonly #downloads: Block2Sender;
  readonly #exchanges = new ExchangeTable();
  /** Exchanges without a timer, as many as `#unarmedCount`: most are answered before one is needed. */
  readonly #unarmed: (IncomingExchange | undefined)[] = [];
  #unarmedCount = 0;

  constructor(parts: IncomingRequestsParts) {
    const { context, layer, relations, downloads } = parts;
    this.#context = context;
    this.#layer = layer;
    this.#relations = relations;
    this.#nextId = parts.nextId;
    this.#downloads = downloads;
    this.#uploads = new Block1Receiver(context.blockwise);
    this.#parts = new Block1PartReceiver(context.blockwise);
    this.#echo = new EchoChallenge(context.random);
    this.#sender = new ResponseSender({ context, layer, relations, downloads, echo: this.#echo });
  }

  get size(): number {
    return this.#exchanges.size;
  }

  /** Bodies that are kept while they come or go in blocks. */
  get transfers(): number {
    return this.#uploads.usage.transfers + this.#parts.size + this.#downloads.usage.transfers;
  }

  /** When `expireTransfers` has something to do. */
  get transferDeadline(): Instant | undefined {
    const uploads = earliestOf(this.#uploads.deadline, this.#parts.deadline);
    return earliestOf(uploads, this.#downloads.deadline);
  }

  /** Lets go of bodies whose peers have stopped in the middle. */
  expireTransfers(now: Instant): void {
    this.#uploads.expire(now);
    this.#parts.expire(now);
    this.#downloads.expire(now);
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
    const { exchangeLifetime, nonLifetime } = peer.timing;
    const lifetime = message.type === MessageType.confirmable ? exchangeLifetime : nonLifetime;
    received.add(peer, messageId, hash, now, addDuration(now, lifetime));
    const decoded = this.#decode(message);
    if (decoded.kind === 'refused') {
      this.#sender.refuse(message, peer, decoded, now);
      return;
    }
    const { echo, block1, block2 } = decoded.transfer;
    if (echo !== undefined && !peer.isValidated) {
      peer.isValidated = this.#echo.isValid(peer.peer.key, echo, now);
    }
    const { payload } = decoded.request;
    if (block1 !== undefined || payload.length > this.#context.blockwise.maxRequestBodySize) {
      this.#receiveBlock(message, peer, decoded, now);
    } else if (block2 !== undefined && block2.num > 0) {
      this.#resume(message, peer, decoded, now);
    } else {
      this.#open(this.#exchangeOf(message, peer, decoded, now));
    }
  }

  /** The role's answer. The relation, when the peer observes from now on. */
  respond(
    id: number,
    response: Response,
    { observe: isObserved = false, isAddressVerified = false }: Readonly<ResponseDelivery>,
    now: Instant,
  ): RelationId | undefined {
    const exchange = this.#close(id);
    if (exchange === undefined) return undefined;
    const { peer } = exchange;
    if (isAddressVerified) peer.isValidated = true;
    const wantsObservation = exchange.request.observe === 'register';
    const relation =
      wantsObservation && isObserved && codeClass(response.code) === 2
        ? this.#relations.add(exchange, response, now)
        : undefined;
    if (wantsObservation && relation === undefined) this.#relations.endOf(peer, exchange.token, 'replaced');
    this.#noteAnswer(exchange, response, now);
    const isSent = this.#sendOrExcuse(exchange, response, relation, now);
    for (const follower of exchange.followers ?? []) {
      follower.block1 = exchange.block1;
      this.#sender.send(follower, response, undefined, now);
    }
    if (relation === undefined) return undefined;
    if (isSent) return relationIdFrom(relation.id);
    this.#relations.remove(relation);
    return undefined;
  }

  /** Drops a request without an answer, as if it had been lost: a repetition is a new chance. */
  ignore(id: number, now: Instant): void {
    const exchange = this.#close(id);
    if (exchange === undefined) return;
    const { peer, messageId } = exchange;
    const part = partOf(exchange);
    if (part !== undefined) this.#parts.ignored(part, now);
    if (!exchange.isAcknowledged) this.#context.received.forget(peer, messageId);
  }

  /** Drops the requests and bodies of a peer that is forgotten. */
  forgetPeer(state: PeerState, peer: Peer): void {
    for (const exchange of this.#exchanges.all()) if (exchange.peer === state) this.#close(exchange.id);
    this.#uploads.forgetPeer(peer);
    this.#parts.forgetPeer(peer);
    this.#downloads.forgetPeer(peer);
  }

  /** Sets the timers of exchanges that were not answered at once. */
  armTimers(): void {
    for (let index = 0; index < this.#unarmedCount; index += 1) {
      const exchange = this.#unarmed[index];
      this.#unarmed[index] = undefined;
      if (exchange === undefined || exchange.isAnswered) continue;
      const { exchangeTimeout } = this.#context.limits;
      const { piggybackWindow } = exchange.peer.timing;
      const wait = exchange.request.isConfirmable
        ? Math.min(piggybackWindow, exchangeTimeout)
        : exchangeTimeout;
      this.#context.timers.schedule(exchange, addDuration(exchange.receivedAt, milliseconds(wait)));
    }
    this.#unarmedCount = 0;
  }

  /** The role takes long: first an empty acknowledgement goes ahead, in the end 5.03 (CR-4.5, CR-10.5). */
  due(exchange: IncomingExchange, now: Instant): void {
    const goesAhead = exchange.peer.timing.piggybackWindow < this.#context.limits.exchangeTimeout;
    if (exchange.request.isConfirmable && !exchange.isAcknowledged && goesAhead) {
      this.#sender.acknowledge(exchange, now);
      for (const follower of exchange.followers ?? []) this.#sender.acknowledge(follower, now);
      const { exchangeTimeout } = this.#context.limits;
      this.#context.timers.schedule(exchange, addDuration(exchange.receivedAt, exchangeTimeout));
      return;
    }
    this.#context.counters.overloads += 1;
    this.respond(exchange.id, { code: ResponseCode.serviceUnavailable }, {}, now);
  }

  /** What the role answers may be impossible to send: then the peer hears of a failure, and the role of its mistake. */
  #sendOrExcuse(
    exchange: IncomingExchange,
    response: Response,
    relation: Relation | undefined,
    now: Instant,
  ): boolean {
    try {
      return this.#sender.send(exchange, response, relation, now);
    } catch (error) {
      if (relation !== undefined) this.#relations.remove(relation);
      this.#sender.send(exchange, { code: ResponseCode.internalServerError }, undefined, now);
      throw error;
    }
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

  #decode(message: Message): DecodedRequest | RefusedRequest {
    const decoded = decodeRequest(message);
    if (decoded.kind === 'refused' || this.#context.behaviour.heedsConditions) return decoded;
    const { ifMatch, ifNoneMatch } = decoded.request;
    if (ifMatch === undefined && ifNoneMatch !== true) return decoded;
    const reason = `no condition is supported here, as ${ifMatch === undefined ? 'If-None-Match' : 'If-Match'} is`;
    return { kind: 'refused', code: ResponseCode.badOption, reason };
  }

  /** A part of a body, or a body that is too large for one message (RFC 7959 §2.5). */
  #receiveBlock(message: Message, peer: PeerState, decoded: DecodedRequest, now: Instant): void {
    const { request, transfer } = decoded;
    const key = uploadKey(message);
    const { block1, size1 } = transfer;
    const isOneOfSeveral = block1 !== undefined && (block1.hasMore || block1.num > 0);
    if (isOneOfSeveral && this.#context.takesBodyInParts?.(peer.peer, request) === true) {
      this.#receivePart(message, peer, decoded, block1, now);
      return;
    }
    const maxBodySize = this.#context.maxRequestBodySizeFor?.(peer.peer, request);
    const outcome = this.#uploads.receive(
      { peer: peer.peer, key, block1, size1, payload: request.payload, maxBodySize },
      now,
    );
    switch (outcome.kind) {
      case 'continue': {
        const exchange = this.#exchangeOf(message, peer, decoded, now);
        this.#sender.sendPart(exchange, { code: ResponseCode.continue }, { block1: outcome.block1 }, now);
        return;
      }
      case 'refused':
        this.#sender.refuse(message, peer, outcome, now);
        return;
      case 'repeated':
        this.#followUpload(this.#uploadExchange(message, peer, decoded, now), outcome.answer, key, now);
        return;
      case 'complete': {
        const whole: IncomingRequest = {
          ...request,
          payload: outcome.body,
          isBlockwise: outcome.block1 !== undefined,
        };
        const exchange = this.#uploadExchange(message, peer, { ...decoded, request: whole }, now);
        exchange.uploadKey = key;
        this.#open(exchange);
      }
    }
  }

  /** A part of a body that the role takes part by part. */
  #receivePart(
    message: Message,
    peer: PeerState,
    decoded: DecodedRequest,
    block1: BlockOption,
    now: Instant,
  ): void {
    const { request, transfer } = decoded;
    const key = uploadKey(message);
    const outcome = this.#parts.receive({ peer: peer.peer, key, block1, payload: request.payload }, now);
    if (outcome.kind === 'refused') {
      this.#sender.refuse(message, peer, outcome, now);
      return;
    }
    const offset = blockOffset(block1);
    const part = { offset, isLast: !block1.hasMore, size: transfer.size1 };
    const whole: IncomingRequest = { ...request, isBlockwise: true, part };
    const exchange = this.#exchangeOf(message, peer, { ...decoded, request: whole }, now);
    exchange.block1 = outcome.block1;
    if (outcome.kind === 'repeated') {
      if (outcome.answer !== undefined) nameBlock(exchange, outcome.answer);
      this.#followUpload(exchange, outcome.answer, key, now);
      return;
    }
    exchange.uploadKey = key;
    this.#open(exchange);
  }

  /** Keeps the answer for the case that the block comes again. */
  #noteAnswer(exchange: IncomingExchange, response: Response, now: Instant): void {
    const { peer, uploadKey: key } = exchange;
    const part = partOf(exchange);
    if (part !== undefined) {
      nameBlock(exchange, response);
      this.#parts.answered(part, response, response.code === ResponseCode.continue, now);
    } else if (key !== undefined) {
      this.#uploads.answered(peer.peer, key, response, now);
    }
  }

  /** The last block once more: the answer to the first one is its answer too. */
  #followUpload(exchange: IncomingExchange, answer: Response | undefined, key: string, now: Instant): void {
    if (answer !== undefined) {
      this.#sender.send(exchange, answer, undefined, now);
      return;
    }
    for (const first of this.#exchanges.all()) {
      if (first.peer !== exchange.peer || first.uploadKey !== key) continue;
      if (first.isAcknowledged && exchange.request.isConfirmable) this.#sender.acknowledge(exchange, now);
      first.followers = [exchange];
      return;
    }
  }

  /** A further block of a response (RFC 7959 §2.4). */
  #resume(message: Message, peer: PeerState, decoded: DecodedRequest, now: Instant): void {
    const { request, transfer } = decoded;
    const exchange = this.#exchangeOf(message, peer, decoded, now);
    const answer = this.#downloads.resume(
      {
        peer: peer.peer,
        key: downloadKey(request, transfer),
        method: request.method,
        hasPayload: request.payload.length > 0,
        block2: transfer.block2 && smallerBlock(transfer.block2, peer.timing.blockSize),
        size2: transfer.size2,
      },
      now,
    );
    if (answer.kind === 'regenerate') this.#open(exchange);
    else this.#sender.sendPart(exchange, answer.response, answer.transfer, now);
  }

  #exchangeOf(message: Message, peer: PeerState, decoded: DecodedRequest, now: Instant): IncomingExchange {
    const { block2 } = decoded.transfer;
    if (block2 === undefined) return new IncomingExchange(this.#nextId(), peer, message, decoded, now);
    const length = Math.min(block2.size, this.#context.blockwise.blockSize, peer.timing.blockSize);
    const request = { ...decoded.request, askedSlice: { offset: blockOffset(block2), length } };
    return new IncomingExchange(this.#nextId(), peer, message, { ...decoded, request }, now);
  }

  #uploadExchange(
    message: Message,
    peer: PeerState,
    decoded: DecodedRequest,
    now: Instant,
  ): IncomingExchange {
    const exchange = this.#exchangeOf(message, peer, decoded, now);
    const { block1 } = decoded.transfer;
    if (block1 !== undefined) exchange.block1 = { ...block1, hasMore: false };
    return exchange;
  }

  #open(exchange: IncomingExchange): void {
    const { peer, request } = exchange;
    const { limits, counters, outputs } = this.#context;
    this.#exchanges.add(exchange);
    peer.pins += 1;
    peer.exchanges += 1;
    if (this.#exchanges.size > limits.maxExchanges || peer.exchanges > limits.maxExchangesPerPeer) {
      counters.overloads += 1;
      const overloaded: Response = { code: ResponseCode.serviceUnavailable, maxAge: 1 };
      this.respond(exchange.id, overloaded, {}, exchange.receivedAt);
      return;
    }
    if (request.observe === 'deregister') this.#relations.endOf(peer, exchange.token, 'deregistered');
    this.#unarmed[this.#unarmedCount] = exchange;
    this.#unarmedCount += 1;
    outputs.push({ kind: 'request', exchange: exchangeIdFrom(exchange.id), peer: peer.peer, request });
  }

  #close(id: number): IncomingExchange | undefined {
    const exchange = this.#exchanges.take(id);
    if (exchange === undefined) return undefined;
    exchange.isAnswered = true;
    exchange.peer.pins -= 1;
    exchange.peer.exchanges -= 1;
    this.#context.timers.cancel(exchange);
    return exchange;
  }
}

/** The block that an exchange is about, when the role takes its body part by part. */
function partOf({ peer, request, transfer, uploadKey: key }: IncomingExchange): PartRequest | undefined {
  const { part, payload } = request;
  const { block1 } = transfer;
  if (part === undefined || block1 === undefined || key === undefined) return undefined;
  return { peer: peer.peer, key, block1, payload };
}

/** An answer to a part that asks for more says so in Block1 as well (RFC 7959 §2.3). */
function nameBlock(exchange: IncomingExchange, { code }: Response): void {
  if (exchange.block1 !== undefined) {
    exchange.block1 = { ...exchange.block1, hasMore: code === ResponseCode.continue };
  }
}
