import { ByteWriter } from '@dunlin/base';

import type { PduReader } from './pdu-reader.ts';
import { writeText, writeTlvs } from './pdu-writer.ts';
import type { Tlv } from './tlv.ts';

/** The body of submit_sm_resp, deliver_sm_resp and data_sm_resp (SMPP 3.4 §4.4.2, §4.6.2, §4.7.2). */
export interface MessageResponseBody {
  /** Names the message in receipts; empty in deliver_sm_resp, and where the message was refused. */
  readonly messageId: string;
  readonly tlvs: readonly Tlv[];
}

const messageIdSize = 65;

/** The bytes of the body; throws a `UsageError` where the id does not fit. */
export function encodeMessageResponse(response: MessageResponseBody): Uint8Array {
  const writer = new ByteWriter();
  writeText(writer, response.messageId, messageIdSize, 'message_id');
  writeTlvs(writer, response.tlvs);
  return writer.toBytes();
}

/** Reads the body, which answers that refuse lack (SMPP 3.4 §4.4.2). */
export function readMessageResponse(reader: PduReader): MessageResponseBody {
  if (reader.remaining === 0) return { messageId: '', tlvs: [] };
  return { messageId: reader.text(messageIdSize, 'message_id'), tlvs: reader.tlvs() };
}
