import { type ByteWriter, UsageError } from '@dunlin/base';

import { userDataCoding } from './data-coding-scheme.ts';
import type { TpduReader } from './tpdu-reader.ts';

/** What a short message carries (TP-UD). */
export interface UserData {
  /** How it is coded (TP-DCS). */
  readonly dataCodingScheme: number;
  /** True when the octets begin with a header (TP-UDHI). */
  readonly hasHeader: boolean;
  /** At most 140, the header included; packed where the coding is 7-bit. */
  readonly octets: Uint8Array;
}

/** The most octets of one short message (3GPP TS 23.040 §9.2.3.24). */
export const maxUserData = 140;

/** The bit of the first octet that says that the user data begins with a header (TP-UDHI). */
export const userDataHeaderIndicator = 0x40;

/** Writes the length and the octets (TP-UDL, TP-UD) of 8-bit data; throws a `UsageError` when they are no such data. */
export function encodeUserData(writer: ByteWriter, { dataCodingScheme, octets }: UserData): void {
  if (userDataCoding(dataCodingScheme) !== 'eight-bit')
    throw new UsageError(`Data coding scheme ${dataCodingScheme} is not one of 8-bit data.`);
  if (octets.length > maxUserData)
    throw new UsageError(`${octets.length} octets do not fit into a short message of ${maxUserData}.`);
  writer.uint8(octets.length).bytes(octets);
}

/** Reads length and octets, whose unit depends on the coding; a header must lie within 8-bit data. */
export function decodeUserData(reader: TpduReader, dataCodingScheme: number, hasHeader: boolean): UserData {
  const length = reader.uint8();
  const coding = userDataCoding(dataCodingScheme);
  const octetCount = coding === 'seven-bit' ? Math.ceil((length * 7) / 8) : length;
  if (octetCount > maxUserData) reader.fail(`user data of ${octetCount} octets is too long`);
  const octets = reader.bytes(octetCount);
  if (hasHeader && 1 + (octets[0] ?? 0) > octets.length) reader.fail('the user data ends within its header');
  return { dataCodingScheme, hasHeader, octets };
}
