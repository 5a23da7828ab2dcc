import { isIPv6 } from 'node:net';

/** Where a datagram comes from or goes to. */
export interface IpPlace {
  readonly address: string;
  readonly port: number;
}

const udpProtocol = 17;
const udpHeaderLength = 8;

/** The IP packet (RFC 791, RFC 8200) that carries a UDP datagram (RFC 768); both addresses of one family. */
export function udpPacket(from: IpPlace, to: IpPlace, payload: Uint8Array): Uint8Array {
  const isV6 = isIPv6(from.address);
  const source = addressBytes(from.address);
  const destination = addressBytes(to.address);
  const length = udpHeaderLength + payload.length;
  const udp = new Uint8Array(length);
  const view = new DataView(udp.buffer);
  view.setUint16(0, from.port);
  view.setUint16(2, to.port);
  view.setUint16(4, length);
  udp.set(payload, udpHeaderLength);
  const pseudo = new Uint8Array([
    ...source,
    ...destination,
    0,
    0,
    length >> 8,
    length & 0xff,
    0,
    0,
    0,
    udpProtocol,
  ]);
  // 0 means that there is no checksum; a checksum of 0 is sent as its other form.
  view.setUint16(6, checksum(pseudo, udp) || 0xffff);
  const header = isV6 ? ipv6Header(source, destination, length) : ipv4Header(source, destination, length);
  const packet = new Uint8Array(header.length + length);
  packet.set(header);
  packet.set(udp, header.length);
  return packet;
}

function ipv4Header(source: Uint8Array, destination: Uint8Array, length: number): Uint8Array {
  const header = new Uint8Array(20);
  const view = new DataView(header.buffer);
  header[0] = 0x45;
  view.setUint16(2, header.length + length);
  // Don't Fragment, which needs no identification (RFC 6864 §4.1).
  view.setUint16(6, 0x4000);
  header[8] = 64;
  header[9] = udpProtocol;
  header.set(source, 12);
  header.set(destination, 16);
  view.setUint16(10, checksum(header));
  return header;
}

function ipv6Header(source: Uint8Array, destination: Uint8Array, length: number): Uint8Array {
  const header = new Uint8Array(40);
  const view = new DataView(header.buffer);
  header[0] = 0x60;
  view.setUint16(4, length);
  header[6] = udpProtocol;
  header[7] = 64;
  header.set(source, 8);
  header.set(destination, 24);
  return header;
}

/** The Internet checksum (RFC 1071) over parts, each but the last of an even length. */
function checksum(...parts: readonly Uint8Array[]): number {
  let sum = 0;
  for (const part of parts)
    for (let index = 0; index < part.length; index += 2)
      sum += ((part[index] ?? 0) << 8) | (part[index + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

/** The bytes of an IP address in text. */
export function addressBytes(address: string): Uint8Array {
  if (!isIPv6(address)) return Uint8Array.from(address.split('.'), Number);
  const [host = ''] = address.split('%');
  const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(host);
  const text =
    dotted === null ? host : `${dotted[1]}${hexPair(dotted[2], dotted[3])}:${hexPair(dotted[4], dotted[5])}`;
  const [before = '', after] = text.split('::');
  const head = groups(before);
  const tail = groups(after ?? '');
  const gap = after === undefined ? 0 : 8 - head.length - tail.length;
  const all = [...head, ...Array.from({ length: gap }, () => 0), ...tail];
  return Uint8Array.from(all.flatMap((group) => [group >> 8, group & 0xff]));
}

function groups(text: string): readonly number[] {
  return text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
}

function hexPair(high: string | undefined, low: string | undefined): string {
  return ((Number(high) << 8) | Number(low)).toString(16);
}
