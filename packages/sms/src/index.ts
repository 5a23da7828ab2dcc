export type { CarrierEvent, ReceiptState, ShortMessageCarrier, StreamCommand } from './carrier.ts';
export type { IncomingShortMessage, OutgoingShortMessage, ShortMessageId } from './short-message.ts';
export { senderNumber } from './sender-number.ts';
export { addressOf, type TpduAddress } from './tpdu/address.ts';
export { eightBitData, userDataCoding, type UserDataCoding } from './tpdu/data-coding-scheme.ts';
export { decodeDeliver, type Deliver, encodeDeliver } from './tpdu/deliver.ts';
export type { MalformedTpdu } from './tpdu/malformed-tpdu.ts';
export { decodeReceivedTpdu } from './tpdu/received-tpdu.ts';
export {
  decodeStatusReport,
  encodeStatusReport,
  receiptStateOf,
  type StatusReport,
} from './tpdu/status-report.ts';
export { decodeSubmit, encodeSubmit, type Submit } from './tpdu/submit.ts';
export { maxUserData, type UserData } from './tpdu/user-data.ts';
export { TypeOfNumber } from './type-of-number.ts';
