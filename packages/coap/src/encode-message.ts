import { noBytes, UsageError, utf8Encode } from '@dunlin/base';

import { blockSizeUpTo } from './block-option.ts';
import { copyBytes } from './datagram-bytes.ts';
import {
  emptyCode,
  maxMessageId,
  type MessageLimits,
  messageLimitsDefaults,
  MessageType,
} from './message.ts';
import { describeOption, maxOptionNumber, optionDefinition } from './option.ts';

/** An option to send: a number is written as the shortest unsigned integer, a text as UTF-8. */
export interface OutgoingOption {
  readonly number: number;
  readonly value: Uint8Array | string | number;
}

/** A message to send. */
export interface OutgoingMessage {
  readonly type: MessageType;
  readonly code: number;
  readonly messageId: number;
  readonly token: Uint8Array;
  /** In any order; options of the same number keep theirs. */
  readonly options: readonly OutgoingOption[];
  readonly payload?: Uint8Array | undefined;
}

/** More than the largest datagram that UDP carries; the encoder writes here and copies out once. */
const scratch = new Uint8Array(65_536);

/**
 * The datagram of a message (RFC 7252 §3; CR-2.6): options sorted by number, no payload marker without
 * payload. Throws a `UsageError` for an option value out of its length range, a token or message that is
 * too long, and numbers out of range.
 */
export function encodeMessage(
  message: Readonly<OutgoingMessage>,
  limits: Readonly<MessageLimits> = messageLimitsDefaults,
): Uint8Array {
  let offset = writeHeader(message, limits);
  let previous = 0;
  for (const option of inOrder(message.options)) {
    offset = writeOption(option, previous, offset);
    previous = option.number;
  }
  const { payload } = message;
  if (payload !== undefined && payload.length > 0) {
    reserve(offset, payload.length + 1);
    scratch[offset] = 0xff;
    scratch.set(payload, offset + 1);
    offset += payload.length + 1;
  }
  if (offset > limits.maxMessageSize) {
    throw new UsageError(`The message has ${offset} bytes; at most ${limits.maxMessageSize} may be sent.`);
  }
  return copyBytes(scratch, 0, offset);
}

/** The four bytes of an Empty message: a ping, an acknowledgement or a reset (RFC 7252 §4.1). */
export function encodeEmpty(type: MessageType, messageId: number): Uint8Array {
  const datagram = new Uint8Array(4);
  datagram[0] = 0x40 | (type << 4);
  datagram[2] = messageId >> 8;
  datagram[3] = messageId;
  return datagram;
}

/** Room for the longest token, Observe, both Block options, Size1, Request-Tag and the payload marker. */
const transferOverhead = 8 + 4 + 5 + 5 + 7 + 5 + 1;

/**
 * The largest block in bytes (16, 32, … 1024) whose message is within the limit when it has these options and
 * those of its transfer beside it: a request with long queries has to do with smaller blocks. 16 when
 * there is no room at all. Throws a `UsageError` as `encodeMessage` does.
 */
export function largestBlockBeside(
  options: readonly OutgoingOption[],
  limits: Readonly<MessageLimits> = messageLimitsDefaults,
): number {
  return blockSizeUpTo(roomBeside(options, limits));
}

/** The bytes of payload that surely fit into a message with these options and those of a transfer beside them. */
export function roomBeside(options: readonly OutgoingOption[], limits: Readonly<MessageLimits>): number {
  const bare = { type: MessageType.confirmable, code: 0x01, messageId: 0, token: noBytes, options };
  const { length } = encodeMessage(bare, limits);
  return limits.maxMessageSize - length - transferOverhead;
}

function writeHeader(message: Readonly<OutgoingMessage>, limits: Readonly<MessageLimits>): number {
  const { token, messageId, code } = message;
  if (token.length > limits.maxTokenLength) {
    throw new UsageError(
      `The token has ${token.length} bytes; at most ${limits.maxTokenLength} may be sent.`,
    );
  }
  if (!(messageId >= 0 && messageId <= maxMessageId)) {
    throw new UsageError(`The message id ${messageId} does not fit into 16 bits.`);
  }
  const isEmpty = token.length === 0 && message.options.length === 0 && (message.payload?.length ?? 0) === 0;
  if (!(code >= 0 && code <= 0xff) || (code === emptyCode && !isEmpty)) {
    throw new UsageError(`The code ${code} cannot be sent with this content.`);
  }
  scratch[1] = code;
  scratch[2] = messageId >> 8;
  scratch[3] = messageId;
  let offset = 4;
  reserve(offset, token.length + 2);
  const nibble = nibbleOf(token.length);
  scratch[0] = 0x40 | (message.type << 4) | nibble;
  offset = writeExtension(nibble, token.length, offset);
  for (let index = 0; index < token.length; index += 1) scratch[offset + index] = token[index] ?? 0;
  return offset + token.length;
}

/** The options by number; the given array when it is in order already. */
function inOrder(options: readonly OutgoingOption[]): readonly OutgoingOption[] {
  let previous = 0;
  for (const { number } of options) {
    if (number < previous) return options.toSorted((a, b) => a.number - b.number);
    previous = number;
  }
  return options;
}

function writeOption(option: OutgoingOption, previous: number, offset: number): number {
  const { number, value } = option;
  if (!(number >= 0 && number <= maxOptionNumber)) {
    throw new UsageError(`The option number ${number} does not fit into 16 bits.`);
  }
  if (typeof value === 'number') {
    const length = uintLength(value, number);
    const start = writeOptionHead(number, previous, length, offset);
    for (let index = 0, shift = (length - 1) * 8; index < length; index += 1, shift -= 8) {
      scratch[start + index] = value >>> shift;
    }
    return start + length;
  }
  if (typeof value === 'string') {
    const end = writeAscii(number, value, previous, offset);
    if (end !== undefined) return end;
  }
  const bytes = typeof value === 'string' ? utf8Encode(value) : value;
  const start = writeOptionHead(number, previous, bytes.length, offset);
  scratch.set(bytes, start);
  return start + bytes.length;
}

/** Writes a text of one byte a character and returns the end; `undefined` when the text is not of that kind. */
function writeAscii(number: number, text: string, previous: number, offset: number): number | undefined {
  const { length } = text;
  const start = writeOptionHead(number, previous, length, offset);
  for (let index = 0; index < length; index += 1) {
    const character = text.charCodeAt(index);
    if (character >= 0x80) return undefined;
    scratch[start + index] = character;
  }
  return start + length;
}

function writeOptionHead(number: number, previous: number, length: number, offset: number): number {
  const definition = optionDefinition(number);
  if (definition !== undefined && (length < definition.minLength || length > definition.maxLength)) {
    const range = `${definition.minLength} to ${definition.maxLength}`;
    throw new UsageError(`${describeOption(number)} takes ${range} bytes, not ${length}.`);
  }
  reserve(offset, length + 5);
  const delta = number - previous;
  const deltaNibble = nibbleOf(delta);
  const lengthNibble = nibbleOf(length);
  scratch[offset] = (deltaNibble << 4) | lengthNibble;
  return writeExtension(lengthNibble, length, writeExtension(deltaNibble, delta, offset + 1));
}

/** The nibble that stands for a difference or length (RFC 7252 §3.1, RFC 8974 §2.1). */
function nibbleOf(value: number): number {
  if (value < 13) return value;
  return value < 269 ? 13 : 14;
}

function writeExtension(nibble: number, value: number, offset: number): number {
  if (nibble === 13) {
    scratch[offset] = value - 13;
    return offset + 1;
  }
  if (nibble === 14) {
    scratch[offset] = (value - 269) >> 8;
    scratch[offset + 1] = value - 269;
    return offset + 2;
  }
  return offset;
}

function uintLength(value: number, number: number): number {
  if (!Number.isInteger(value) || value < 0 || value > 0xffff_ffff) {
    throw new UsageError(`${describeOption(number)} cannot hold the number ${value}.`);
  }
  if (value === 0) return 0;
  if (value < 0x100) return 1;
  if (value < 0x1_0000) return 2;
  return value < 0x100_0000 ? 3 : 4;
}

function reserve(offset: number, count: number): void {
  if (offset + count > scratch.length) {
    throw new UsageError(`The message has more than ${scratch.length} bytes.`);
  }
}
