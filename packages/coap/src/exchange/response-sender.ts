import { type Instant, noBytes, utf8Encode } from '@dunlin/base';

import type { Block2Sender } from '../blockwise/block2-sender.ts';
import { blockOffset, blockSizeUpTo, minBlockSize, type BlockOption } from '../block-option.ts';
import { codeClass, Method, ResponseCode } from '../code.ts';
import { encodeMessage, largestBlockBeside, roomBeside } from '../encode-message.ts';
import type { EndpointContext } from '../endpoint-context.ts';
import { Reaction } from '../message-layer/deduplication.ts';
import { type MessageLayer, stampMessage } from '../message-layer/message-layer.ts';
import { SourceLimiter } from '../message-layer/source-limiter.ts';
import { type Message, MessageType } from '../message.ts';
import type { Relation } from '../observe/relation.ts';
import type { Relations } from '../observe/relations.ts';
import type { PeerState } from '../peer-state.ts';
import type { Response } from '../request.ts';
import { responseOptions } from '../response-codec.ts';
import type { TransferOptions } from '../transfer-options.ts';
import { downloadKey } from './download-key.ts';
import type { EchoChallenge } from './echo-challenge.ts';
import type { IncomingExchange } from './incoming-exchange.ts';
import { SeparateResponse } from './separate-response.ts';

/** What `ResponseSender` works with. */
export interface ResponseSenderParts {
  readonly context: EndpointContext;
  readonly layer: MessageLayer;
  readonly relations: Relations;
  readonly downloads: Block2Sender;
  readonly echo: EchoChallenge;
}

/** An answer that needs no role. */
export interface Refusal {
  readonly code: ResponseCode;
  /** For the diagnostic payload. */
  readonly reason: string;
  readonly block1?: BlockOption | undefined;
  readonly size1?: number | undefined;
  /** See `RefusedRequest`. */
  readonly isSenseless?: boolean;
}

/** Sends responses: in the acknowledgement, separately or non-confirmable (RFC 7252 §5.2), cut to blocks (RFC 7959). */
export class ResponseSender {
  readonly #parts: ResponseSenderParts;
  readonly #errors: SourceLimiter;

  constructor(parts: ResponseSenderParts) {
    this.#parts = parts;
    const { limits, random } = parts.context;
    this.#errors = new SourceLimiter(limits.errorsPerSecond, limits.errorBurst, random.uint32());
  }

  /** An empty acknowledgement goes ahead of the response. */
  acknowledge(exchange: IncomingExchange, now: Instant): void {
    const { context, layer } = this.#parts;
    exchange.isAcknowledged = true;
    layer.acknowledge(exchange.peer, exchange.messageId);
    context.received.settle(exchange.peer, exchange.messageId, now, Reaction.emptyAcknowledgement);
  }

  /** Sends the whole response, or as much of it as fits. False when the peer got a challenge in its place. */
  send(
    exchange: IncomingExchange,
    response: Response,
    relation: Relation | undefined,
    now: Instant,
  ): boolean {
    const { peer, request } = exchange;
    if (isSuppressed(request.noResponse, response.code) || !this.#mayRefuse(peer, response.code, now)) {
      if (request.isConfirmable && !exchange.isAcknowledged) this.acknowledge(exchange, now);
      return true;
    }
    const asked = exchange.transfer.block2;
    const datagram = this.#encodeFirst(exchange, response, asked, relation, now);
    if (this.#parts.layer.mayAnswer(peer, datagram.length)) {
      this.#transmit(exchange, datagram, relation, now);
      return true;
    }
    this.#challenge(exchange, response, now);
    return false;
  }

  /** Sends one message as it is. */
  sendPart(exchange: IncomingExchange, response: Response, transfer: TransferOptions, now: Instant): void {
    if (!this.#mayRefuse(exchange.peer, response.code, now)) return;
    const datagram = this.#encode(exchange, response, transfer);
    if (this.#parts.layer.mayAnswer(exchange.peer, datagram.length)) {
      this.#transmit(exchange, datagram, undefined, now);
    } else {
      this.#challenge(exchange, response, now);
    }
  }

  /** Answers a request that does not reach the role. */
  refuse(message: Message, peer: PeerState, refusal: Refusal, now: Instant): void {
    const { context, layer } = this.#parts;
    const { behaviour } = context;
    const { messageId, token } = message;
    const isConfirmable = message.type === MessageType.confirmable;
    const isAnsweredInNon = refusal.code !== ResponseCode.badOption || behaviour.answerBadOptionInNon;
    if (!isConfirmable && (refusal.isSenseless === true || !isAnsweredInNon)) return;
    if (!this.#mayRefuse(peer, refusal.code, now)) return;
    const isExplained = behaviour.diagnosticsToUnauthenticated || peer.peer.security.kind !== 'none';
    const answer = {
      type: MessageType.acknowledgement,
      code: refusal.code,
      messageId,
      token,
      options: responseOptions({ code: refusal.code }, { block1: refusal.block1, size1: refusal.size1 }),
      payload: isExplained ? utf8Encode(refusal.reason) : noBytes,
    };
    const datagram = encodeMessage(answer, peer.messageLimits);
    if (!isConfirmable) {
      this.#transmitNew(peer, datagram, MessageType.nonConfirmable, now);
      return;
    }
    context.received.settle(peer, messageId, now, Reaction.answer, datagram);
    layer.answer(peer, datagram);
  }

  #encodeFirst(
    exchange: IncomingExchange,
    response: Response,
    asked: BlockOption | undefined,
    relation: Relation | undefined,
    now: Instant,
  ): Uint8Array {
    const { context, downloads } = this.#parts;
    const own = { observe: relation?.sequence, block1: exchange.block1 };
    if (response.bodySlice !== undefined)
      return this.#encode(exchange, response, { ...own, ...this.#sliceTransfer(exchange, response) });
    const length = response.payload?.length ?? 0;
    const { peer } = exchange;
    // A body of half the size fits beside the options that a response can be expected to have.
    const blockSize =
      length <= peer.messageLimits.maxMessageSize / 2 && !peer.timing.fillsMessages
        ? Math.min(context.blockwise.blockSize, peer.timing.blockSize)
        : this.#blockSizeBeside(peer, response, asked === undefined ? length : undefined);
    if (asked === undefined && length <= blockSize) return this.#encode(exchange, response, own);
    const { request, transfer } = exchange;
    const answer = downloads.begin(
      {
        peer: peer.peer,
        key: downloadKey(request, transfer),
        method: request.method,
        hasPayload: request.payload.length > 0,
        block2: smallerBlock(asked, blockSize),
        size2: transfer.size2,
      },
      response,
      now,
    );
    return this.#encode(exchange, answer.response, { ...own, ...answer.transfer });
  }

  /** Where a payload belongs that is a slice of a body (RFC 7959 §2.4). */
  #sliceTransfer({ transfer, peer }: IncomingExchange, { bodySlice, payload }: Response): TransferOptions {
    const { offset = 0, total = 0 } = bodySlice ?? {};
    const length = payload?.length ?? 0;
    const hasMore = offset + length < total;
    if (transfer.block2 === undefined && offset === 0 && !hasMore) return {};
    const blockSize = Math.min(this.#parts.context.blockwise.blockSize, peer.timing.blockSize);
    const size = hasMore ? length : Math.min(transfer.block2?.size ?? blockSize, blockSize);
    const isTotalTold = offset === 0 || transfer.size2 !== undefined;
    return { block2: { num: offset / size, hasMore, size }, size2: isTotalTold ? total : undefined };
  }

  #encode(exchange: IncomingExchange, response: Response, transfer: TransferOptions): Uint8Array {
    const { payload } = response;
    const message = {
      type: MessageType.acknowledgement,
      code: response.code,
      messageId: exchange.messageId,
      token: exchange.token,
      options: responseOptions(response, transfer),
      payload: payload instanceof Uint8Array ? payload : payload?.read(0, payload.length),
    };
    return encodeMessage(message, exchange.peer.messageLimits);
  }

  /**
   * Beside long options, such as a long location, less fits into a message; a body of `wholeLength` goes whole where
   * messages are filled and it fits.
   */
  #blockSizeBeside(peer: PeerState, response: Response, wholeLength: number | undefined): number {
    const { timing, messageLimits } = peer;
    const options = responseOptions(response);
    const isWhole = timing.fillsMessages && wholeLength !== undefined;
    if (isWhole && wholeLength <= roomBeside(options, messageLimits)) return wholeLength;
    const { blockSize } = this.#parts.context.blockwise;
    return Math.min(blockSize, timing.blockSize, largestBlockBeside(options, messageLimits));
  }

  /**
   * The answer is too large for an address that may be somebody else's (RFC 9175 §2.4, item 3). What can be
   * asked again without harm is asked again with the challenge; what was done must not be done twice, and
   * its answer is cut to what may be sent.
   */
  #challenge(exchange: IncomingExchange, response: Response, now: Instant): void {
    const { context, echo } = this.#parts;
    const { request, peer } = exchange;
    context.counters.challenges += 1;
    if (request.method === Method.get || request.method === Method.fetch) {
      const challenge = { echo: echo.create(peer.peer.key, now) };
      this.#transmit(
        exchange,
        this.#encode(exchange, { code: ResponseCode.unauthorized }, challenge),
        undefined,
        now,
      );
      return;
    }
    const size = blockSizeUpTo(Math.max(minBlockSize, context.behaviour.amplificationFloor / 2));
    const isCut = codeClass(response.code) === 2;
    const asked = { num: 0, hasMore: false, size };
    const datagram = isCut
      ? this.#encodeFirst(exchange, response, asked, undefined, now)
      : this.#encode(exchange, { code: response.code }, { block1: exchange.block1 });
    this.#transmit(exchange, datagram, undefined, now);
  }

  #transmit(
    exchange: IncomingExchange,
    datagram: Uint8Array,
    relation: Relation | undefined,
    now: Instant,
  ): void {
    const { context, layer, relations } = this.#parts;
    const { peer, messageId } = exchange;
    if (!exchange.request.isConfirmable) {
      this.#transmitNew(peer, datagram, MessageType.nonConfirmable, now);
    } else if (!exchange.isAcknowledged) {
      context.received.settle(peer, messageId, now, Reaction.answer, datagram);
      layer.answer(peer, datagram);
    } else if (relation !== undefined) {
      relations.sendFirst(relation, datagram, now);
    } else {
      this.#transmitNew(peer, datagram, MessageType.confirmable, now);
    }
  }

  #transmitNew(peer: PeerState, datagram: Uint8Array, type: MessageType, now: Instant): void {
    const { context, layer } = this.#parts;
    const messageId = layer.allocateMessageId(peer, now);
    if (messageId === undefined) {
      context.counters.overloads += 1;
      return;
    }
    stampMessage(datagram, type, messageId);
    if (type === MessageType.nonConfirmable) {
      layer.answer(peer, datagram);
      return;
    }
    const response = new SeparateResponse(peer);
    response.messageId = messageId;
    response.datagram = datagram;
    layer.sendConfirmable(response, now);
  }

  /** Error answers to peers without security are rationed, as their address may be somebody else's (CR-11.3). */
  #mayRefuse(peer: PeerState, code: ResponseCode, now: Instant): boolean {
    if (peer.isValidated || codeClass(code) === 2) return true;
    if (this.#errors.take(peer.peer.address, now)) return true;
    this.#parts.context.counters.suppressed += 1;
    return false;
  }
}

/** The same place in the body, in blocks that fit. */
export function smallerBlock(asked: BlockOption | undefined, size: number): BlockOption {
  if (asked === undefined) return { num: 0, hasMore: false, size };
  return asked.size <= size ? asked : { ...asked, num: blockOffset(asked) / size, size };
}

/** True when the client does not want to hear of this class of answers (RFC 7967 §2.1). */
function isSuppressed(noResponse: number | undefined, code: ResponseCode): boolean {
  return noResponse !== undefined && (noResponse & (1 << (codeClass(code) - 1))) !== 0;
}
