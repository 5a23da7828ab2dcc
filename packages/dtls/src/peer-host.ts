import { hexEncode } from '@dunlin/base';

import { parseIpAddress } from './credentials/ip-address.ts';

/**
 * What limits by host count an address for. In IPv6 that is its network of 64 bits, all addresses of which one machine
 * can have (RFC 7721 §4); only those of a link, which many machines share, count one by one.
 */
export function hostOf(address: string): string {
  if (!address.includes(':')) return address;
  const bytes = parseIpAddress(address);
  if (bytes === undefined) return address;
  const isMapped =
    bytes.subarray(0, 10).every((byte) => byte === 0) && bytes[10] === 0xff && bytes[11] === 0xff;
  if (isMapped) return bytes.subarray(12).join('.');
  const isOfLink = bytes[0] === 0xfe && ((bytes[1] ?? 0) & 0xc0) === 0x80;
  return hexEncode(isOfLink ? bytes : bytes.subarray(0, 8));
}
