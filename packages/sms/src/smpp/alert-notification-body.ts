import { ByteWriter } from '@dunlin/base';

import type { PduReader } from './pdu-reader.ts';
import { writeTlvs } from './pdu-writer.ts';
import { longAddressSize, readAddress, type SmppAddress, writeAddress } from './smpp-address.ts';
import type { Tlv } from './tlv.ts';

/** The body of alert_notification (SMPP 3.4 §4.12.1): a phone can be reached again. It has no answer. */
export interface AlertNotificationBody {
  readonly source: SmppAddress;
  readonly esme: SmppAddress;
  readonly tlvs: readonly Tlv[];
}

/** The bytes of the body; throws a `UsageError` where an address does not fit. */
export function encodeAlertNotification(alert: AlertNotificationBody): Uint8Array {
  const writer = new ByteWriter();
  writeAddress(writer, alert.source, longAddressSize, 'source_addr');
  writeAddress(writer, alert.esme, longAddressSize, 'esme_addr');
  writeTlvs(writer, alert.tlvs);
  return writer.toBytes();
}

/** Reads the body. */
export function readAlertNotification(reader: PduReader): AlertNotificationBody {
  return {
    source: readAddress(reader, longAddressSize, 'source_addr'),
    esme: readAddress(reader, longAddressSize, 'esme_addr'),
    tlvs: reader.tlvs(),
  };
}
