import { type BlockOption, blockSizeUpTo, maxBlockNumber, minBlockSize } from '../block-option.ts';
import { codeClass, ResponseCode } from '../code.ts';
import type { BodySource } from '../request.ts';
import { bodySourceOf } from './body.ts';

/** How a request body is to be sent. */
export interface UploadOptions {
  readonly body: Uint8Array | BodySource | undefined;
  /** Largest block in bytes: 16, 32, … 1024. A body up to here goes in one piece and without Block1. */
  readonly blockSize: number;
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
 */
export class Block1Sender {
  readonly #body: BodySource;
  readonly #reuseToken: boolean;
  #blockSize: number;
  #isBlockwise: boolean;
  /** Where the part that was sent last begins, and where it ends. */
  #offset = 0;
  #end = 0;
  #restartsLeft = 1;

  constructor(options: Readonly<UploadOptions>) {
    this.#body = bodySourceOf(options.body);
    this.#reuseToken = options.reuseToken ?? false;
    this.#blockSize = blockSizeUpTo(options.blockSize);
    this.#isBlockwise = this.#body.length > this.#blockSize;
  }

  /** The first part, which may be all. */
  start(): UploadPart | { readonly kind: 'failed'; readonly reason: 'body-too-large' } {
    return this.#partAt(0);
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
    if (this.#end === this.#body.length) {
      return answer.code === ResponseCode.continue ? malformedResponse : complete;
    }
    // Without Block1 the peer took a part for the whole.
    if (answer.block1 === undefined) return malformedResponse;
    this.#blockSize = Math.min(this.#blockSize, answer.block1.size);
    return this.#partAt(this.#end);
  }

  /** RFC 7959 §2.9.3: the answer may hint at the block size that the peer would take, and at its limit. */
  #handleTooLarge(answer: UploadAnswer): UploadStep {
    const { length } = this.#body;
    if (answer.size1 !== undefined && answer.size1 < length) return complete;
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
    const { length } = this.#body;
    if (!this.#isBlockwise) {
      this.#end = length;
      return { kind: 'send', payload: this.#body.read(0, length) };
    }
    const size = this.#blockSize;
    if ((length - 1) / size >= maxBlockNumber + 1) return { kind: 'failed', reason: 'body-too-large' };
    this.#offset = offset;
    this.#end = Math.min(offset + size, length);
    return {
      kind: 'send',
      payload: this.#body.read(offset, this.#end - offset),
      block1: { num: offset / size, hasMore: this.#end < length, size },
      size1: offset === 0 ? length : undefined,
    };
  }
}

const complete: UploadStep = { kind: 'complete' };
const malformedResponse: UploadStep = { kind: 'failed', reason: 'malformed-response' };
