import { ByteWriter } from '@dunlin/base';

import type { PduReader } from './pdu-reader.ts';
import { writeText, writeTlvs } from './pdu-writer.ts';
import { longAddressSize, readAddress, type SmppAddress, writeAddress } from './smpp-address.ts';
import type { Tlv } from './tlv.ts';

/** The body of data_sm (SMPP 3.4 §4.7.1): the message itself is in the parameter message_payload. */
export interface DataMessageBody {
  readonly serviceType: string;
  readonly source: SmppAddress;
  readonly destination: SmppAddress;
  readonly esmClass: number;
  readonly registeredDelivery: number;
  readonly dataCoding: number;
  readonly tlvs: readonly Tlv[];
}

const serviceTypeSize = 6;

/** The bytes of the body; throws a `UsageError` where a field does not fit. */
export function encodeDataMessage(message: DataMessageBody): Uint8Array {
  const writer = new ByteWriter();
  writeText(writer, message.serviceType, serviceTypeSize, 'service_type');
  writeAddress(writer, message.source, longAddressSize, 'source_addr');
  writeAddress(writer, message.destination, longAddressSize, 'destination_addr');
  writer.uint8(message.esmClass).uint8(message.registeredDelivery).uint8(message.dataCoding);
  writeTlvs(writer, message.tlvs);
  return writer.toBytes();
}

/** Reads the body. */
export function readDataMessage(reader: PduReader): DataMessageBody {
  return {
    serviceType: reader.text(serviceTypeSize, 'service_type'),
    source: readAddress(reader, longAddressSize, 'source_addr'),
    destination: readAddress(reader, longAddressSize, 'destination_addr'),
    esmClass: reader.uint8(),
    registeredDelivery: reader.uint8(),
    dataCoding: reader.uint8(),
    tlvs: reader.tlvs(),
  };
}
