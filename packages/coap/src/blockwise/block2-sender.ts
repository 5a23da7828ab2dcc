import type { Instant } from '@dunlin/base';

import { type BlockOption, blockOffset, blockSizeUpTo } from '../block-option.ts';
import { codeClass, Method, ResponseCode } from '../code.ts';
import type { Peer } from '../peer.ts';
import type { BodySource, Response } from '../request.ts';
import type { TransferOptions } from '../transfer-options.ts';
import { type BlockwiseLimits, blockwiseLimitsDefaults } from './blockwise-limits.ts';
import { bodySourceOf } from './body.ts';
import { entityTagOf } from './entity-tag.ts';
import { TransferTable } from './transfer-table.ts';

/** What a request says of the transfer of its response. */
export interface DownloadRequest {
  readonly peer: Peer;
  /** What tells this download from others of the peer: the request without token, payload and Content-Format. */
  readonly key: string;
  readonly method: Method;
  /** Whether the request has a payload: a FETCH with one can be answered anew. */
  readonly hasPayload: boolean;
  readonly block2?: BlockOption | undefined;
  readonly size2?: number | undefined;
}

/** One response message: `response` with its payload cut to one block, and the options to send beside. */
export interface DownloadAnswer {
  readonly kind: 'answer';
  readonly response: Response & { readonly payload: Uint8Array };
  readonly transfer: Pick<TransferOptions, 'block2' | 'size2'>;
}

interface Representation {
  readonly response: Response;
  readonly body: BodySource;
  /** How far the peer has come: only progress prolongs the life, so that what is kept is let go one day. */
  furthest: number;
}

/**
 * The server side of downloads (RFC 7959 §2.4, §2.6; CR-9.8): when a request has Block2 with NUM above 0, ask
 * `resume` first; it answers from the body that it kept, so that a resource that changes is read as it was.
 * All other requests go to the application, and its answer through `begin`, as does each notification
 * (RFC 7959 §3.4: it carries the first block only; the rest is asked for without Observe).
 */
export class Block2Sender {
  readonly #limits: Readonly<BlockwiseLimits>;
  readonly #kept: TransferTable<Representation>;

  constructor(limits: Readonly<BlockwiseLimits> = blockwiseLimitsDefaults) {
    this.#limits = limits;
    this.#kept = new TransferTable(limits);
  }

  /** When `expire` has something to do. */
  get deadline(): Instant | undefined {
    return this.#kept.deadline;
  }

  /** How many bodies are kept, and how many bytes they have. */
  get usage(): { readonly transfers: number; readonly bytes: number } {
    return { transfers: this.#kept.size, bytes: this.#kept.bytes };
  }

  /** Drops bodies of which nothing was asked for EXCHANGE_LIFETIME. */
  expire(now: Instant): void {
    this.#kept.expire(now);
  }

  /** Drops all bodies kept for a peer. */
  forgetPeer(peer: Peer): void {
    this.#kept.deletePeer(peer);
  }

  /**
   * A further block of a body that was begun. `regenerate` means that it is not kept and the request may go
   * to the application (random access to what GET and FETCH yield); a request that may not be executed twice
   * is answered with 4.08 instead.
   */
  resume(request: DownloadRequest, now: Instant): DownloadAnswer | { readonly kind: 'regenerate' } {
    const { peer, key, method, block2 } = request;
    const kept = this.#kept.get(peer, key, now);
    if (kept !== undefined && block2 !== undefined) {
      const offset = blockOffset(block2);
      if (offset > kept.furthest && offset < kept.body.length) {
        kept.furthest = offset;
        this.#kept.touch(peer, key, bytesOf(kept.response), now);
      }
      return this.#blockOf(kept, block2, request.size2);
    }
    if (method === Method.get || (method === Method.fetch && request.hasPayload))
      return { kind: 'regenerate' };
    return refused(ResponseCode.requestEntityIncomplete);
  }

  /** The first message of a response: all of it, or the block that was asked for, or the first one. */
  begin(request: DownloadRequest, response: Response, now: Instant): DownloadAnswer {
    const { peer, key, block2, size2 } = request;
    const body = bodySourceOf(response.payload);
    const isContinuation = block2 !== undefined && block2.num > 0;
    if (isContinuation && codeClass(response.code) !== 2) return whole(response, body);
    const size = Math.min(block2?.size ?? this.#limits.blockSize, this.#limits.blockSize);
    if (!isContinuation && body.length <= size) {
      const isAsked = block2 !== undefined && body.length > 0 && codeClass(response.code) === 2;
      return whole(response, body, {
        block2: isAsked ? { num: 0, hasMore: false, size } : undefined,
        size2: isAsked && size2 !== undefined ? body.length : undefined,
      });
    }
    const representation: Representation = {
      body,
      response: { ...response, etag: response.etag ?? entityTagOf(body) },
      furthest: 0,
    };
    // Random access is answered anew each time, so that nobody is kept from seeing a change for ever.
    if (!isContinuation) {
      this.#kept.put({ peer, key, value: representation, bytes: bytesOf(response) }, now);
    }
    return this.#blockOf(representation, block2 ?? { num: 0, hasMore: false, size }, size2);
  }

  #blockOf(
    { response, body }: Representation,
    asked: BlockOption,
    size2: number | undefined,
  ): DownloadAnswer {
    const offset = blockOffset(asked);
    if (offset > 0 && offset >= body.length) return refused(ResponseCode.badRequest);
    const size = blockSizeUpTo(Math.min(asked.size, this.#limits.blockSize));
    const end = Math.min(offset + size, body.length);
    return {
      kind: 'answer',
      response: { ...response, payload: body.read(offset, end - offset) },
      transfer: {
        block2: { num: offset / size, hasMore: end < body.length, size },
        size2: offset === 0 || size2 !== undefined ? body.length : undefined,
      },
    };
  }
}

/** Only bodies in memory are counted; a source is the application's. */
function bytesOf(response: Response): number {
  return response.payload instanceof Uint8Array ? response.payload.length : 0;
}

function whole(
  response: Response,
  body: BodySource,
  transfer: DownloadAnswer['transfer'] = {},
): DownloadAnswer {
  return { kind: 'answer', response: { ...response, payload: body.read(0, body.length) }, transfer };
}

function refused(code: ResponseCode): DownloadAnswer {
  return { kind: 'answer', response: { code, payload: new Uint8Array(0) }, transfer: {} };
}
