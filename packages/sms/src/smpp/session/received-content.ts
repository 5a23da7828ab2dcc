import { concatBytes } from '@dunlin/base';

import { isBinary } from '../data-coding.ts';
import { userDataHeaderBit } from '../esm-class.ts';
import type { Pdu } from '../pdu.ts';
import { findNumber, findTlv, Tag } from '../tlv.ts';

/** The commands that bring messages. */
export type Delivery = Extract<Pdu, { kind: 'deliver-sm' | 'data-sm' }>;

/** What a message holds for us. */
export interface ReceivedContent {
  readonly userData: Uint8Array;
  readonly hasHeader: boolean;
}

/** The bytes of a message, wherever the message centre put them. */
export function messageBytes(delivery: Delivery): Uint8Array {
  const payload = findTlv(delivery.tlvs, Tag.messagePayload);
  if (delivery.kind === 'data-sm') return payload ?? new Uint8Array();
  return delivery.shortMessage.length === 0 && payload !== undefined ? payload : delivery.shortMessage;
}

/** The 8-bit data of a message with its header, or why it is none of ours, for people. */
export function readContent(delivery: Delivery, maxUserData: number): ReceivedContent | string {
  if (!isBinary(delivery.dataCoding)) {
    return `its data_coding is 0x${delivery.dataCoding.toString(16).padStart(2, '0')}, which is no 8-bit data`;
  }
  const bytes = messageBytes(delivery);
  if (bytes.length > maxUserData) return `it has ${bytes.length} bytes`;
  if ((delivery.esmClass & userDataHeaderBit) !== 0) return { userData: bytes, hasHeader: true };
  const header = concatenationHeader(delivery);
  if (header === undefined) return { userData: bytes, hasHeader: false };
  if (typeof header === 'string') return header;
  return { userData: concatBytes([header, bytes]), hasHeader: true };
}

/**
 * The parameters sar_* (SMPP 3.4 §5.3.2.22 to §5.3.2.24) as the header that they stand for: concatenation with a
 * reference of 16 bits (3GPP TS 23.040 §9.2.3.24.8). `undefined` where the message is whole.
 */
function concatenationHeader({ tlvs }: Delivery): Uint8Array | string | undefined {
  const reference = findNumber(tlvs, Tag.sarMsgRefNum, 2);
  const total = findNumber(tlvs, Tag.sarTotalSegments, 1);
  const number = findNumber(tlvs, Tag.sarSegmentSeqnum, 1);
  if (reference === undefined && total === undefined && number === undefined) return undefined;
  if (reference === undefined || total === undefined || number === undefined) {
    return 'its sar_ parameters are incomplete';
  }
  if (number < 1 || number > total) return `it is part ${number} of ${total}`;
  if (total === 1) return undefined;
  return Uint8Array.of(6, 8, 4, reference >> 8, reference & 0xff, total, number);
}
