import { type BlockOption, decodeBlockOption } from './block-option.ts';
import { codeClass, ResponseCode } from './code.ts';
import type { OutgoingOption } from './encode-message.ts';
import { isResponseCode, type Message } from './message.ts';
import { describeOption, OptionNumber } from './option.ts';
import { findBadOption } from './option-check.ts';
import type { IncomingResponse, Response } from './request.ts';
import { pushOption, pushPath, pushTransferOptions, type TransferOptions } from './transfer-options.ts';

/** A response as one message carries it; `response.payload` is that of this message. */
export interface DecodedResponse {
  readonly kind: 'response';
  readonly response: IncomingResponse;
  readonly transfer: TransferOptions;
}

/** A response that is rejected: with a Reset when it is confirmable, else without a word (RFC 7252 §5.4.1). */
export interface RejectedResponse {
  readonly kind: 'rejected';
  readonly reason: string;
}

/**
 * Reads a message with a response code as a response. Rejects what has an unknown, misshapen or surplus
 * critical option, a location that is not UTF-8, a block of the reserved size. The result shares nothing with
 * the datagram.
 */
export function decodeResponse(message: Message): DecodedResponse | RejectedResponse {
  const { options } = message;
  if (!isResponseCode(message.code))
    return { kind: 'rejected', reason: 'the code is not that of a response' };
  const bad = findBadOption(options);
  if (bad !== undefined) return { kind: 'rejected', reason: bad.reason };
  const block1 = blockOf(message, OptionNumber.block1);
  const block2 = blockOf(message, OptionNumber.block2);
  if (block1 === 'reserved' || block2 === 'reserved') {
    return { kind: 'rejected', reason: 'a Block option has the reserved size' };
  }
  const locationPath = textsOf(message, OptionNumber.locationPath);
  const locationQuery = textsOf(message, OptionNumber.locationQuery);
  if (locationPath === 'not-text' || locationQuery === 'not-text') {
    const number = locationPath === 'not-text' ? OptionNumber.locationPath : OptionNumber.locationQuery;
    return { kind: 'rejected', reason: `${describeOption(number)} is not UTF-8` };
  }
  const observe = options.uint(OptionNumber.observe);
  return {
    kind: 'response',
    response: {
      code: responseCodeOf(message.code),
      contentFormat: options.uint(OptionNumber.contentFormat),
      payload: message.copyPayload(),
      locationPath,
      locationQuery,
      maxAge: options.uint(OptionNumber.maxAge),
      etag: options.bytes(OptionNumber.etag),
      observe,
    },
    transfer: {
      block1,
      block2,
      size1: options.uint(OptionNumber.size1),
      size2: options.uint(OptionNumber.size2),
      observe,
      echo: options.bytes(OptionNumber.echo),
    },
  };
}

/** The options of a response message, for `encodeMessage`; its payload is the caller's (it may be one block). */
export function responseOptions(response: Response, transfer: TransferOptions = {}): OutgoingOption[] {
  const options: OutgoingOption[] = [];
  pushOption(options, OptionNumber.etag, response.etag);
  pushPath(options, OptionNumber.locationPath, response.locationPath);
  pushOption(options, OptionNumber.contentFormat, response.contentFormat);
  pushOption(options, OptionNumber.maxAge, response.maxAge);
  for (const query of response.locationQuery ?? []) {
    options.push({ number: OptionNumber.locationQuery, value: query });
  }
  pushTransferOptions(options, transfer);
  return options;
}

const knownResponseCodes: ReadonlySet<number> = new Set(Object.values(ResponseCode));

/** The code itself when it is registered, else what stands for its class: 2.00 to 5.31 (RFC 7252 §5.9). */
export function responseCodeOf(code: number): ResponseCode {
  if (isKnownResponseCode(code)) return code;
  switch (codeClass(code)) {
    case 2:
      // There is no 2.00: 2.04 Changed says "done" and nothing more.
      return ResponseCode.changed;
    case 4:
      return ResponseCode.badRequest;
    // Class 3 is reserved: nothing that could be used has come.
    default:
      return ResponseCode.internalServerError;
  }
}

function isKnownResponseCode(code: number): code is ResponseCode {
  return knownResponseCodes.has(code);
}

function blockOf(message: Message, number: OptionNumber): BlockOption | 'reserved' | undefined {
  const value = message.options.uint(number);
  return value === undefined ? undefined : (decodeBlockOption(value) ?? 'reserved');
}

function textsOf(message: Message, number: OptionNumber): readonly string[] | 'not-text' | undefined {
  const { options } = message;
  let texts: string[] | undefined;
  for (let index = 0; index < options.size; index += 1) {
    if (options.numberAt(index) !== number || !options.isRecognizedAt(index)) continue;
    const text = options.textAt(index);
    if (text === undefined) return 'not-text';
    (texts ??= []).push(text);
  }
  return texts;
}
