import { equalBytes, type Instant } from '@dunlin/base';

import { type BlockOption, blockOffset } from '../block-option.ts';
import { ResponseCode } from '../code.ts';
import type { Peer } from '../peer.ts';
import { type BlockwiseLimits, blockwiseLimitsDefaults } from './blockwise-limits.ts';
import { TransferTable } from './transfer-table.ts';

/** One request with a body or a part of one. */
export interface UploadRequest {
  readonly peer: Peer;
  /** See `uploadKey`. */
  readonly key: string;
  readonly block1?: BlockOption | undefined;
  readonly size1?: number | undefined;
  readonly payload: Uint8Array;
  /** Bytes that this resource takes; default `maxRequestBodySize`. */
  readonly maxBodySize?: number | undefined;
}

/** What to do with the request. */
export type UploadOutcome<Answer> =
  /** Answer 2.31 with this Block1 and without payload. */
  | { readonly kind: 'continue'; readonly block1: BlockOption }
  /**
   * The body is whole: hand it to the application; its answer carries `block1` and is told to `answered`.
   * Without `block1` the request was not block-wise.
   */
  | { readonly kind: 'complete'; readonly body: Uint8Array; readonly block1?: BlockOption | undefined }
  /**
   * The last block of a body that the application has already: send `answer` again with this Block1, or wait
   * when the application has not answered yet.
   */
  | { readonly kind: 'repeated'; readonly answer: Answer | undefined; readonly block1: BlockOption }
  /** Answer with this code and these options. */
  | {
      readonly kind: 'refused';
      readonly code: ResponseCode;
      readonly block1?: BlockOption | undefined;
      readonly size1?: number | undefined;
      /** For the diagnostic payload. */
      readonly reason: string;
    };

/** What Size1 alone can make us set aside: a promise of one small message is no reason for more. */
const maxFirstCapacity = 4096;

interface Upload<Answer> {
  buffer: Uint8Array;
  received: number;
  /** The part of the buffer that the last block filled, in case that it comes again. */
  lastOffset: number;
  lastBlock: Uint8Array;
  isComplete: boolean;
  answer: Answer | undefined;
}

/**
 * The server side of uploads (RFC 7959 §2.5, §2.9; CR-9.2 to CR-9.6): puts bodies together by byte offset,
 * in order, so that the block size may change on the way. Give every request with a body to `receive`, and
 * the answer to a complete block-wise one to `answered`. A first block begins anew whatever was there.
 */
export class Block1Receiver<Answer> {
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

  /** How many uploads are kept, and how many bytes for them. */
  get usage(): { readonly transfers: number; readonly bytes: number } {
    return { transfers: this.#uploads.size, bytes: this.#uploads.bytes };
  }

  /** Drops uploads whose last block came EXCHANGE_LIFETIME ago. */
  expire(now: Instant): void {
    this.#uploads.expire(now);
  }

  /** Drops all uploads of a peer. */
  forgetPeer(peer: Peer): void {
    this.#uploads.deletePeer(peer);
  }

  receive(request: UploadRequest, now: Instant): UploadOutcome<Answer> {
    const { block1, payload } = request;
    if (block1 === undefined) return this.#receiveWhole(request);
    const isFull = payload.length === block1.size;
    if (block1.hasMore ? !isFull : payload.length > block1.size) {
      return refused(ResponseCode.badRequest, 'the payload has not the length that Block1 says', block1);
    }
    if (block1.num === 0) return this.#receiveFirst(request, block1, now);
    if (payload.length === 0) return refused(ResponseCode.badRequest, 'the last block is empty', block1);
    return this.#receiveNext(request, block1, now);
  }

  /** Keeps the answer to a complete upload, for the case that its last block comes again. */
  answered(peer: Peer, key: string, answer: Answer, now: Instant): void {
    const upload = this.#uploads.get(peer, key, now);
    if (upload?.isComplete === true) upload.answer = answer;
  }

  #receiveWhole(request: UploadRequest): UploadOutcome<Answer> {
    const { payload } = request;
    if (payload.length > this.#maxBodySize(request)) return this.#tooLarge(request);
    return { kind: 'complete', body: payload };
  }

  #receiveFirst(request: UploadRequest, block1: BlockOption, now: Instant): UploadOutcome<Answer> {
    const { peer, key, payload, size1 = 0 } = request;
    const maxBodySize = this.#maxBodySize(request);
    this.#uploads.delete(peer, key);
    const isTooLarge = Math.max(size1, payload.length) > maxBodySize;
    // A full first block that is not the last one tells that there will be more than fits, too.
    if (isTooLarge || (block1.hasMore && payload.length === maxBodySize)) return this.#tooLarge(request);
    if (!block1.hasMore) return { kind: 'complete', body: payload, block1 };
    const buffer = new Uint8Array(Math.max(payload.length, Math.min(size1, maxFirstCapacity)));
    buffer.set(payload);
    const value: Upload<Answer> = {
      buffer,
      received: payload.length,
      lastOffset: 0,
      lastBlock: buffer.subarray(0, payload.length),
      isComplete: false,
      answer: undefined,
    };
    if (!this.#uploads.put({ peer, key, value, bytes: buffer.length }, now)) return noRoom(block1);
    return this.#continued(block1);
  }

  #receiveNext(request: UploadRequest, block1: BlockOption, now: Instant): UploadOutcome<Answer> {
    const { peer, key, payload } = request;
    const offset = blockOffset(block1);
    const upload = this.#uploads.get(peer, key, now);
    if (upload === undefined) return incomplete(block1, 'no block before this one is known');
    if (offset === upload.lastOffset && equalBytes(payload, upload.lastBlock)) {
      return this.#receiveAgain(request, block1, upload, now);
    }
    if (upload.isComplete || offset !== upload.received) {
      return incomplete(block1, `the next block has to begin at byte ${upload.received}`);
    }
    if (offset + payload.length > this.#maxBodySize(request)) {
      this.#uploads.delete(peer, key);
      return this.#tooLarge(request);
    }
    append(upload, payload, this.#maxBodySize(request));
    if (block1.hasMore) {
      return this.#uploads.touch(peer, key, upload.buffer.length, now)
        ? this.#continued(block1)
        : noRoom(block1);
    }
    const body = upload.buffer.subarray(0, upload.received);
    upload.isComplete = true;
    upload.lastBlock = upload.lastBlock.slice();
    upload.buffer = upload.lastBlock;
    this.#uploads.touch(peer, key, upload.buffer.length, now);
    return { kind: 'complete', body, block1 };
  }

  /** The peer did not hear the answer to its last block and sent it once more under a new message id. */
  #receiveAgain(
    request: UploadRequest,
    block1: BlockOption,
    upload: Upload<Answer>,
    now: Instant,
  ): UploadOutcome<Answer> {
    if (block1.hasMore === upload.isComplete)
      return incomplete(block1, 'this block was not the last one before');
    this.#uploads.touch(request.peer, request.key, upload.buffer.length, now);
    return upload.isComplete ? { kind: 'repeated', answer: upload.answer, block1 } : this.#continued(block1);
  }

  /** A smaller size in the answer asks the peer to go on with smaller blocks (RFC 7959 §2.3). */
  #continued(block1: BlockOption): UploadOutcome<Answer> {
    const size = Math.min(block1.size, this.#limits.blockSize);
    return { kind: 'continue', block1: { num: block1.num, hasMore: true, size } };
  }

  #maxBodySize(request: UploadRequest): number {
    return request.maxBodySize ?? this.#limits.maxRequestBodySize;
  }

  #tooLarge(request: UploadRequest): UploadOutcome<Answer> {
    const size1 = this.#maxBodySize(request);
    const block1 = request.block1 === undefined ? undefined : { ...request.block1, hasMore: false };
    const reason = `a body of at most ${size1} bytes is taken`;
    return { kind: 'refused', code: ResponseCode.requestEntityTooLarge, block1, size1, reason };
  }
}

function append<Answer>(upload: Upload<Answer>, payload: Uint8Array, maxBodySize: number): void {
  const end = upload.received + payload.length;
  if (end > upload.buffer.length) {
    const grown = new Uint8Array(Math.max(end, Math.min(upload.buffer.length * 2, maxBodySize)));
    grown.set(upload.buffer.subarray(0, upload.received));
    upload.buffer = grown;
  }
  upload.buffer.set(payload, upload.received);
  upload.lastOffset = upload.received;
  upload.lastBlock = upload.buffer.subarray(upload.received, end);
  upload.received = end;
}

function refused(code: ResponseCode, reason: string, block1: BlockOption): UploadOutcome<never> {
  return { kind: 'refused', code, reason, block1: { ...block1, hasMore: false } };
}

function incomplete(block1: BlockOption, reason: string): UploadOutcome<never> {
  return refused(ResponseCode.requestEntityIncomplete, reason, block1);
}

/** RFC 7959 §2.9.3: 4.13 also says that the resources to keep the blocks are lacking just now. */
function noRoom(block1: BlockOption): UploadOutcome<never> {
  return refused(ResponseCode.requestEntityTooLarge, 'too many transfers at this time', block1);
}
