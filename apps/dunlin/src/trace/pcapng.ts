import { concatBytes, utf8Encode } from '@dunlin/base';

/** A packet of a capture. */
export interface CapturedPacket {
  /** Milliseconds since the Unix epoch. */
  readonly time: number;
  /** A whole IP packet. */
  readonly packet: Uint8Array;
  readonly direction: 'in' | 'out';
  readonly comment?: string | undefined;
}

const blockTypes = { section: 0x0a0d0d0a, interface: 1, packet: 6 } as const;
const options = { end: 0, comment: 1, application: 4, name: 2, resolution: 9, flags: 2 } as const;

/** Packets that begin with an IP header, of either version. */
const linkTypeRaw = 101;

/**
 * A capture file in the form pcapng (draft-ietf-opsawg-pcapng), little-endian, of packets of one interface, which Wireshark
 * and tshark read.
 */
export function pcapngFile(
  packets: Iterable<CapturedPacket>,
  { application, interfaceName }: { readonly application: string; readonly interfaceName: string },
): Uint8Array {
  const blocks = [
    block(blockTypes.section, [
      uint32(0x1a2b3c4d),
      uint16(1, 0),
      // The length of the section is not said.
      uint32(0xffff_ffff, 0xffff_ffff),
      optionList([[options.application, utf8Encode(application)]]),
    ]),
    block(blockTypes.interface, [
      uint16(linkTypeRaw, 0),
      uint32(0),
      optionList([
        [options.name, utf8Encode(interfaceName)],
        // Times count milliseconds, as those of the trace do: 10 to the power of -3.
        [options.resolution, Uint8Array.of(3)],
      ]),
    ]),
  ];
  for (const packet of packets) blocks.push(packetBlock(packet));
  return concatBytes(blocks);
}

function packetBlock({ time, packet, direction, comment }: CapturedPacket): Uint8Array {
  const milliseconds = Math.max(0, Math.round(time));
  const high = Math.floor(milliseconds / 0x1_0000_0000);
  return block(blockTypes.packet, [
    uint32(0, high, milliseconds >>> 0, packet.length, packet.length),
    padded(packet),
    optionList([
      [options.flags, uint32(direction === 'in' ? 1 : 2)],
      ...(comment === undefined ? [] : ([[options.comment, utf8Encode(comment)]] as const)),
    ]),
  ]);
}

function block(type: number, parts: readonly Uint8Array[]): Uint8Array {
  const body = concatBytes(parts);
  const length = body.length + 12;
  return concatBytes([uint32(type, length), body, uint32(length)]);
}

function optionList(list: readonly (readonly [number, Uint8Array])[]): Uint8Array {
  const parts = list.flatMap(([code, value]) => [uint16(code, value.length), padded(value)]);
  return concatBytes([...parts, uint16(options.end, 0)]);
}

/** To a multiple of 4 bytes, as everything in a block is. */
function padded(bytes: Uint8Array): Uint8Array {
  const missing = -bytes.length & 3;
  return missing === 0 ? bytes : concatBytes([bytes, new Uint8Array(missing)]);
}

function uint32(...values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(values.length * 4);
  const view = new DataView(bytes.buffer);
  for (const [index, value] of values.entries()) view.setUint32(index * 4, value, true);
  return bytes;
}

function uint16(...values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(values.length * 2);
  const view = new DataView(bytes.buffer);
  for (const [index, value] of values.entries()) view.setUint16(index * 2, value, true);
  return bytes;
}
