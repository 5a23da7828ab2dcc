import { ByteWriter, equalBytes, UsageError } from '@dunlin/base';

import {
  type BlockOption,
  blockOffset,
  blockSizeUpTo,
  maxBlockNumber,
  maxBlockSize,
} from '../block-option.ts';
import { codeClass, Method, ResponseCode } from '../code.ts';
import type { IncomingResponse } from '../request.ts';
import type { DecodedResponse } from '../response-codec.ts';
import { type BlockwiseLimits, blockwiseLimitsDefaults } from './blockwise-limits.ts';

/** How a response body is to be fetched. */
export interface DownloadOptions {
  readonly method: Method;
  /** Largest block in bytes to ask for from the start (RFC 7959 §2.4, early negotiation). */
  readonly preferredBlockSize?: number | undefined;
  /** Where to begin, a multiple of `preferredBlockSize` (1024 without one). Default 0. */
  readonly bodyOffset?: number | undefined;
  /** Fetch one block only. Default false. */
  readonly singleBlock?: boolean | undefined;
  /** See `UploadOptions.reuseToken`. */
  readonly reuseToken?: boolean | undefined;
}

/** What an answer means. */
export type DownloadStep =
  /**
   * Ask for the next block: same method and options with this Block2, without payload, Block1, Size1 and
   * Observe (RFC 7959 §2.7, §3.4; CR-9.11, CR-9.12).
   */
  | { readonly kind: 'next'; readonly block2: BlockOption }
  /**
   * The body changed: make the whole request again, payload included, without Observe. Only for methods
   * that may be repeated.
   */
  | { readonly kind: 'restart'; readonly block2: BlockOption | undefined }
  /** The response to the request: the first answer with the whole body, or an error as it came. */
  | { readonly kind: 'complete'; readonly response: IncomingResponse }
  /** Not the answer to the last request: go on waiting. */
  | { readonly kind: 'ignored' }
  | {
      readonly kind: 'failed';
      readonly reason: 'malformed-response' | 'body-too-large' | 'body-changed';
    };

/**
 * The client side of a download (RFC 7959 §2.4; CR-9.9 to CR-9.12): send the request with the Block2 of
 * `first`, give each answer to `handle`, do what it says. Use one for each response, the answer to a block-wise
 * upload and each notification included. Progress is counted in bytes: the peer may answer with smaller blocks
 * at any time, never with larger ones.
 */
export class Block2Receiver {
  readonly #options: Readonly<DownloadOptions>;
  readonly #limits: Readonly<BlockwiseLimits>;
  readonly #begin: number;
  readonly #body = new ByteWriter(0);
  #response: IncomingResponse | undefined;
  #etag: Uint8Array | undefined;
  /** The block size that was asked for; `undefined` while the peer may choose. */
  #size: number | undefined;
  #restarts = 0;

  /** Throws a `UsageError` when `bodyOffset` is not where a block begins. */
  constructor(
    options: Readonly<DownloadOptions>,
    limits: Readonly<BlockwiseLimits> = blockwiseLimitsDefaults,
  ) {
    this.#options = options;
    this.#limits = limits;
    this.#begin = options.bodyOffset ?? 0;
    this.#size = this.#firstSize;
    const num = this.#begin / (this.#size ?? maxBlockSize);
    if (!Number.isInteger(num) || num < 0 || num > maxBlockNumber) {
      throw new UsageError(`No block of ${this.#size ?? maxBlockSize} bytes begins at byte ${this.#begin}.`);
    }
  }

  /** The Block2 of the first request; `undefined` leaves the block size to the peer. */
  first(): BlockOption | undefined {
    const size = this.#firstSize;
    return size === undefined ? undefined : { num: this.#begin / size, hasMore: false, size };
  }

  handle({ response, transfer }: DecodedResponse): DownloadStep {
    const { block2 } = transfer;
    const isFirst = this.#response === undefined;
    if (codeClass(response.code) !== 2) {
      const isLost = !isFirst && response.code === ResponseCode.requestEntityIncomplete;
      return isLost ? this.#restart() : { kind: 'complete', response };
    }
    if (block2 === undefined) return this.#handleWhole(response);
    const next = this.#begin + this.#body.length;
    const offset = blockOffset(block2);
    if (offset !== next) {
      const isLate = this.#options.reuseToken === true && offset < next;
      return isLate ? { kind: 'ignored' } : malformedResponse;
    }
    if (!isFirst && this.#isChanged(response)) return this.#restart();
    if (!this.#isLengthRight(response.payload.length, block2)) return malformedResponse;
    const whole = Math.max(transfer.size2 ?? 0, offset + response.payload.length) - this.#begin;
    const wanted = this.#options.singleBlock === true ? response.payload.length : whole;
    if (wanted > this.#limits.maxResponseBodySize) return { kind: 'failed', reason: 'body-too-large' };
    return this.#take(response, block2, transfer.size2);
  }

  get #firstSize(): number | undefined {
    const { preferredBlockSize, singleBlock } = this.#options;
    if (preferredBlockSize !== undefined) return blockSizeUpTo(preferredBlockSize);
    return this.#begin > 0 || singleBlock === true ? maxBlockSize : undefined;
  }

  #handleWhole(response: IncomingResponse): DownloadStep {
    // In mid transfer, or away from its beginning, a body without Block2 cannot be placed.
    if (this.#response !== undefined || this.#begin > 0) return malformedResponse;
    if (response.payload.length > this.#limits.maxResponseBodySize) {
      return { kind: 'failed', reason: 'body-too-large' };
    }
    return { kind: 'complete', response };
  }

  #take(response: IncomingResponse, block2: BlockOption, size2: number | undefined): DownloadStep {
    this.#response ??= response;
    this.#etag ??= response.etag;
    this.#size = block2.size;
    this.#body.bytes(response.payload);
    const isSingle = this.#options.singleBlock === true;
    if (!block2.hasMore || isSingle) {
      const part = isSingle ? { offset: this.#begin, isLast: !block2.hasMore, size: size2 } : undefined;
      const payload = this.#body.toBytes();
      return { kind: 'complete', response: { ...this.#response, payload, ...(part && { part }) } };
    }
    const num = (this.#begin + this.#body.length) / block2.size;
    if (num > maxBlockNumber) return { kind: 'failed', reason: 'body-too-large' };
    return { kind: 'next', block2: { num, hasMore: false, size: block2.size } };
  }

  /** What an answer leaves out cannot be compared; what it says has to be the same (RFC 7959 §2.4). */
  #isChanged(response: IncomingResponse): boolean {
    const { etag, contentFormat } = response;
    const isOtherBody = etag !== undefined && this.#etag !== undefined && !equalBytes(etag, this.#etag);
    return isOtherBody || (contentFormat !== undefined && contentFormat !== this.#response?.contentFormat);
  }

  #isLengthRight(length: number, block2: BlockOption): boolean {
    if (this.#size !== undefined && block2.size > this.#size) return false;
    if (block2.hasMore) return length === block2.size;
    return length <= block2.size && (length > 0 || block2.num === 0);
  }

  #restart(): DownloadStep {
    const { method } = this.#options;
    const isRepeatable = method === Method.get || method === Method.fetch;
    if (!isRepeatable || this.#restarts >= this.#limits.maxRestarts) {
      return { kind: 'failed', reason: 'body-changed' };
    }
    this.#restarts += 1;
    this.#body.reset();
    this.#response = undefined;
    this.#etag = undefined;
    this.#size = this.#firstSize;
    return { kind: 'restart', block2: this.first() };
  }
}

const malformedResponse: DownloadStep = { kind: 'failed', reason: 'malformed-response' };
