import { UsageError } from '@dunlin/base';

import { Block1Sender } from '../blockwise/block1-sender.ts';
import { Block2Receiver } from '../blockwise/block2-receiver.ts';
import type { BlockwiseLimits } from '../blockwise/blockwise-limits.ts';
import { maxBlockSize } from '../block-option.ts';
import { encodeMessage, largestBlockBeside, type OutgoingOption, roomBeside } from '../encode-message.ts';
import type { RequestFailure } from '../endpoint-output.ts';
import { type MessageLimits, MessageType } from '../message.ts';
import { requestOptions } from '../request-codec.ts';
import type { IncomingResponse } from '../request.ts';
import type { DecodedResponse } from '../response-codec.ts';
import type { TransferOptions } from '../transfer-options.ts';
import type { Operation } from './operation.ts';

/** What one message of an operation carries beside the options of the request. */
export interface RequestPart {
  readonly payload?: Uint8Array | undefined;
  readonly transfer: TransferOptions;
}

/** What follows from an answer. */
export type RequestStep =
  | (RequestPart & { readonly kind: 'send' })
  | { readonly kind: 'complete'; readonly response: IncomingResponse }
  /** Not the answer to the last message: go on waiting. */
  | { readonly kind: 'ignored' }
  | { readonly kind: 'failed'; readonly reason: RequestFailure };

/** Cuts the bodies of operations into blocks and puts those of their responses together (RFC 7959). */
export class RequestTransfers {
  readonly #limits: BlockwiseLimits;
  readonly #message: MessageLimits;

  constructor(limits: BlockwiseLimits, message: MessageLimits) {
    this.#limits = limits;
    this.#message = message;
  }

  /** The first message. Throws a `UsageError` for a body that is too large for any number of blocks. */
  start(operation: Operation): RequestPart {
    const { request, options } = operation;
    const { preferredBlockSize, bodyOffset, singleBlock, bodySlice, uploadBlockSize, reuseToken } = options;
    if (preferredBlockSize !== undefined || bodyOffset !== undefined || singleBlock === true) {
      operation.download = this.newDownload(operation);
    }
    const block2 = operation.purpose.kind === 'cancel' ? undefined : operation.download?.first();
    const transfer: TransferOptions = { observe: observeOf(operation), block2 };
    if (request.payload === undefined || request.payload.length === 0) return { transfer };
    const blockSize = Math.min(
      preferredBlockSize ?? this.#limits.blockSize,
      uploadBlockSize ?? this.#limits.blockSize,
      this.#blockSizeFor(operation),
    );
    operation.upload = new Block1Sender({ body: request.payload, blockSize, slice: bodySlice, reuseToken });
    const first = operation.upload.start();
    if (first.kind === 'failed') throw new UsageError('The body has more blocks than 20 bits can count.');
    return { payload: first.payload, transfer: { ...transfer, block1: first.block1, size1: first.size1 } };
  }

  /** Receives a response body. Throws a `UsageError` for an offset at which no block begins. */
  newDownload({ request, options, peer }: Operation): Block2Receiver {
    const { preferredBlockSize, bodyOffset, singleBlock, reuseToken } = options;
    const maxResponseBodySize = Math.min(this.#limits.maxResponseBodySize, peer.timing.maxBodySize);
    return new Block2Receiver(
      { method: request.method, preferredBlockSize, bodyOffset, singleBlock, reuseToken },
      { ...this.#limits, maxResponseBodySize },
    );
  }

  handle(operation: Operation, answer: DecodedResponse): RequestStep {
    if (operation.upload === undefined) return this.#handleDownload(operation, answer);
    const { response, transfer } = answer;
    const step = operation.upload.handle({
      code: response.code,
      block1: transfer.block1,
      size1: transfer.size1,
    });
    heedBlockSize(operation, transfer.block1?.size);
    switch (step.kind) {
      case 'send': {
        const block2 = operation.download?.first();
        // Each block of a request that observes says so: the server heeds the last one (CR-9.13).
        const observe = observeOf(operation);
        return {
          kind: 'send',
          payload: step.payload,
          transfer: { observe, block2, block1: step.block1, size1: step.size1 },
        };
      }
      case 'complete':
        operation.upload = undefined;
        return this.#handleDownload(operation, answer);
      case 'ignored':
      case 'failed':
        return step;
    }
  }

  #handleDownload(operation: Operation, answer: DecodedResponse): RequestStep {
    const { response, transfer } = answer;
    const isFirstNotification = operation.purpose.kind === 'register' && response.observe !== undefined;
    const isWhole = operation.download === undefined && transfer.block2 === undefined;
    // The rest of a notification is the observation's to fetch, and nobody reads what a cancellation yields.
    if (isWhole || isFirstNotification || operation.purpose.kind === 'cancel')
      return { kind: 'complete', response };
    operation.download ??= this.newDownload(operation);
    const step = operation.download.handle(answer);
    switch (step.kind) {
      case 'next':
        return { kind: 'send', transfer: { block2: step.block2 } };
      case 'restart':
        return this.#restart(operation, step.block2);
      case 'complete':
        return { kind: 'complete', response: step.response };
      case 'ignored':
      case 'failed':
        return step;
    }
  }

  /**
   * The largest block for a body: what the peer asked for before spares it one that is too large (CR-9.10),
   * and beside long options less fits into a message.
   */
  #blockSizeFor({ request, peer }: Operation): number {
    const blockSize = Math.min(this.#limits.blockSize, peer.blockSize);
    const length = request.payload?.length ?? 0;
    if (peer.timing.fillsMessages) {
      const options = requestOptions(request);
      if (length <= roomBeside(options, peer.messageLimits)) return maxBlockSize;
      return Math.min(blockSize, largestBlockBeside(options, peer.messageLimits));
    }
    // A body of this size fits beside all options that a request of LwM2M can have.
    if (length <= this.#message.maxMessageSize / 2) return blockSize;
    const options = requestOptions(request);
    const fitsWhole = length <= blockSize && this.#isSmallEnough(options, length);
    return fitsWhole ? blockSize : Math.min(blockSize, largestBlockBeside(options, this.#message));
  }

  #isSmallEnough(options: readonly OutgoingOption[], length: number): boolean {
    const { maxMessageSize } = this.#message;
    const bare = { type: MessageType.confirmable, code: 0x01, messageId: 0, token: longestToken, options };
    return encodeMessage(bare).length + 1 + length <= maxMessageSize;
  }

  /** The whole request again, without Observe. */
  #restart(operation: Operation, block2: TransferOptions['block2']): RequestStep {
    const { payload } = operation.request;
    if (payload === undefined || payload.length === 0) return { kind: 'send', transfer: { block2 } };
    const blockSize = this.#blockSizeFor(operation);
    operation.upload = new Block1Sender({
      body: payload,
      blockSize,
      reuseToken: operation.options.reuseToken,
    });
    const first = operation.upload.start();
    if (first.kind === 'failed') return first;
    return {
      kind: 'send',
      payload: first.payload,
      transfer: { block2, block1: first.block1, size1: first.size1 },
    };
  }
}

function observeOf(operation: Operation): number | undefined {
  switch (operation.purpose.kind) {
    case 'register':
      return 0;
    case 'cancel':
      return 1;
    case 'request':
    case 'rest':
      return undefined;
  }
}

/** As long as our tokens are. */
const longestToken = new Uint8Array(8);

/** A size that is smaller than what was sent is what the peer would rather have (RFC 7959 §2.3, §2.9.3). */
function heedBlockSize({ exchange, peer }: Operation, wanted: number | undefined): void {
  const sent = exchange?.part.transfer.block1?.size ?? Infinity;
  if (wanted !== undefined && wanted < sent) peer.blockSize = Math.min(peer.blockSize, wanted);
}
