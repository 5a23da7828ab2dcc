import { decodeDeliver, type Deliver, deliverType } from './deliver.ts';
import type { MalformedTpdu } from './malformed-tpdu.ts';
import { decodeStatusReport, type StatusReport, statusReportType } from './status-report.ts';

/** Reads what a message centre sends to a mobile by itself (3GPP TS 23.040 §9.2.3.1). */
export function decodeReceivedTpdu(tpdu: Uint8Array): Deliver | StatusReport | MalformedTpdu {
  const first = tpdu[0];
  if (first === undefined) return { kind: 'malformed', reason: 'the TPDU is empty' };
  const type = first & 0x03;
  if (type === deliverType) return decodeDeliver(tpdu);
  if (type === statusReportType) return decodeStatusReport(tpdu);
  return { kind: 'malformed', reason: `a TPDU of type ${type} does not come by itself` };
}
