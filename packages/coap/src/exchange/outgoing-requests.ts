import {
  addDuration,
  type Instant,
  milliseconds,
  type Milliseconds,
  seconds,
  toMilliseconds,
  UsageError,
} from '@dunlin/base';

import { ResponseCode } from '../code.ts';
import { encodeMessage } from '../encode-message.ts';
import type { EndpointContext } from '../endpoint-context.ts';
import type { RequestFailure } from '../endpoint-output.ts';
import { MessageType } from '../message.ts';
import type { InteractionQueue } from '../message-layer/interaction-queue.ts';
import { type MessageLayer, paidOffAt, stampMessage } from '../message-layer/message-layer.ts';
import { requestOptions } from '../request-codec.ts';
import type { DecodedResponse } from '../response-codec.ts';
import type { TransferOptions } from '../transfer-options.ts';
import type { Operation, OperationOutcome } from './operation.ts';
import { OutgoingExchange } from './outgoing-exchange.ts';
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
  readonly #operations = new Map<number, Operation>();

  constructor(parts: OutgoingRequestsParts) {
    this.#context = parts.context;
    this.#layer = parts.layer;
    this.#queue = parts.queue;
    this.#tokens = parts.tokens;
    this.#owner = parts.owner;
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
    const exchange = this.#newExchange(operation, token, firstTransfer(operation));
    this.#operations.set(operation.id, operation);
    operation.peer.pins += 1;
    if (!this.#queue.hasRoom(sending) || this.#operations.size > this.#context.limits.maxRequests) {
      this.#context.counters.overloads += 1;
      this.#end(operation, { kind: 'failed', reason: 'overloaded' }, now);
      return;
    }
    this.#expectToken(exchange);
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
      if (timeout !== undefined) this.#context.timers.schedule(operation, addDuration(now, timeout));
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
    this.#closeExchange(exchange);
    this.#heedRetryAfter(exchange, answer, now);
    const { echo } = answer.transfer;
    if (
      answer.response.code === ResponseCode.unauthorized &&
      echo !== undefined &&
      operation.echo === undefined
    ) {
      operation.echo = echo;
      this.continue(operation, firstTransfer(operation), now);
      return;
    }
    this.#end(operation, { kind: 'answered', answer }, now);
  }

  /** Lines up the next message of an operation, ahead of what has not begun. */
  continue(operation: Operation, transfer: TransferOptions, now: Instant): void {
    try {
      const exchange = this.#newExchange(operation, this.#nextToken(operation, transfer), transfer);
      this.#expectToken(exchange);
      this.#queue.addFirst(this.#layer.sending(operation.peer), exchange);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      this.#end(operation, { kind: 'failed', reason: 'malformed-response' }, now);
    }
  }

  /** Ends an operation from our side; its owner is told. */
  fail(operation: Operation, reason: RequestFailure, now: Instant): void {
    if (operation.exchange !== undefined) this.#closeExchange(operation.exchange);
    this.#end(operation, { kind: 'failed', reason }, now);
  }

  /** Ends an operation whose result nobody wants. */
  drop(operation: Operation): void {
    if (operation.exchange !== undefined) this.#closeExchange(operation.exchange);
    this.#forget(operation);
  }

  /** Registration and cancellation keep the observation's token, whatever has to be repeated (RFC 7641 §3.6). */
  #nextToken(operation: Operation, transfer: TransferOptions): Uint8Array {
    const { purpose } = operation;
    const isOfObservation = purpose.kind === 'register' || purpose.kind === 'cancel';
    return isOfObservation && transfer.observe !== undefined
      ? purpose.observation.token
      : this.#tokens.next();
  }

  #newExchange(operation: Operation, token: Uint8Array, transfer: TransferOptions): OutgoingExchange {
    const exchange = new OutgoingExchange(operation, token);
    const { request } = operation;
    exchange.datagram = encodeMessage({
      type: MessageType.confirmable,
      code: request.method,
      messageId: 0,
      token,
      options: requestOptions(request, { ...transfer, echo: operation.echo }),
      payload:
        request.payload instanceof Uint8Array
          ? request.payload
          : request.payload?.read(0, request.payload.length),
    });
    operation.exchange = exchange;
    return exchange;
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

  #forget(operation: Operation): boolean {
    if (!this.#operations.delete(operation.id)) return false;
    this.#context.timers.cancel(operation);
    operation.peer.pins -= 1;
    return true;
  }
}

/** Observe belongs to the first message only (RFC 7959 §3.4). */
function firstTransfer(operation: Operation): TransferOptions {
  switch (operation.purpose.kind) {
    case 'register':
      return { observe: 0 };
    case 'cancel':
      return { observe: 1 };
    case 'request':
    case 'rest':
      return {};
  }
}
