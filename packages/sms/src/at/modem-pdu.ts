import { hexDecode } from '@dunlin/base';

/** A TPDU out of the hexadecimal digits of a modem, or why they hold none. */
export type ModemPdu =
  | { readonly kind: 'tpdu'; readonly tpdu: Uint8Array }
  | { readonly kind: 'unreadable'; readonly reason: string };

/**
 * Reads what a modem gives as a PDU: the address of the message centre with its length, then the TPDU, which alone is
 * `announcedLength` octets long (3GPP TS 27.005 §3.1, `<pdu>` and `<length>`).
 */
export function decodeModemPdu(digits: string, announcedLength: number): ModemPdu {
  const octets = hexDecode(digits);
  if (octets === undefined) return { kind: 'unreadable', reason: 'a PDU is not hexadecimal' };
  const centreLength = 1 + (octets[0] ?? 0);
  const length = octets.length - centreLength;
  if (length !== announcedLength)
    return {
      kind: 'unreadable',
      reason: `a PDU of ${length} octets came where ${announcedLength} were announced`,
    };
  return { kind: 'tpdu', tpdu: octets.subarray(centreLength) };
}
