import { ByteWriter, type Milliseconds, UsageError } from '@dunlin/base';

import { decodeAddress, encodeAddress, type TpduAddress } from './address.ts';
import type { MalformedTpdu } from './malformed-tpdu.ts';
import { TpduReader } from './tpdu-reader.ts';
import { decodeUserData, encodeUserData, type UserData, userDataHeaderIndicator } from './user-data.ts';
import { decodeRelativeValidity, encodeRelativeValidity } from './validity-period.ts';

/** A short message on its way from a mobile to the message centre (SMS-SUBMIT, 3GPP TS 23.040 §9.2.2.2). */
export interface Submit {
  readonly kind: 'submit';
  /** Names the message in status reports (TP-MR); a modem puts in its own. */
  readonly messageReference: number;
  readonly to: TpduAddress;
  /** What the message centre is to do with the message (TP-PID); 0 is the plain case. */
  readonly protocolIdentifier: number;
  /** How long the centre may try; the centre's own limit when `undefined`. */
  readonly validity: Milliseconds | undefined;
  /** Asks for a status report (TP-SRR). */
  readonly wantsStatusReport: boolean;
  readonly userData: UserData;
}

const messageType = 0x01;
const relativeValidity = 0x10;
const statusReportRequest = 0x20;

/** The validity period formats (TP-VPF) by how many octets the period then has. */
const validityLengths = [0, 7, 1, 7] as const;

/** Writes 8-bit data with a relative validity period; throws a `UsageError` for what the format cannot say. */
export function encodeSubmit(submit: Omit<Submit, 'kind'>): Uint8Array {
  const { messageReference, to, protocolIdentifier, validity, wantsStatusReport, userData } = submit;
  if (!Number.isInteger(messageReference) || messageReference < 0 || messageReference > 255)
    throw new UsageError(`${messageReference} is no message reference: it is 0 to 255.`);
  const writer = new ByteWriter();
  writer.uint8(
    messageType |
      (validity === undefined ? 0 : relativeValidity) |
      (wantsStatusReport ? statusReportRequest : 0) |
      (userData.hasHeader ? userDataHeaderIndicator : 0),
  );
  writer.uint8(messageReference);
  encodeAddress(writer, to);
  writer.uint8(protocolIdentifier).uint8(userData.dataCodingScheme);
  if (validity !== undefined) writer.uint8(encodeRelativeValidity(validity));
  encodeUserData(writer, userData);
  return writer.toBytes();
}

/** Reads a message as a message centre gets it; an absolute or enhanced validity period counts as none. */
export function decodeSubmit(tpdu: Uint8Array): Submit | MalformedTpdu {
  const reader = new TpduReader(tpdu);
  const first = reader.uint8();
  if ((first & 0x03) !== messageType) reader.fail('it is of another type');
  const messageReference = reader.uint8();
  const to = decodeAddress(reader);
  const protocolIdentifier = reader.uint8();
  const dataCodingScheme = reader.uint8();
  const period = reader.bytes(validityLengths[(first >> 3) & 3] ?? 0);
  const userData = decodeUserData(reader, dataCodingScheme, (first & userDataHeaderIndicator) !== 0);
  return (
    reader.problem('SMS-SUBMIT') ?? {
      kind: 'submit',
      messageReference,
      to,
      protocolIdentifier,
      validity: period.length === 1 ? decodeRelativeValidity(period[0] ?? 0) : undefined,
      wantsStatusReport: (first & statusReportRequest) !== 0,
      userData,
    }
  );
}
