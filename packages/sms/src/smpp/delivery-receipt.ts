import { stateOfWord } from './message-state.ts';
import { findNumber, findText, Tag, type Tlv } from './tlv.ts';

/** What the message centre says of a message. */
export interface DeliveryReceipt {
  /** Which message; empty where it does not say. */
  readonly messageId: string;
  /** See `MessageState`. */
  readonly state: number;
}

/**
 * Reads a receipt: what the optional parameters say (SMPP 3.4 §5.3.2.12, §5.3.2.35), and where they are silent what the
 * text says, whose form is only a custom (appendix B). `undefined` where neither tells a state.
 */
export function readDeliveryReceipt(
  shortMessage: Uint8Array,
  tlvs: readonly Tlv[],
): DeliveryReceipt | undefined {
  const text = String.fromCharCode(...shortMessage.subarray(0, maxReceiptText));
  const word = /\bstat:\s*(\w+)/i.exec(text)?.[1];
  const state = findNumber(tlvs, Tag.messageState, 1) ?? (word === undefined ? undefined : stateOfWord(word));
  if (state === undefined) return undefined;
  const messageId = findText(tlvs, Tag.receiptedMessageId) ?? /\bid:\s*(\S+)/i.exec(text)?.[1] ?? '';
  return { messageId, state };
}

/** Receipts have some 120 characters; what a payload has beyond a short message is not looked through. */
const maxReceiptText = 254;

/** An id as it is compared: message centres write the same one with and without leading zeros, in any case. */
export function messageIdKey(messageId: string): string {
  return messageId
    .trim()
    .toLowerCase()
    .replace(/^0+(?=.)/, '');
}

/**
 * The other ways to write an id: many message centres answer a submission with a hexadecimal number and write a
 * decimal one into the receipt, or the other way round.
 */
export function otherMessageIdKeys(messageId: string): readonly string[] {
  const key = messageIdKey(messageId);
  if (key.length > maxNumericId) return [];
  const keys: string[] = [];
  if (/^[0-9a-f]+$/.test(key)) keys.push(BigInt(`0x${key}`).toString(10));
  if (/^\d+$/.test(key)) keys.push(BigInt(key).toString(16));
  return keys;
}

/** Numbers of 64 bits have 20 digits at most; longer ids are names. */
const maxNumericId = 20;
