import { isIP, isIPv6 } from 'node:net';

import { type IpPlace, udpPacket } from './ip-packet.ts';
import { type CapturedPacket, pcapngFile } from './pcapng.ts';
import type { DatagramRecord } from './trace-record.ts';
import type { NumberedRecord } from './trace-ring.ts';

/** The port by which dissectors know plain CoAP (RFC 7252 §12.6). */
const coapPort = 5683;

/**
 * The messages of a trace as a capture file. Each is in a UDP packet of its own making: between the device and port 5683 of
 * the server, whatever security it really had and whatever port it came to. The comment of a packet says that.
 */
export function traceCapture(records: readonly NumberedRecord[], version: string): Uint8Array {
  const packets = records.flatMap(({ record }) => (record.kind === 'datagram' ? [captured(record)] : []));
  return pcapngFile(packets, { application: `Dunlin ${version}`, interfaceName: 'dunlin trace' });
}

function captured(record: DatagramRecord): CapturedPacket {
  const { direction, time, datagram } = record;
  const device = devicePlace(record);
  const server: IpPlace = { address: serverAddress(record, device.address), port: coapPort };
  return {
    time,
    direction,
    packet: direction === 'in' ? udpPacket(device, server, datagram) : udpPacket(server, device, datagram),
    comment: commentOf(record),
  };
}

/** Where there is no IP address, as of a short message, one of those for documentation (RFC 5737). */
function devicePlace({ peer }: DatagramRecord): IpPlace {
  return isIP(peer.address) === 0
    ? { address: '192.0.2.1', port: coapPort }
    : { address: peer.address, port: peer.port };
}

/** Ours of the same family as that of the device; a socket on all addresses does not know which one was used. */
function serverAddress({ local }: DatagramRecord, deviceAddress: string): string {
  const isV6 = isIPv6(deviceAddress);
  const host = new URL(local.replace(/^coaps?(\+\w+)?:/, 'http:')).hostname.replace(/^\[(.*)\]$/, '$1');
  const isKnown = isIPv6(host) === isV6 && isIP(host) !== 0 && host !== '0.0.0.0' && host !== '::';
  if (isKnown) return host;
  return isV6 ? '2001:db8::5683' : '192.0.2.2';
}

function commentOf({ peer, local, service, withheld, size, datagram }: DatagramRecord): string | undefined {
  const parts = [
    ...(peer.security.kind === 'none' ? [] : [`decrypted; it was sent with DTLS (${peer.security.kind})`]),
    ...(local.endsWith(`:${coapPort}`) ? [] : [`really at ${local} (${service})`]),
    ...(withheld === undefined
      ? []
      : [`${size - datagram.length - 1} bytes of payload withheld: ${withheld}`]),
  ];
  return parts.length === 0 ? undefined : parts.join('; ');
}
