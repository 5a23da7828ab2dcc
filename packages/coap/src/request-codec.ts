import { noBytes } from '@dunlin/base';

import { type BlockOption, decodeBlockOption } from './block-option.ts';
import { Method, ResponseCode } from './code.ts';
import type { OutgoingOption } from './encode-message.ts';
import { type Message, MessageType } from './message.ts';
import { describeOption, OptionNumber } from './option.ts';
import { findBadOption } from './option-check.ts';
import type { OptionList } from './option-list.ts';
import type { IncomingRequest, Request } from './request.ts';
import { pushOption, pushPath, pushTransferOptions, type TransferOptions } from './transfer-options.ts';

/**
 * A request as one message carries it. `request.payload` is that of this message, and
 * `request.isBlockwise` is false: who reassembles a body replaces both.
 */
export interface DecodedRequest {
  readonly kind: 'request';
  readonly request: IncomingRequest;
  /** Of `observe` only 0 and 1 on GET and FETCH are kept; `request.observe` says the same in words. */
  readonly transfer: TransferOptions;
}

/** A request that is answered with an error before anybody looks at what it asks for (CR-10.1 to CR-10.3). */
export interface RefusedRequest {
  readonly kind: 'refused';
  readonly code: ResponseCode;
  /** For the diagnostic payload. */
  readonly reason: string;
  /** The message makes no sense as a whole: a non-confirmable one is rejected in silence (RFC 7252 §4.3). */
  readonly isSenseless?: boolean;
}

/**
 * Reads a message with a request code as a request. Refuses with 4.02 what has an unknown, misshapen or
 * surplus critical option or a path or query that is not UTF-8, with 4.00 a block of the reserved size, with
 * 4.05 an unknown method, with 5.05 what asks for a proxy. The result shares nothing with the datagram.
 */
export function decodeRequest(message: Message): DecodedRequest | RefusedRequest {
  const method = methodOf(message.code);
  const bad = findBadOption(message.options);
  if (bad !== undefined) return refused(ResponseCode.badOption, bad.reason);
  if (method === undefined) return refused(ResponseCode.methodNotAllowed, 'the method is not known');
  const draft = newDraft(method);
  for (let index = 0; index < message.options.size; index += 1) {
    const refusal = readOption(draft, message.options, index);
    if (refusal !== undefined) return refusal;
  }
  return finish(draft, message);
}

/**
 * The options of a request message, for `encodeMessage`; its payload is the caller's, because it may be one
 * block of many. Throws a `UsageError` for path segments that cannot be sent.
 */
export function requestOptions(request: Request, transfer: TransferOptions = {}): OutgoingOption[] {
  const options: OutgoingOption[] = [];
  for (const tag of request.ifMatch ?? []) options.push({ number: OptionNumber.ifMatch, value: tag });
  pushOption(options, OptionNumber.etag, request.etag);
  if (request.ifNoneMatch === true) options.push({ number: OptionNumber.ifNoneMatch, value: noBytes });
  pushPath(options, OptionNumber.uriPath, request.uriPath);
  pushOption(options, OptionNumber.contentFormat, request.contentFormat);
  for (const query of request.uriQuery ?? []) options.push({ number: OptionNumber.uriQuery, value: query });
  pushOption(options, OptionNumber.accept, request.accept);
  pushOption(options, OptionNumber.noResponse, request.noResponse);
  pushTransferOptions(options, transfer);
  return options;
}

/** True for the methods whose payload has a meaning; that of GET and DELETE is ignored (RFC 7252 §5.8). */
export function hasRequestBody(method: Method): boolean {
  return method !== Method.get && method !== Method.delete;
}

interface Draft {
  readonly method: Method;
  readonly uriPath: string[];
  readonly uriQuery: string[];
  contentFormat: number | undefined;
  accept: number | undefined;
  etag: Uint8Array | undefined;
  ifMatch: Uint8Array[] | undefined;
  ifNoneMatch: boolean;
  noResponse: number | undefined;
  observe: number | undefined;
  block1: BlockOption | undefined;
  block2: BlockOption | undefined;
  size1: number | undefined;
  size2: number | undefined;
  echo: Uint8Array | undefined;
  requestTag: Uint8Array | undefined;
}

function newDraft(method: Method): Draft {
  return {
    method,
    uriPath: [],
    uriQuery: [],
    contentFormat: undefined,
    accept: undefined,
    etag: undefined,
    ifMatch: undefined,
    ifNoneMatch: false,
    noResponse: undefined,
    observe: undefined,
    block1: undefined,
    block2: undefined,
    size1: undefined,
    size2: undefined,
    echo: undefined,
    requestTag: undefined,
  };
}

function readOption(draft: Draft, options: OptionList, index: number): RefusedRequest | undefined {
  const number = options.numberAt(index);
  if (number === OptionNumber.uriPath) return readText(draft.uriPath, options, index);
  if (number === OptionNumber.uriQuery) return readText(draft.uriQuery, options, index);
  if (!options.isRecognizedAt(index)) return undefined;
  switch (number) {
    case OptionNumber.block1:
    case OptionNumber.block2:
      return readBlock(draft, number, options.uintAt(index));
    case OptionNumber.proxyUri:
    case OptionNumber.proxyScheme:
      return refused(ResponseCode.proxyingNotSupported, 'this endpoint is no proxy');
    case OptionNumber.contentFormat:
      draft.contentFormat = options.uintAt(index);
      return undefined;
    case OptionNumber.accept:
      draft.accept = options.uintAt(index);
      return undefined;
    case OptionNumber.observe:
      draft.observe = options.uintAt(index);
      return undefined;
    case OptionNumber.ifNoneMatch:
      draft.ifNoneMatch = true;
      return undefined;
    case OptionNumber.noResponse:
      draft.noResponse = options.uintAt(index);
      return undefined;
    case OptionNumber.size1:
      draft.size1 = options.uintAt(index);
      return undefined;
    case OptionNumber.size2:
      draft.size2 = options.uintAt(index);
      return undefined;
    case OptionNumber.etag:
      draft.etag ??= options.bytesAt(index);
      return undefined;
    case OptionNumber.ifMatch:
      (draft.ifMatch ??= []).push(options.bytesAt(index));
      return undefined;
    case OptionNumber.echo:
      draft.echo = options.bytesAt(index);
      return undefined;
    case OptionNumber.requestTag:
      draft.requestTag ??= options.bytesAt(index);
      return undefined;
    // Uri-Host and Uri-Port: whatever name we are called by, it is us (CR-10.2). The rest says nothing here.
    default:
      return undefined;
  }
}

function readText(texts: string[], options: OptionList, index: number): RefusedRequest | undefined {
  const text = options.textAt(index);
  if (text === undefined) {
    return refused(ResponseCode.badOption, `${describeOption(options.numberAt(index))} is not UTF-8`);
  }
  texts.push(text);
  return undefined;
}

function readBlock(
  draft: Draft,
  number: typeof OptionNumber.block1 | typeof OptionNumber.block2,
  value: number,
): RefusedRequest | undefined {
  const block = decodeBlockOption(value);
  if (block === undefined) {
    return refused(ResponseCode.badRequest, `${describeOption(number)} has the reserved size`);
  }
  if (number === OptionNumber.block2) {
    draft.block2 = block;
    return undefined;
  }
  if (hasRequestBody(draft.method)) {
    draft.block1 = block;
    return undefined;
  }
  // Without a body to transfer, only "the first block and no more" says nothing that could be lost.
  if (block.num === 0 && !block.hasMore) return undefined;
  const reason = `${describeOption(number)} needs a method with a body`;
  return { ...refused(ResponseCode.badOption, reason), isSenseless: true };
}

function finish(draft: Draft, message: Message): DecodedRequest {
  const { method } = draft;
  const isObservable = method === Method.get || method === Method.fetch;
  const observe =
    isObservable && draft.observe !== undefined && draft.observe < 2 ? draft.observe : undefined;
  return {
    kind: 'request',
    request: {
      method,
      uriPath: draft.uriPath,
      uriQuery: draft.uriQuery,
      contentFormat: draft.contentFormat,
      accept: draft.accept,
      payload: hasRequestBody(method) ? message.copyPayload() : noBytes,
      etag: draft.etag,
      ifMatch: draft.ifMatch,
      ifNoneMatch: draft.ifNoneMatch,
      noResponse: draft.noResponse,
      isConfirmable: message.type === MessageType.confirmable,
      observe: observe === undefined ? undefined : observe === 0 ? 'register' : 'deregister',
      isBlockwise: false,
    },
    transfer: {
      block1: draft.block1,
      block2: draft.block2,
      size1: draft.size1,
      size2: draft.size2,
      observe,
      echo: draft.echo,
      requestTag: draft.requestTag,
    },
  };
}

function methodOf(code: number): Method | undefined {
  switch (code) {
    case Method.get:
    case Method.post:
    case Method.put:
    case Method.delete:
    case Method.fetch:
    case Method.patch:
    case Method.ipatch:
      return code;
    default:
      return undefined;
  }
}

function refused(code: ResponseCode, reason: string): RefusedRequest {
  return { kind: 'refused', code, reason };
}
