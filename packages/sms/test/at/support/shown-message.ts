import { hexEncode, instantFrom } from '@dunlin/base';
import { addressOf, encodeDeliver, type TpduAddress } from '@dunlin/sms';

/** What a modem shows of a short message that comes from the network. */
export interface ShownMessage {
  readonly length: number;
  /** The PDU with the address of the centre before it. */
  readonly digits: string;
}

const centre = '07911326040000F0';

/** A message of 8-bit data as a modem shows it. */
export function shownMessage(
  octets: Uint8Array = Uint8Array.of(0xde, 0xad),
  changes: {
    readonly from?: TpduAddress;
    readonly hasHeader?: boolean;
    readonly protocolIdentifier?: number;
  } = {},
): ShownMessage {
  const { from = addressOf('10690'), hasHeader = false, protocolIdentifier = 0 } = changes;
  const userData = { dataCodingScheme: 4, hasHeader, octets };
  return shownTpdu(
    encodeDeliver({ from, protocolIdentifier, centreTime: instantFrom(Date.UTC(2026, 10, 26)), userData }),
  );
}

/** Any TPDU as a modem shows it. */
export function shownTpdu(tpdu: Uint8Array): ShownMessage {
  return { length: tpdu.length, digits: centre + hexEncode(tpdu).toUpperCase() };
}

/** Lines that bring the message directly. */
export function direct({ length, digits }: ShownMessage): readonly string[] {
  return [`+CMT: ,${length}`, digits];
}

/** Lines of the list of stored messages. */
export function listed(...entries: readonly (readonly [number, ShownMessage])[]): readonly string[] {
  return [
    ...entries.flatMap(([index, { length, digits }]) => [`+CMGL: ${index},0,,${length}`, digits]),
    'OK',
  ];
}
