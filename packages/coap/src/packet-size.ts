/** The header of UDP (RFC 768). */
const udpHeader = 8;
/** The headers of IP without options (RFC 791 §3.1, RFC 8200 §3). */
const ipv4Header = 20;
const ipv6Header = 40;

/** The bytes of the IP packet that carries a datagram to or from an address; a packet that is sent in fragments counts as one. */
export function packetSize(datagramLength: number, address: string): number {
  return datagramLength + udpHeader + (address.includes(':') ? ipv6Header : ipv4Header);
}
