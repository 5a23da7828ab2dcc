export { AtModem } from './at/at-modem.ts';
export { atModemDefaults, type AtModemLimits, type AtModemOptions } from './at/modem-options.ts';
export type {
  AwaitedReceipt,
  CarrierEvent,
  CarrierTrouble,
  ReceiptState,
  RunningCarrier,
  ShortMessageCarrier,
  StreamCommand,
} from './carrier.ts';
export {
  Reassembly,
  reassemblyDefaults,
  type ReassemblyLimits,
  type ReassemblyOutcome,
} from './concatenation/reassembly.ts';
export {
  maxConcatenatedParts,
  partCount,
  segment,
  type Segment,
  type SegmentationOptions,
} from './concatenation/segmentation.ts';
export {
  budgetDefaults,
  type BudgetLevel,
  type BudgetName,
  type BudgetShortage,
  type LinkBudgets,
} from './link/budgets.ts';
export { DatagramLink } from './link/datagram-link.ts';
export { type LinkLimits, linkLimitsDefaults, type LinkOptions } from './link/link-options.ts';
export {
  describeRefusal,
  type DropReason,
  type LinkOutput,
  type LinkRefusal,
  type SendOutcome,
} from './link/link-output.ts';
export type { LinkStatistics, SentResult } from './link/link-statistics.ts';
export { memoryOutbox, type OutboxEntry, type OutboxState, type OutboxStore } from './link/outbox.ts';
export { type Purpose, purposeDefaults, type PurposeParameters, purposes } from './link/purpose.ts';
export {
  memoryReceivedRequests,
  type ReceivedRequest,
  receivedRequestDefaults,
  type ReceivedRequestLimits,
  type ReceivedRequestStore,
} from './link/received-requests.ts';
export type { IncomingShortMessage, OutgoingShortMessage, ShortMessageId } from './short-message.ts';
export { senderNumber } from './sender-number.ts';
export type { BindMode } from './smpp/bind.ts';
export { CommandId } from './smpp/command-id.ts';
export { CommandStatus, statusText } from './smpp/command-status.ts';
export { decodePdu } from './smpp/decode-pdu.ts';
export { encodePdu } from './smpp/encode-pdu.ts';
export { type BrokenStream, FrameReader } from './smpp/frame-reader.ts';
export type { MalformedPdu } from './smpp/malformed-pdu.ts';
export { MessageState } from './smpp/message-state.ts';
export { instantOfMessageTime } from './smpp/message-time.ts';
export type { Pdu, UnknownPdu } from './smpp/pdu.ts';
export { noAddress, type SmppAddress } from './smpp/smpp-address.ts';
export { Tag, type Tlv } from './smpp/tlv.ts';
export { BindPair, type SessionDriver } from './smpp/session/bind-pair.ts';
export type { SmppStatistics, SmppStatus } from './smpp/session/session-status.ts';
export {
  type SmppAccount,
  smppAccountDefaults,
  type SmppAccountOptions,
  type SmppLimits,
  smppLimitsDefaults,
  type SmppSessionOptions,
} from './smpp/session/smpp-options.ts';
export { SmppSession } from './smpp/session/smpp-session.ts';
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
export {
  type ApplicationPorts,
  type Concatenation,
  type DecodedUserData,
  decodeUserData,
  encodeUserDataHeader,
  type MalformedUserData,
  type UserDataHeader,
} from './udh/user-data-header.ts';
