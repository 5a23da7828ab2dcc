export type { CarrierEvent, ReceiptState, ShortMessageCarrier, StreamCommand } from './carrier.ts';
export type { IncomingShortMessage, OutgoingShortMessage, ShortMessageId } from './short-message.ts';
