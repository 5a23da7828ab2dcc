import { UsageError } from '@dunlin/base';

import {
  type BlockOption,
  blockSizeUpTo,
  maxBlockNumber,
  maxBlockSize,
  minBlockSize,
} from '../block-option.ts';
import { codeClass, ResponseCode } from '../code.ts';
import type { BodySlice, BodySource } from '../request.ts';
import { bodySourceOf } from './body.ts';

/** How a request body is to be sent. */
export interface UploadOptions {
  readonly body: Uint8Array | BodySource | undefined;
  /** Largest block in bytes: 16, 32, … 1024. A body up to here goes in one piece and without Block1. */
  readonly blockSize: number;
  /** The body is a slice of a larger one. Default: it is the whole. */
  readonly slice?: BodySlice | undefined;
  /**
   * True when all blocks have one token: then an answer about an earlier block may be a late repetition and is
   * passed over. Default false: an answer about another block is a mistake of the peer.
   */
  readonly reuseToken?: boolean | undefined;
}

/** One request of the upload: the request's own options, this payload and these options. */
export interface UploadPart {
  readonly kind: 'send';
  readonly payload: Uint8Array;
  readonly block1?: BlockOption | undefined;
  /** The length of the whole body, with the first block. */
  readonly size1?: number | undefined;
}

/** What an answer to the last part means. */
export type UploadStep =
  | UploadPart
  /** The answer is the response to the whole request, be it a success or an error. */
  | { readonly kind: 'complete' }
  /** Not the answer to the last part: go on waiting. */
  | { readonly kind: 'ignored' }
  | { readonly kind: 'failed'; readonly reason: 'malformed-response' | 'body-too-large' };

/** What is looked at in an answer. */
export interface UploadAnswer {
  readonly code: number;
  readonly block1?: BlockOption | undefined;
  readonly size1?: number | undefined;
}

/**
 * The client side of an upload (RFC 7959 §2.3, §2.5, §2.9; CR-9.7): send `start()`, give each answer to
 * `handle`, send what it says. Progress is counted in bytes, so that the peer may ask for smaller blocks at any
 * time. A 4.08 makes it begin anew once; a 4.13 makes it try smaller blocks, or blocks at all, unless the peer
 * says that the body is too large for it.
 *
 * Of a slice of a body only its blocks are sent, and it is complete with the 2.31 to the last of them. To begin anew is
 * then for whoever has the other slices.
 */
export class Block1Sender {
  readonly #body: BodySource;
  /** Where the body that is sent begins and ends in the whole one, and the length of that. */
  readonly #begin: number;
  readonly #last: number;
  readonly #total: number;
  readonly #reuseToken: boolean;
  #blockSize: number;
  #isBlockwise: boolean;
  /** Where the part that was sent last begins, and where it ends. */
  #offset = 0;
  #end = 0;
  #restartsLeft: number;

  /** Throws a `UsageError` for a slice that no blocks can be made of. */
  constructor(options: Readonly<UploadOptions>) {
    const { slice } = options;
    this.#body = bodySourceOf(options.body);
    this.#begin = slice?.offset ?? 0;
    this.#last = this.#begin + this.#body.length;
    this.#total = slice?.total ?? this.#last;
    this.#reuseToken = options.reuseToken ?? false;
    this.#blockSize = blockSizeUpTo(Math.min(options.blockSize, largestBlockAt(this.#begin)));
    this.#isBlockwise = this.#total > this.#blockSize;
    this.#restartsLeft = this.#isWhole ? 1 : 0;
    if (slice !== undefined) checkSlice(slice, this.#body.length, this.#blockSize);
  }

  /** The first part, which may be all. */
  start(): UploadPart | { readonly kind: 'failed'; readonly reason: 'body-too-large' } {
    return this.#partAt(this.#begin);
  }

  get #isWhole(): boolean {
    return this.#begin === 0 && this.#last === this.#total;
  }

  handle(answer: UploadAnswer): UploadStep {
    if (answer.code === ResponseCode.requestEntityTooLarge) return this.#handleTooLarge(answer);
    if (!this.#isBlockwise) {
      return answer.code === ResponseCode.continue ? malformedResponse : complete;
    }
    const num = answer.block1?.num;
    if (num !== undefined && num !== this.#offset / this.#blockSize) {
      return this.#reuseToken && num < this.#offset / this.#blockSize
        ? { kind: 'ignored' }
        : malformedResponse;
    }
    if (answer.code === ResponseCode.requestEntityIncomplete && this.#restartsLeft > 0) {
      this.#restartsLeft -= 1;
      return this.#partAt(0);
    }
    if (codeClass(answer.code) !== 2) return complete;
    if (this.#end === this.#total) {
      return answer.code === ResponseCode.continue ? malformedResponse : complete;
    }
    // Without Block1 the peer took a part for the whole.
    if (answer.block1 === undefined) return malformedResponse;
    this.#blockSize = Math.min(this.#blockSize, answer.block1.size);
    return this.#end === this.#last ? complete : this.#partAt(this.#end);
  }

  /** RFC 7959 §2.9.3: the answer may hint at the block size that the peer would take, and at its limit. */
  #handleTooLarge(answer: UploadAnswer): UploadStep {
    const length = this.#total;
    if (answer.size1 !== undefined && answer.size1 < length) return complete;
    // Of a body that has begun to arrive no other slice is there to begin anew with.
    if (this.#begin > 0) return complete;
    const hint = answer.block1?.size;
    if (this.#isBlockwise) {
      if (hint === undefined || hint >= this.#blockSize) return complete;
      this.#blockSize = hint;
      return this.#partAt(0);
    }
    if (length <= minBlockSize) return complete;
    this.#blockSize = blockSizeUpTo(Math.min(hint ?? this.#blockSize, length - 1));
    this.#isBlockwise = true;
    return this.#partAt(0);
  }

  #partAt(offset: number): UploadPart | { readonly kind: 'failed'; readonly reason: 'body-too-large' } {
    if (!this.#isBlockwise) {
      this.#end = this.#last;
      return { kind: 'send', payload: this.#body.read(0, this.#last) };
    }
    const size = this.#blockSize;
    if ((this.#total - 1) / size >= maxBlockNumber + 1) return { kind: 'failed', reason: 'body-too-large' };
    this.#offset = offset;
    this.#end = Math.min(offset + size, this.#last);
    return {
      kind: 'send',
      payload: this.#body.read(offset - this.#begin, this.#end - offset),
      block1: { num: offset / size, hasMore: this.#end < this.#total, size },
      size1: offset === 0 ? this.#total : undefined,
    };
  }
}

/** The largest block that begins at an offset. */
function largestBlockAt(offset: number): number {
  return offset === 0 ? maxBlockSize : Math.min(offset & -offset, maxBlockSize);
}

function checkSlice({ offset, total }: BodySlice, length: number, blockSize: number): void {
  const isPlaced = Number.isInteger(offset) && offset >= 0 && offset % minBlockSize === 0;
  if (!isPlaced) throw new UsageError(`no slice of a body begins at byte ${offset}`);
  const end = offset + length;
  if (length === 0 || end > total || (end < total && length % blockSize !== 0)) {
    throw new UsageError(`${length} bytes from byte ${offset} are no slice of a body of ${total} in blocks`);
  }
}

const complete: UploadStep = { kind: 'complete' };
const malformedResponse: UploadStep = { kind: 'failed', reason: 'malformed-response' };
