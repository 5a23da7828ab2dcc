import type { Milliseconds } from '@dunlin/base';

/** Names a short message between a carrier and who uses it; unique within one carrier and direction. */
export type ShortMessageId = number;

/** A short message of 8-bit data on its way out. */
export interface OutgoingShortMessage {
  readonly id: ShortMessageId;
  /** The recipient: 3 to 15 digits of an international number, without "+" (3GPP TS 23.003). */
  readonly to: string;
  /** At most 140 bytes, a user data header included (3GPP TS 23.040 §9.2.3.24). */
  readonly userData: Uint8Array;
  /** True when the user data begins with a header (TP-UDHI). */
  readonly hasHeader: boolean;
  /** How long the message centre may try to deliver it (TP-VP). */
  readonly validity: Milliseconds;
  /** Asks the message centre to tell what became of it. */
  readonly wantsReceipt: boolean;
}

/** A short message of 8-bit data that has come. The carrier waits for `acknowledge` with its id. */
export interface IncomingShortMessage {
  readonly id: ShortMessageId;
  /** Digits of an international number without "+"; as the network gives it where it is no such number. */
  readonly from: string;
  /** Bytes of their own: they may be kept. */
  readonly userData: Uint8Array;
  readonly hasHeader: boolean;
}
