import type { Milliseconds } from '@dunlin/base';

import type { Method, ResponseCode } from './code.ts';

/** A body that is read piece by piece, so that it need not be in memory as a whole. */
export interface BodySource {
  /** Length in bytes. */
  readonly length: number;
  /** The bytes from `offset`, `length` of them (fewer only at the end). */
  read(offset: number, length: number): Uint8Array;
}

/** Which slice of a body a payload is, where a body goes in slices because nobody has the whole at once. */
export interface BodySlice {
  /** Where it begins, in bytes. */
  readonly offset: number;
  /** Length of the whole body in bytes. */
  readonly total: number;
}

/** A request in terms of its meaning; tokens, message ids, blocks and retransmission are below it. */
export interface Request {
  readonly method: Method;
  /** Decoded segments, without slashes. */
  readonly uriPath: readonly string[];
  /** One argument each, such as `ep=node-1`. */
  readonly uriQuery?: readonly string[] | undefined;
  readonly contentFormat?: number | undefined;
  readonly accept?: number | undefined;
  readonly payload?: Uint8Array | BodySource | undefined;
  readonly etag?: Uint8Array | undefined;
  readonly ifMatch?: readonly Uint8Array[] | undefined;
  readonly ifNoneMatch?: boolean | undefined;
  /** RFC 7967: bit mask 2 (no 2.xx), 8 (no 4.xx), 16 (no 5.xx). */
  readonly noResponse?: number | undefined;
}

/** Which part of a body a payload is that is delivered block by block. */
export interface BodyPart {
  /** Where the payload begins in the body, in bytes. A part at 0 begins the body anew, whatever came before. */
  readonly offset: number;
  readonly isLast: boolean;
  /** What the peer says that the length of the body is (Size1, Size2), mostly with the first part. */
  readonly size?: number | undefined;
}

/** A whole request as it reached the server side: reassembled, options checked. */
export interface IncomingRequest extends Request {
  readonly uriQuery: readonly string[];
  readonly payload: Uint8Array;
  readonly isConfirmable: boolean;
  /** Set on GET and FETCH with Observe 0 or 1 (RFC 7641 §2); other values are ignored. */
  readonly observe?: 'register' | 'deregister' | undefined;
  /** Set when the payload came block-wise (RFC 7959 Block1). */
  readonly isBlockwise: boolean;
  /**
   * Set when the payload is a part of a body that is delivered block by block, see `takesBodyInParts`: to be answered
   * with 2.31 for the next part, or with any other code, which ends the request.
   */
  readonly part?: BodyPart | undefined;
  /**
   * The slice of the response body that the peer asks for (RFC 7959 Block2), if it says so. The answer may be the whole
   * body all the same, or this slice alone: see `Response.bodySlice`.
   */
  readonly askedSlice?: { readonly offset: number; readonly length: number } | undefined;
}

/** A response in terms of its meaning. */
export interface Response {
  readonly code: ResponseCode;
  readonly contentFormat?: number | undefined;
  readonly payload?: Uint8Array | BodySource | undefined;
  readonly locationPath?: readonly string[] | undefined;
  readonly locationQuery?: readonly string[] | undefined;
  /** Whole seconds. */
  readonly maxAge?: number | undefined;
  readonly etag?: Uint8Array | undefined;
  /**
   * Set when the payload is only a slice of the body: that which `IncomingRequest.askedSlice` names, or else a first
   * block (of 16, 32, … 1024 bytes). Such a body is not kept: each further block is a request of its own, for an answer
   * with the same `etag`.
   */
  readonly bodySlice?: BodySlice | undefined;
}

/** A whole response as it reached the client side: reassembled, options checked. */
export interface IncomingResponse extends Response {
  readonly payload: Uint8Array;
  /** The 24-bit sequence number of RFC 7641 §3.4, when the response is a notification. */
  readonly observe?: number | undefined;
  /** Set when a single block was asked for and the body is larger than one: where the payload lies in it. */
  readonly part?: BodyPart | undefined;
}

/** How a request travels. */
export interface RequestOptions {
  /** Default true. */
  readonly isConfirmable?: boolean;
  /**
   * How long to wait for the response in all, from the first transmission. Default: MAX_TRANSMIT_WAIT
   * without an acknowledgement (RFC 7252 §4.8.2), and EXCHANGE_LIFETIME after an empty one.
   */
  readonly timeout?: Milliseconds;
  /** Early negotiation: largest block in bytes (16, 32, … 1024) asked for with Block2 0/0/x (RFC 7959 §2.4). */
  readonly preferredBlockSize?: number;
  /**
   * Observations only: register again, with the same token, when nothing came for Max-Age and 5 to 15 seconds
   * (RFC 7641 §3.3.1). Default false: in LwM2M the registration's lifetime tells whether a device is there.
   */
  readonly renew?: boolean;
  /**
   * One token for all blocks of a body, in slices too: only for peers that know blocks by their token. Default: that of
   * the endpoint's behaviour.
   */
  readonly reuseToken?: boolean;
  /** Random access: the byte offset from which to read the body, a multiple of `preferredBlockSize`; only that one block is fetched when `singleBlock`. */
  readonly bodyOffset?: number;
  readonly singleBlock?: boolean;
  /**
   * The payload is a slice of a body that goes in several requests, one after the other. It is a multiple of 1024 bytes
   * but at the end, and may begin where an earlier one was left, at the end of any block. The response to all but the
   * last is 2.31; with 4.08 the peer wants the body from its beginning (RFC 7959 §2.9.2).
   */
  readonly bodySlice?: BodySlice;
  /** Largest block in bytes (16, 32, … 1024) that the payload is cut into. Default: that of the endpoint. */
  readonly uploadBlockSize?: number;
}

/** What the role says of a response beside its meaning. */
export interface ResponseDelivery {
  /** When the request registers an observation and the response is a success: the peer observes from now on. */
  readonly observe?: boolean;
  /**
   * The peer is known to receive at its address, such as by a secret that it can only have got there; then a large
   * answer needs no challenge (RFC 9175 §2.4).
   */
  readonly isAddressVerified?: boolean;
}
