import { equalBytes, type Instant } from '@dunlin/base';

import { type BlockOption, blockOffset } from '../block-option.ts';
import { ResponseCode } from '../code.ts';
import type { Peer } from '../peer.ts';
import { type BlockwiseLimits, blockwiseLimitsDefaults } from './blockwise-limits.ts';
import { TransferTable } from './transfer-table.ts';

/** One block of a body. */
export interface PartRequest {
  readonly peer: Peer;
  /** See `uploadKey`. */
  readonly key: string;
  readonly block1: BlockOption;
  readonly payload: Uint8Array;
}

/** What to do with the block. */
export type PartOutcome<Answer> =
  /** Hand it to the application, whose answer is told to `answered` and carries this Block1. */
  | { readonly kind: 'part'; readonly offset: number; readonly block1: BlockOption }
  /** The application has this block already: send `answer` again, or wait when it has not answered yet. */
  | { readonly kind: 'repeated'; readonly answer: Answer | undefined; readonly block1: BlockOption }
  /** Answer with this code and option. */
  | {
      readonly kind: 'refused';
      readonly code: ResponseCode;
      readonly block1: BlockOption;
      /** For the diagnostic payload. */
      readonly reason: string;
    };

/** A body that comes in. */
interface Upload<Answer> {
  /** The bytes of the blocks that the application accepted. */
  received: number;
  /** The block before, in case that it comes again; none after one that was ignored. */
  last: { readonly block1: BlockOption; readonly payload: Uint8Array } | undefined;
  /** What the application answered to it. */
  answer: Answer | undefined;
  isOver: boolean;
}

/**
 * The server side of uploads whose blocks go to the application one by one, in order, so that the body is in memory
 * nowhere (RFC 7959 §2.5): otherwise like `Block1Receiver`. Give every block to `receive`, and to `answered` or `ignored` the same block with
 * what became of it;
 * the application may take its time for each, which slows the peer down.
 */
export class Block1PartReceiver<Answer> {
  readonly #limits: Readonly<BlockwiseLimits>;
  readonly #uploads: TransferTable<Upload<Answer>>;

  constructor(limits: Readonly<BlockwiseLimits> = blockwiseLimitsDefaults) {
    this.#limits = limits;
    this.#uploads = new TransferTable(limits);
  }

  /** When `expire` has something to do. */
  get deadline(): Instant | undefined {
    return this.#uploads.deadline;
  }

  /** How many uploads are known. */
  get size(): number {
    return this.#uploads.size;
  }

  /** Forgets uploads whose last block came EXCHANGE_LIFETIME ago. */
  expire(now: Instant): void {
    this.#uploads.expire(now);
  }

  /** Forgets all uploads of a peer. */
  forgetPeer(peer: Peer): void {
    this.#uploads.deletePeer(peer);
  }

  receive(request: PartRequest, now: Instant): PartOutcome<Answer> {
    const { peer, key, block1, payload } = request;
    const isFull = payload.length === block1.size;
    if (block1.hasMore ? !isFull : payload.length > block1.size) {
      return refused(ResponseCode.badRequest, 'the payload has not the length that Block1 says', block1);
    }
    if (payload.length === 0 && block1.num > 0) {
      return refused(ResponseCode.badRequest, 'the last block is empty', block1);
    }
    const upload = this.#uploads.get(peer, key, now);
    if (upload !== undefined && isRepetition(upload, request)) {
      this.#uploads.touch(peer, key, payload.length, now);
      return { kind: 'repeated', answer: upload.answer, block1: this.#acknowledged(block1) };
    }
    if (block1.num === 0) return this.#begin(request, now);
    if (upload === undefined) return incomplete(block1, 'no block before this one is known');
    return this.#goOn(upload, request, now);
  }

  /** What the application answered to a block that it was given; `isAccepted` when it takes more. */
  answered(request: PartRequest, answer: Answer, isAccepted: boolean, now: Instant): void {
    const upload = this.#uploadOf(request, now);
    if (upload === undefined) return;
    upload.answer = answer;
    if (isAccepted) upload.received = blockOffset(request.block1) + request.payload.length;
    else upload.isOver = true;
  }

  /** The application passes a block that it was given over, as if it had been lost. */
  ignored(request: PartRequest, now: Instant): void {
    const upload = this.#uploadOf(request, now);
    if (upload !== undefined) upload.last = undefined;
  }

  /** The upload that waits for this very block, unless another one has begun in its place. */
  #uploadOf({ peer, key, payload }: PartRequest, now: Instant): Upload<Answer> | undefined {
    const upload = this.#uploads.get(peer, key, now);
    return upload?.last?.payload === payload ? upload : undefined;
  }

  #begin({ peer, key, block1, payload }: PartRequest, now: Instant): PartOutcome<Answer> {
    const value: Upload<Answer> = {
      received: 0,
      last: { block1, payload },
      answer: undefined,
      isOver: false,
    };
    if (!this.#uploads.put({ peer, key, value, bytes: payload.length }, now)) return noRoom(block1);
    return { kind: 'part', offset: 0, block1: this.#acknowledged(block1) };
  }

  #goOn(
    upload: Upload<Answer>,
    { peer, key, block1, payload }: PartRequest,
    now: Instant,
  ): PartOutcome<Answer> {
    const offset = blockOffset(block1);
    const isWaiting = upload.last !== undefined && upload.answer === undefined;
    if (upload.isOver || isWaiting || offset !== upload.received) {
      return incomplete(block1, `the next block has to begin at byte ${upload.received}`);
    }
    if (!this.#uploads.touch(peer, key, payload.length, now)) return noRoom(block1);
    upload.last = { block1, payload };
    upload.answer = undefined;
    return { kind: 'part', offset, block1: this.#acknowledged(block1) };
  }

  /** A smaller size in the answer asks the peer to go on with smaller blocks (RFC 7959 §2.3). */
  #acknowledged(block1: BlockOption): BlockOption {
    return { ...block1, size: Math.min(block1.size, this.#limits.blockSize) };
  }
}

/** A first block that was answered is a new beginning, even if it is the same one. */
function isRepetition<Answer>({ last, answer }: Upload<Answer>, { block1, payload }: PartRequest): boolean {
  if (last === undefined || (block1.num === 0 && answer !== undefined)) return false;
  return (
    blockOffset(block1) === blockOffset(last.block1) &&
    block1.hasMore === last.block1.hasMore &&
    equalBytes(payload, last.payload)
  );
}

function refused(code: ResponseCode, reason: string, block1: BlockOption): PartOutcome<never> {
  return { kind: 'refused', code, reason, block1: { ...block1, hasMore: false } };
}

function incomplete(block1: BlockOption, reason: string): PartOutcome<never> {
  return refused(ResponseCode.requestEntityIncomplete, reason, block1);
}

/** RFC 7959 §2.9.3: 4.13 also says that the resources to keep the blocks are lacking just now. */
function noRoom(block1: BlockOption): PartOutcome<never> {
  return refused(ResponseCode.requestEntityTooLarge, 'too many transfers at this time', block1);
}
