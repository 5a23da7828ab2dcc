import { ByteWriter, type Instant } from '@dunlin/base';

import { decodeAddress, encodeAddress, type TpduAddress } from './address.ts';
import type { MalformedTpdu } from './malformed-tpdu.ts';
import { decodeTimeStamp, encodeTimeStamp } from './time-stamp.ts';
import { TpduReader } from './tpdu-reader.ts';
import { decodeUserData, encodeUserData, type UserData, userDataHeaderIndicator } from './user-data.ts';

/** A short message on its way from the message centre to a mobile (SMS-DELIVER, 3GPP TS 23.040 §9.2.2.1). */
export interface Deliver {
  readonly kind: 'deliver';
  readonly from: TpduAddress;
  /** What the mobile is to do with the message (TP-PID); 0 is the plain case. */
  readonly protocolIdentifier: number;
  /** When the centre got the message (TP-SCTS); `undefined` when it did not say a time. */
  readonly centreTime: Instant | undefined;
  readonly userData: UserData;
}

/** The type of the TPDU (TP-MTI) in the two lowest bits. */
export const deliverType = 0x00;

/** Says that no more messages wait, by a bit that is then set (TP-MMS). */
const noMoreMessages = 0x04;

/** Reads a message; octets that are missing or left over are a failure. */
export function decodeDeliver(tpdu: Uint8Array): Deliver | MalformedTpdu {
  const reader = new TpduReader(tpdu);
  const first = reader.uint8();
  if ((first & 0x03) !== deliverType) reader.fail('it is of another type');
  const from = decodeAddress(reader);
  const protocolIdentifier = reader.uint8();
  const dataCodingScheme = reader.uint8();
  const centreTime = decodeTimeStamp(reader);
  const userData = decodeUserData(reader, dataCodingScheme, (first & userDataHeaderIndicator) !== 0);
  return reader.problem('SMS-DELIVER') ?? { kind: 'deliver', from, protocolIdentifier, centreTime, userData };
}

/** Writes 8-bit data as a message centre sends it; throws a `UsageError` for what the format cannot say. */
export function encodeDeliver(deliver: Omit<Deliver, 'kind'> & { readonly centreTime: Instant }): Uint8Array {
  const { from, protocolIdentifier, centreTime, userData } = deliver;
  const writer = new ByteWriter();
  writer.uint8(deliverType | noMoreMessages | (userData.hasHeader ? userDataHeaderIndicator : 0));
  encodeAddress(writer, from);
  writer.uint8(protocolIdentifier).uint8(userData.dataCodingScheme);
  encodeTimeStamp(writer, centreTime);
  encodeUserData(writer, userData);
  return writer.toBytes();
}
