import { concatBytes } from '@dunlin/base';

import { maxUserData } from '../tpdu/user-data.ts';
import { type ApplicationPorts, encodeUserDataHeader } from '../udh/user-data-header.ts';

/** The most parts that a concatenated message can have: their count is one octet. */
export const maxConcatenatedParts = 255;

/** How datagrams are put into short messages. */
export interface SegmentationOptions {
  /** The application at the other side; default none: the SMS binding names no port (OMA TS 1.0 §8.6.2). */
  readonly ports?: ApplicationPorts | undefined;
  /**
   * Reference numbers of 16 bits, which are distinct for longer; default false: every centre knows those of 8 bits
   * (3GPP TS 23.040 §9.2.3.24.8), and a byte is saved.
   */
  readonly usesWideReferences?: boolean;
}

/** The user data of one short message. */
export interface Segment {
  readonly userData: Uint8Array;
  readonly hasHeader: boolean;
}

/** How many short messages a datagram of so many bytes takes; what must be known before anything is paid for. */
export function partCount(length: number, options: Readonly<SegmentationOptions> = {}): number {
  if (length <= capacity(options, false)) return 1;
  return Math.ceil(length / capacity(options, true));
}

/**
 * Puts a datagram into as few short messages as it takes, in order: 140 bytes in one, else 134 in each, 133 with wide
 * references, 7 less with ports (6 in concatenated ones). Throws a `RangeError` for one that 255 do not hold: callers
 * compare `partCount` with a limit of their own first.
 */
export function segment(
  datagram: Uint8Array,
  reference: number,
  options: Readonly<SegmentationOptions> = {},
): readonly Segment[] {
  const { ports, usesWideReferences: isWide = false } = options;
  const total = partCount(datagram.length, options);
  if (total > maxConcatenatedParts) throw new RangeError(`${datagram.length} bytes do not fit in 255 parts`);
  const shared = ports === undefined ? {} : { ports };
  if (total === 1) return [segmentOf(encodeUserDataHeader(shared), datagram)];
  const size = capacity(options, true);
  return Array.from({ length: total }, (_, index) => {
    const concatenation = { reference, isWide, total, number: index + 1 };
    const header = encodeUserDataHeader({ concatenation, ...shared });
    return segmentOf(header, datagram.subarray(index * size, (index + 1) * size));
  });
}

function segmentOf(header: Uint8Array, data: Uint8Array): Segment {
  return { userData: concatBytes([header, data]), hasHeader: header.length > 0 };
}

function capacity({ ports, usesWideReferences = false }: SegmentationOptions, isPart: boolean): number {
  const concatenation = isPart ? (usesWideReferences ? 6 : 5) : 0;
  const elements = concatenation + (ports === undefined ? 0 : 6);
  return maxUserData - (elements === 0 ? 0 : 1 + elements);
}
