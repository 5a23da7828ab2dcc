import { ByteWriter, UsageError } from '@dunlin/base';

import { isMessageTime, messageTimeSize } from './message-time.ts';
import type { PduReader } from './pdu-reader.ts';
import { writeText, writeTlvs } from './pdu-writer.ts';
import { addressSize, readAddress, type SmppAddress, writeAddress } from './smpp-address.ts';
import type { Tlv } from './tlv.ts';

/** The body of submit_sm and deliver_sm (SMPP 3.4 §4.4.1, §4.6.1). */
export interface ShortMessageBody {
  readonly serviceType: string;
  readonly source: SmppAddress;
  readonly destination: SmppAddress;
  readonly esmClass: number;
  readonly protocolId: number;
  readonly priority: number;
  /** Empty for at once; see `message-time.ts`. */
  readonly scheduleDeliveryTime: string;
  /** Empty for the default of the message centre. */
  readonly validityPeriod: string;
  readonly registeredDelivery: number;
  readonly replaceIfPresent: number;
  readonly dataCoding: number;
  readonly predefinedMessage: number;
  /** At most 254 bytes; more is in the parameter message_payload. */
  readonly shortMessage: Uint8Array;
  readonly tlvs: readonly Tlv[];
}

const serviceTypeSize = 6;

/** The longest short_message (SMPP 3.4 §5.2.21). */
const maxShortMessage = 254;

/** The bytes of the body; throws a `UsageError` where a field does not fit. */
export function encodeShortMessage(message: ShortMessageBody): Uint8Array {
  if (message.shortMessage.length > maxShortMessage) {
    throw new UsageError(
      `A short_message has at most ${maxShortMessage} bytes, not ${message.shortMessage.length}.`,
    );
  }
  const writer = new ByteWriter();
  writeText(writer, message.serviceType, serviceTypeSize, 'service_type');
  writeAddress(writer, message.source, addressSize, 'source_addr');
  writeAddress(writer, message.destination, addressSize, 'destination_addr');
  writer.uint8(message.esmClass).uint8(message.protocolId).uint8(message.priority);
  writeText(writer, message.scheduleDeliveryTime, messageTimeSize, 'schedule_delivery_time');
  writeText(writer, message.validityPeriod, messageTimeSize, 'validity_period');
  writer.uint8(message.registeredDelivery).uint8(message.replaceIfPresent);
  writer.uint8(message.dataCoding).uint8(message.predefinedMessage);
  writer.uint8(message.shortMessage.length).bytes(message.shortMessage);
  writeTlvs(writer, message.tlvs);
  return writer.toBytes();
}

/** Reads the body. */
export function readShortMessage(reader: PduReader): ShortMessageBody {
  return {
    serviceType: reader.text(serviceTypeSize, 'service_type'),
    source: readAddress(reader, addressSize, 'source_addr'),
    destination: readAddress(reader, addressSize, 'destination_addr'),
    esmClass: reader.uint8(),
    protocolId: reader.uint8(),
    priority: reader.uint8(),
    scheduleDeliveryTime: readTime(reader, 'schedule_delivery_time'),
    validityPeriod: readTime(reader, 'validity_period'),
    registeredDelivery: reader.uint8(),
    replaceIfPresent: reader.uint8(),
    dataCoding: reader.uint8(),
    predefinedMessage: reader.uint8(),
    shortMessage: readMessage(reader),
    tlvs: reader.tlvs(),
  };
}

function readTime(reader: PduReader, field: string): string {
  const text = reader.text(messageTimeSize, field);
  if (text !== '' && !isMessageTime(text)) reader.fail(`${field} is no time`);
  return text;
}

function readMessage(reader: PduReader): Uint8Array {
  const length = reader.uint8();
  if (length > maxShortMessage) reader.fail(`sm_length is ${length}`);
  return reader.octets(length > maxShortMessage ? 0 : length);
}
