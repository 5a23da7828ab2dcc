import { codeClass } from './code.ts';
import type { OptionList } from './option-list.ts';
import { copyBytes, keyOf, viewBytes } from './datagram-bytes.ts';

/** The four message types (RFC 7252 §3). */
export const MessageType = {
  confirmable: 0,
  nonConfirmable: 1,
  acknowledgement: 2,
  reset: 3,
} as const;
export type MessageType = (typeof MessageType)[keyof typeof MessageType];

/** Code 0.00: a message that is neither request nor response (RFC 7252 §4.1). */
export const emptyCode = 0x00;

/** What a message may measure. */
export interface MessageLimits {
  /** Longest token in bytes, 8 to 65,804. More than 8 turns extended token lengths on (RFC 8974 §2.1). */
  readonly maxTokenLength: number;
  /** Largest message in bytes that is sent. */
  readonly maxMessageSize: number;
}

/**
 * Tokens of up to 8 bytes (RFC 7252 §3); messages of up to 1152 bytes, which fit into an IPv6 packet of
 * 1280 bytes (RFC 7252 §4.6).
 */
export const messageLimitsDefaults: MessageLimits = { maxTokenLength: 8, maxMessageSize: 1152 };

/** The largest value of a message id (RFC 7252 §3: 16 bits). */
export const maxMessageId = 0xffff;

/**
 * A well-formed message as offsets over the datagram it came in. `token` and `payload` make a view or copy
 * only when they are asked for; the datagram must not change while the message is in use.
 */
export class Message {
  readonly kind = 'message';
  readonly type: MessageType;
  readonly options: OptionList;
  readonly #datagram: Uint8Array;
  readonly #tokenStart: number;
  readonly #tokenEnd: number;
  readonly #payloadStart: number;

  constructor(
    datagram: Uint8Array,
    type: MessageType,
    token: { readonly start: number; readonly end: number },
    options: OptionList,
    payloadStart: number,
  ) {
    this.#datagram = datagram;
    this.type = type;
    this.#tokenStart = token.start;
    this.#tokenEnd = token.end;
    this.options = options;
    this.#payloadStart = payloadStart;
  }

  /** The code as one byte: class in the upper 3 bits, detail in the lower 5. */
  get code(): number {
    return this.#datagram[1] ?? 0;
  }

  /** 0 to 65535. */
  get messageId(): number {
    return ((this.#datagram[2] ?? 0) << 8) | (this.#datagram[3] ?? 0);
  }

  /** A copy of the token; empty when there is none. */
  get token(): Uint8Array {
    return copyBytes(this.#datagram, this.#tokenStart, this.#tokenEnd);
  }

  /** The token as a string that is equal exactly for equal tokens: a key for a table (see `tokenKey`). */
  get tokenKey(): string {
    return keyOf(this.#datagram, this.#tokenStart, this.#tokenEnd);
  }

  /** A view of the payload that lives as long as the datagram; empty when there is none. */
  get payload(): Uint8Array {
    return viewBytes(this.#datagram, this.#payloadStart, this.#datagram.length);
  }

  /** A copy of the payload, which may be kept. */
  copyPayload(): Uint8Array {
    return copyBytes(this.#datagram, this.#payloadStart, this.#datagram.length);
  }

  /** The length of the payload in bytes. */
  get payloadLength(): number {
    return this.#datagram.length - this.#payloadStart;
  }

  /** How many bytes the datagram has. */
  get length(): number {
    return this.#datagram.length;
  }
}

/** The key of a token in a table: one character a byte, so that length and bytes are compared (CR-6.1). */
export function tokenKey(token: Uint8Array): string {
  return keyOf(token, 0, token.length);
}

/** True for 0.01 to 0.31 (RFC 7252 §12.1). */
export function isRequestCode(code: number): boolean {
  return codeClass(code) === 0 && code !== emptyCode;
}

/** True for 2.00 to 5.31 (RFC 7252 §12.1). */
export function isResponseCode(code: number): boolean {
  const classOfCode = codeClass(code);
  return classOfCode >= 2 && classOfCode <= 5;
}
