import { ByteWriter, type Instant } from '@dunlin/base';

import type { ReceiptState } from '../carrier.ts';
import { decodeAddress, encodeAddress, type TpduAddress } from './address.ts';
import type { MalformedTpdu } from './malformed-tpdu.ts';
import { decodeTimeStamp, encodeTimeStamp } from './time-stamp.ts';
import { TpduReader } from './tpdu-reader.ts';
import { decodeUserData, userDataHeaderIndicator } from './user-data.ts';

/** What became of a submitted message (SMS-STATUS-REPORT, 3GPP TS 23.040 §9.2.2.3). */
export interface StatusReport {
  readonly kind: 'status-report';
  /** The reference of the message it is about (TP-MR). */
  readonly messageReference: number;
  /** Whom that message went to (TP-RA). */
  readonly to: TpduAddress;
  /** When the centre got the message, and when its fate was settled; `undefined` when it did not say a time. */
  readonly centreTime: Instant | undefined;
  readonly dischargeTime: Instant | undefined;
  /** The fate (TP-ST). */
  readonly status: number;
}

/** The type of the TPDU (TP-MTI) in the two lowest bits. */
export const statusReportType = 0x02;

/** Which optional fields follow the status (TP-PI, 3GPP TS 23.040 §9.2.3.27). */
const presence = { protocolIdentifier: 0x01, dataCodingScheme: 0x02, userData: 0x04, more: 0x80 } as const;

/** Reads a report; octets that are missing or left over are a failure. */
export function decodeStatusReport(tpdu: Uint8Array): StatusReport | MalformedTpdu {
  const reader = new TpduReader(tpdu);
  const first = reader.uint8();
  if ((first & 0x03) !== statusReportType) reader.fail('it is of another type');
  const messageReference = reader.uint8();
  const to = decodeAddress(reader);
  const centreTime = decodeTimeStamp(reader);
  const dischargeTime = decodeTimeStamp(reader);
  const status = reader.uint8();
  if (reader.remaining > 0) passOverOptionalFields(reader, (first & userDataHeaderIndicator) !== 0);
  return (
    reader.problem('SMS-STATUS-REPORT') ?? {
      kind: 'status-report',
      messageReference,
      to,
      centreTime,
      dischargeTime,
      status,
    }
  );
}

/** Writes a report as a message centre sends it. */
export function encodeStatusReport(
  report: Omit<StatusReport, 'kind'> & { readonly centreTime: Instant; readonly dischargeTime: Instant },
): Uint8Array {
  const writer = new ByteWriter();
  writer.uint8(statusReportType).uint8(report.messageReference);
  encodeAddress(writer, report.to);
  encodeTimeStamp(writer, report.centreTime);
  encodeTimeStamp(writer, report.dischargeTime);
  return writer.uint8(report.status).toBytes();
}

const validityExpired = 0x46;
const connectionRejected = 0x42;
const serviceRejected = 0x63;

/**
 * What a status means for who sent the message; `undefined` while the centre still tries. Values of the last, reserved
 * block count as a rejected service (3GPP TS 23.040 §9.2.3.15).
 */
export function receiptStateOf(status: number): ReceiptState | undefined {
  if (status >= 0x80 || status === serviceRejected || status === connectionRejected) return 'rejected';
  if (status === validityExpired) return 'expired';
  if (status < 0x20) return 'delivered';
  return status < 0x40 ? undefined : 'failed';
}

function passOverOptionalFields(reader: TpduReader, hasHeader: boolean): void {
  const indicator = reader.uint8();
  // Every further octet of the indicator says in its first bit whether another one follows.
  for (let octet = indicator; (octet & presence.more) !== 0;) octet = reader.uint8();
  if ((indicator & presence.protocolIdentifier) !== 0) reader.uint8();
  const dataCodingScheme = (indicator & presence.dataCodingScheme) === 0 ? 0 : reader.uint8();
  if ((indicator & presence.userData) !== 0) decodeUserData(reader, dataCodingScheme, hasHeader);
}
