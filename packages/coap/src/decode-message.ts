import { codeClass } from './code.ts';
import { copyBytes } from './datagram-bytes.ts';
import {
  emptyCode,
  isRequestCode,
  Message,
  type MessageLimits,
  messageLimitsDefaults,
  MessageType,
} from './message.ts';
import { maxOptionNumber } from './option.ts';
import { OptionList } from './option-list.ts';

/** Which rule of the message format a datagram breaks. */
export type MalformedReason =
  | 'too-short'
  | 'version'
  | 'token-length'
  | 'token-truncated'
  | 'empty-with-content'
  | 'option-delta'
  | 'option-length'
  | 'option-truncated'
  | 'option-number'
  | 'payload-missing'
  | 'code-class'
  | 'type-and-code';

/** A datagram that is no message, and what to do about it. */
export interface Malformed {
  readonly kind: 'malformed';
  readonly reason: MalformedReason;
  /**
   * `reset`: answer with a Reset that has `messageId` (only ever for a confirmable message);
   * `ignore`: answer nothing and change nothing (RFC 7252 §3, §4.2, §4.3).
   */
  readonly action: 'ignore' | 'reset';
  /** As far as they could be read; not read of another version. */
  readonly type?: MessageType | undefined;
  readonly code?: number | undefined;
  readonly messageId?: number | undefined;
  readonly token?: Uint8Array | undefined;
}

const headerLength = 4;
const payloadMarker = 0xff;

/**
 * Reads a datagram as a message (RFC 7252 §3; CR-2.1 to CR-2.4). Linear in its length, copies nothing and
 * never throws. Whether the options are understood is for `findBadOption`.
 */
export function decodeMessage(
  datagram: Uint8Array,
  limits: Readonly<MessageLimits> = messageLimitsDefaults,
): Message | Malformed {
  if (datagram.length < headerLength) return { kind: 'malformed', reason: 'too-short', action: 'ignore' };
  const first = datagram[0] ?? 0;
  if (first >> 6 !== 1) return { kind: 'malformed', reason: 'version', action: 'ignore' };
  const type = messageTypeOf(first >> 4);
  const code = datagram[1] ?? 0;
  if (code === emptyCode) {
    if (datagram.length !== headerLength || first % 16 !== 0) {
      return malformed(datagram, 'empty-with-content');
    }
    if (type === MessageType.nonConfirmable) return malformed(datagram, 'type-and-code');
    return new Message(datagram, type, noToken, new OptionList(datagram, []), headerLength);
  }
  const token = tokenRange(datagram, first & 0x0f, limits.maxTokenLength);
  if (typeof token === 'string') return malformed(datagram, token);
  if (!isAllowedCode(type, code)) {
    const isReserved = codeClass(code) === 1 || codeClass(code) > 5;
    return malformed(datagram, isReserved ? 'code-class' : 'type-and-code', token);
  }
  const entries: number[] = [];
  const payloadStart = readOptions(datagram, token.end, entries);
  if (typeof payloadStart === 'string') return malformed(datagram, payloadStart, token);
  return new Message(datagram, type, token, new OptionList(datagram, entries), payloadStart);
}

interface Range {
  readonly start: number;
  readonly end: number;
}

const noToken: Range = { start: headerLength, end: headerLength };

/** An acknowledgement carries a response or nothing, a reset nothing (RFC 7252 §4.2, §4.3, table 1). */
function isAllowedCode(type: MessageType, code: number): boolean {
  const classOfCode = codeClass(code);
  if (classOfCode === 1 || classOfCode > 5) return false;
  return type < MessageType.acknowledgement || (type === MessageType.acknowledgement && !isRequestCode(code));
}

function tokenRange(datagram: Uint8Array, nibble: number, maxTokenLength: number): Range | MalformedReason {
  let start = headerLength;
  let length = nibble;
  if (nibble > 8 && maxTokenLength <= 8) return 'token-length';
  if (nibble === 15) return 'token-length';
  if (nibble === 13) {
    if (datagram.length < start + 1) return 'token-truncated';
    length = (datagram[start] ?? 0) + 13;
    start += 1;
  } else if (nibble === 14) {
    if (datagram.length < start + 2) return 'token-truncated';
    length = (((datagram[start] ?? 0) << 8) | (datagram[start + 1] ?? 0)) + 269;
    start += 2;
  }
  if (length > maxTokenLength) return 'token-length';
  return start + length > datagram.length ? 'token-truncated' : { start, end: start + length };
}

/** Fills `entries` (see `OptionList`) and returns where the payload starts. */
function readOptions(datagram: Uint8Array, start: number, entries: number[]): number | MalformedReason {
  const end = datagram.length;
  let offset = start;
  let number = 0;
  while (offset < end) {
    const head = datagram[offset] ?? 0;
    offset += 1;
    if (head === payloadMarker) return offset === end ? 'payload-missing' : offset;
    let delta = head >> 4;
    let length = head & 0x0f;
    if (delta === 15) return 'option-delta';
    if (length === 15) return 'option-length';
    if (delta === 13) {
      delta = 13 + (datagram[offset] ?? 0);
      offset += 1;
    } else if (delta === 14) {
      delta = 269 + (((datagram[offset] ?? 0) << 8) | (datagram[offset + 1] ?? 0));
      offset += 2;
    }
    if (length === 13) {
      length = 13 + (datagram[offset] ?? 0);
      offset += 1;
    } else if (length === 14) {
      length = 269 + (((datagram[offset] ?? 0) << 8) | (datagram[offset + 1] ?? 0));
      offset += 2;
    }
    // One check for all of extension bytes and value: whatever was read beyond the end ends beyond it.
    if (offset + length > end) return 'option-truncated';
    number += delta;
    if (number > maxOptionNumber) return 'option-number';
    entries.push(number, offset, offset + length);
    offset += length;
  }
  return end;
}

function malformed(datagram: Uint8Array, reason: MalformedReason, token?: Range): Malformed {
  const type = messageTypeOf((datagram[0] ?? 0) >> 4);
  return {
    kind: 'malformed',
    reason,
    action: type === MessageType.confirmable ? 'reset' : 'ignore',
    type,
    code: datagram[1],
    messageId: ((datagram[2] ?? 0) << 8) | (datagram[3] ?? 0),
    token: token === undefined ? undefined : copyBytes(datagram, token.start, token.end),
  };
}

function messageTypeOf(bits: number): MessageType {
  switch (bits & 3) {
    case 0:
      return MessageType.confirmable;
    case 1:
      return MessageType.nonConfirmable;
    case 2:
      return MessageType.acknowledgement;
    default:
      return MessageType.reset;
  }
}
