import {
  addDuration,
  type Instant,
  milliseconds,
  type Milliseconds,
  seconds,
  toMilliseconds,
  UsageError,
} from '@dunlin/base';

import { RequestTags, requestTagValue } from '../blockwise/request-tags.ts';
import { ResponseCode } from '../code.ts';
import { encodeMessage } from '../encode-message.ts';
import type { EndpointContext } from '../endpoint-context.ts';
import type { RequestFailure } from '../endpoint-output.ts';
import { MessageType } from '../message.ts';
import type { InteractionQueue } from '../message-layer/interaction-queue.ts';
import { type MessageLayer, paidOffAt, stampMessage } from '../message-layer/message-layer.ts';
import type { SendingState } from '../peer-state.ts';
import { requestOptions } from '../request-codec.ts';
import type { DecodedResponse } from '../response-codec.ts';
import { downloadKey } from './download-key.ts';
import type { Operation, OperationOutcome } from './operation.ts';
import { OutgoingExchange } from './outgoing-exchange.ts';
import { type RequestPart, RequestTransfers } from './request-transfers.ts';
import type { TokenTable } from './token-table.ts';

/** Takes the results of operations. */
export interface OperationOwner {
  operationDone(operation: Operation, outcome: OperationOutcome, now: Instant): void;
}

/** What `OutgoingRequests` works with. */
export interface OutgoingRequestsParts {
  readonly context: EndpointContext;
  readonly layer: MessageLayer;
  readonly queue: InteractionQueue;
  readonly tokens: TokenTable;
  readonly owner: OperationOwner;
}

/** Requests of ours: sends them when their turn comes and matches what comes back (RFC 7252 §5.2, §5.3). */
export class OutgoingRequests {
  readonly #context: EndpointContext;
  readonly #layer: MessageLayer;
  readonly #queue: InteractionQueue;
  readonly #tokens: TokenTable;
  readonly #owner: OperationOwner;
  readonly #transfers: RequestTransfers;
  readonly #operations = new Map<number, Operation>();
  readonly #tags = new RequestTags();

  constructor(parts: OutgoingRequestsParts) {
    this.#context = parts.context;
    this.#layer = parts.layer;
    this.#queue = parts.queue;
    this.#tokens = parts.tokens;
    this.#owner = parts.owner;
    this.#transfers = new RequestTransfers(parts.context.blockwise, parts.context.message);
  }

  get size(): number {
    return this.#operations.size;
  }

  find(id: number): Operation | undefined {
    return this.#operations.get(id);
  }

  all(): readonly Operation[] {
    return [...this.#operations.values()];
  }

  /** Lines up the first message of an operation. Throws a `UsageError` for what cannot be encoded. */
  start(operation: Operation, token: Uint8Array, now: Instant): void {
    const sending = this.#layer.sending(operation.peer);
    if ((operation.request.payload?.length ?? 0) > operation.peer.timing.maxBodySize) {
      this.#owner.operationDone(operation, { kind: 'failed', reason: 'body-too-large' }, now);
      return;
    }
    const first = this.#transfers.start(operation);
    const exchange = this.#firstExchange(operation, this.#firstToken(operation, sending, token), first);
    this.#operations.set(operation.id, operation);
    operation.peer.pins += 1;
    if (!this.#queue.hasRoom(sending) || this.#operations.size > this.#context.limits.maxRequests) {
      this.#context.counters.overloads += 1;
      this.#end(operation, { kind: 'failed', reason: 'overloaded' }, now);
      return;
    }
    this.#expectToken(exchange);
    if (this.#queue.isBusy(sending, now)) {
      // The one before it may take longer than that, where messages take minutes.
      const wait = Math.max(this.#context.limits.maxQueueTime, operation.peer.timing.maxTransmitWait);
      this.#context.timers.schedule(operation, addDuration(now, milliseconds(wait)));
    }
    this.#queue.add(sending, exchange);
  }

  /** Sends the message of an exchange whose turn has come. */
  begin(exchange: OutgoingExchange, now: Instant): void {
    const { operation, peer, datagram } = exchange;
    if (exchange.phase !== 'queued' || datagram === undefined) return;
    const messageId = this.#layer.allocateMessageId(peer, now);
    if (messageId === undefined) {
      this.#context.counters.overloads += 1;
      this.#end(operation, { kind: 'failed', reason: 'overloaded' }, now);
      return;
    }
    if (!operation.hasBegun) {
      operation.hasBegun = true;
      const { timeout } = operation.options;
      if (timeout === undefined) this.#context.timers.cancel(operation);
      else this.#context.timers.schedule(operation, addDuration(now, timeout));
    }
    exchange.messageId = messageId;
    exchange.phase = 'sent';
    this.#layer.holdSlot(exchange);
    if (operation.options.isConfirmable === false) {
      stampMessage(datagram, MessageType.nonConfirmable, messageId);
      this.#layer.expect(exchange);
      this.#layer.transmit(peer, datagram);
      exchange.lastSentAt = now;
      this.#context.timers.schedule(exchange, paidOffAt(now, datagram.length, peer.timing.probingRate));
    } else {
      stampMessage(datagram, MessageType.confirmable, messageId);
      this.#layer.sendConfirmable(exchange, now);
    }
  }

  /** The peer has the request and answers later (RFC 7252 §5.2.2). */
  acknowledged(exchange: OutgoingExchange, now: Instant): void {
    if (exchange.phase !== 'sent' || exchange.operation.options.isConfirmable === false) return;
    this.#layer.settle(exchange);
    this.#wait(exchange, exchange.peer.timing.exchangeLifetime, now);
  }

  /** The peer rejected the request (RFC 7252 §4.2, §4.3). */
  rejected(exchange: OutgoingExchange, now: Instant): void {
    this.#end(exchange.operation, { kind: 'failed', reason: 'reset' }, now);
  }

  /** The wait of an exchange is over. */
  due(exchange: OutgoingExchange, now: Instant): void {
    if (exchange.phase === 'sent' && exchange.operation.options.isConfirmable === false) {
      // Nothing came at PROBING_RATE: the next interaction may begin, this one may still be answered.
      this.#layer.settle(exchange);
      this.#wait(exchange, milliseconds(exchange.lastSentAt + exchange.peer.timing.maxRtt - now), now);
    } else if (exchange.phase === 'sent' && this.#layer.mayRetransmit(exchange)) {
      this.#layer.retransmit(exchange, now);
    } else {
      this.#layer.giveUp(exchange);
      this.#end(exchange.operation, { kind: 'failed', reason: 'no-answer' }, now);
    }
  }

  /** The response to an exchange has come, from the peer it was sent to and with its token. */
  answered(exchange: OutgoingExchange, answer: DecodedResponse, now: Instant): void {
    const { operation } = exchange;
    const { echo } = answer.transfer;
    if (
      answer.response.code === ResponseCode.unauthorized &&
      echo !== undefined &&
      operation.echo === undefined
    ) {
      operation.echo = echo;
      this.#continue(operation, exchange.part, now);
      return;
    }
    const step = this.#transfers.handle(operation, answer);
    switch (step.kind) {
      case 'ignored':
        return;
      case 'send':
        this.#continue(operation, step, now);
        return;
      case 'complete':
        this.#closeExchange(exchange);
        this.#heedRetryAfter(exchange, answer, now);
        this.#end(operation, { kind: 'answered', answer: { ...answer, response: step.response } }, now);
        return;
      case 'failed':
        this.#end(operation, { kind: 'failed', reason: step.reason }, now);
    }
  }

  /** Fetches the rest of a body whose first block came in a notification. The step that it begins with. */
  startRest(operation: Operation, first: DecodedResponse, now: Instant): void {
    this.#operations.set(operation.id, operation);
    operation.peer.pins += 1;
    operation.download = this.#transfers.newDownload(operation);
    const step = this.#transfers.handle(operation, first);
    if (step.kind === 'send') this.#continue(operation, step, now);
    else if (step.kind === 'complete') {
      this.#end(operation, { kind: 'answered', answer: { ...first, response: step.response } }, now);
    } else {
      const reason = step.kind === 'failed' ? step.reason : 'malformed-response';
      this.#end(operation, { kind: 'failed', reason }, now);
    }
  }

  /** Ends an operation from our side; its owner is told. */
  fail(operation: Operation, reason: RequestFailure, now: Instant, detail?: string): void {
    if (operation.exchange !== undefined) this.#closeExchange(operation.exchange);
    this.#end(operation, { kind: 'failed', reason, detail }, now);
  }

  /** Ends an operation whose result nobody wants. */
  drop(operation: Operation): void {
    if (operation.exchange !== undefined) this.#closeExchange(operation.exchange);
    this.#forget(operation);
  }

  /**
   * Registration and cancellation keep the observation's token, whatever has to be repeated (RFC 7641 §3.6);
   * blocks have a token each (RFC 9175 §4.2), but for devices that know blocks by it (CR-6.3).
   */
  #nextToken(operation: Operation, part: RequestPart, previous: OutgoingExchange | undefined): Uint8Array {
    const { purpose, options } = operation;
    if (part.transfer.observe !== undefined && purpose.kind !== 'request') return purpose.observation.token;
    const isOfObservation = purpose.kind !== 'request' && purpose.observation.tokenKey === previous?.tokenKey;
    if (previous !== undefined && !isOfObservation && options.reuseToken === true) return previous.token;
    return this.#tokens.next();
  }

  /** A slice of a body goes on with the token of the one before where all blocks have one token (CR-6.3). */
  #firstToken({ options }: Operation, sending: SendingState, fresh: Uint8Array): Uint8Array {
    const { bodySlice, reuseToken } = options;
    if (bodySlice === undefined || reuseToken !== true) return fresh;
    if (bodySlice.offset === 0 || sending.sliceToken === undefined) sending.sliceToken = fresh;
    return sending.sliceToken;
  }

  /** Lines up the next message of an operation, ahead of what has not begun. */
  #continue(operation: Operation, part: RequestPart, now: Instant): void {
    const previous = operation.exchange;
    if (previous !== undefined) this.#closeExchange(previous);
    try {
      const token = this.#nextToken(operation, part, previous);
      const exchange = this.#newExchange(operation, token, part);
      this.#expectToken(exchange);
      this.#queue.addFirst(this.#layer.sending(operation.peer), exchange);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      // Only what the peer sent makes a follow-up impossible that was possible before: an Echo beside a full block.
      this.#end(operation, { kind: 'failed', reason: 'malformed-response' }, now);
    }
  }

  #firstExchange(operation: Operation, token: Uint8Array, part: RequestPart): OutgoingExchange {
    try {
      return this.#newExchange(operation, token, part);
    } catch (error) {
      this.#releaseTag(operation);
      throw error;
    }
  }

  #newExchange(operation: Operation, token: Uint8Array, part: RequestPart): OutgoingExchange {
    const exchange = new OutgoingExchange(operation, token, part);
    const { request } = operation;
    const message = {
      type: MessageType.confirmable,
      code: request.method,
      messageId: 0,
      token,
      options: requestOptions(request, {
        ...part.transfer,
        echo: operation.echo,
        requestTag: this.#requestTag(operation, part),
      }),
      payload: part.payload,
    };
    exchange.datagram = encodeMessage(message, operation.peer.messageLimits);
    operation.exchange = exchange;
    return exchange;
  }

  /** All requests of a body in blocks have its tag, those for the rest of the answer too (RFC 9175 §3.3). */
  #requestTag(operation: Operation, { transfer }: RequestPart): Uint8Array | undefined {
    const { request, peer } = operation;
    if (transfer.block1 !== undefined) {
      operation.taggedBody ??= this.#tags.take(`${peer.number} ${downloadKey(request, {})}`);
    }
    return operation.taggedBody === undefined ? undefined : requestTagValue(operation.taggedBody);
  }

  /** An observation's token belongs to the observation, which finds its exchange by itself. */
  #expectToken(exchange: OutgoingExchange): void {
    const { purpose } = exchange.operation;
    const isOfObservation = purpose.kind !== 'request' && purpose.observation.tokenKey === exchange.tokenKey;
    if (!isOfObservation) this.#tokens.set(exchange.tokenKey, exchange);
  }

  #wait(exchange: OutgoingExchange, duration: Milliseconds, now: Instant): void {
    exchange.phase = 'waiting';
    exchange.isUnanswered = true;
    this.#layer.sending(exchange.peer).unanswered += 1;
    this.#context.timers.schedule(exchange, addDuration(now, duration));
  }

  #closeExchange(exchange: OutgoingExchange): void {
    const { sending } = exchange.peer;
    if (exchange.phase === 'queued') this.#queue.remove(exchange.peer, exchange);
    if (exchange.isUnanswered && sending !== undefined) {
      exchange.isUnanswered = false;
      sending.unanswered -= 1;
    }
    exchange.phase = 'done';
    this.#layer.settle(exchange);
    if (this.#tokens.find(exchange.tokenKey) === exchange) this.#tokens.delete(exchange.tokenKey);
    if (exchange.operation.exchange === exchange) exchange.operation.exchange = undefined;
  }

  #heedRetryAfter(
    exchange: OutgoingExchange,
    { response: { code, maxAge } }: DecodedResponse,
    now: Instant,
  ): void {
    if (maxAge === undefined) return;
    if (code !== ResponseCode.tooManyRequests && code !== ResponseCode.serviceUnavailable) return;
    this.#queue.pause(this.#layer.sending(exchange.peer), toMilliseconds(seconds(maxAge)), now);
  }

  #end(operation: Operation, outcome: OperationOutcome, now: Instant): void {
    if (operation.exchange !== undefined) this.#closeExchange(operation.exchange);
    if (this.#forget(operation)) this.#owner.operationDone(operation, outcome, now);
  }

  #releaseTag({ taggedBody }: Operation): void {
    if (taggedBody !== undefined) this.#tags.release(taggedBody);
  }

  #forget(operation: Operation): boolean {
    if (!this.#operations.delete(operation.id)) return false;
    this.#context.timers.cancel(operation);
    this.#releaseTag(operation);
    operation.peer.pins -= 1;
    return true;
  }
}
