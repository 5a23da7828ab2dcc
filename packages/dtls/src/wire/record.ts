import { noBytes } from '@dunlin/base';

import { ContentType, isContentType } from './content-type.ts';
import { malformed, type Malformed } from './malformed.ts';
import { isDtlsVersion } from './protocol-version.ts';

/** type, version, epoch, sequence number and length (RFC 6347 §4.1); a connection id comes on top (RFC 9146 §4). */
export const recordHeaderLength = 13;

/** The most bytes a plaintext may have (RFC 5246 §6.2.1). */
export const maxPlaintextLength: number = 2 ** 14;

/** The most bytes a protected fragment may have (RFC 5246 §6.2.3). */
export const maxFragmentBytes: number = maxPlaintextLength + 2048;

/** The largest sequence number, 2^48 − 1 (RFC 6347 §4.1). */
export const maxSequenceNumber: number = 2 ** 48 - 1;

/** The fields of a record in front of its length (RFC 6347 §4.1, RFC 9146 §4). */
export interface RecordHeader {
  /** The content type on the wire: `ContentType.tls12Cid` exactly when there is a connection id. */
  readonly type: ContentType;
  /** The version as on the wire; {254, 253} in all records but perhaps the first ClientHello. */
  readonly version: number;
  /** 0 to 65,535. */
  readonly epoch: number;
  /** 0 to 2^48 − 1. */
  readonly sequenceNumber: number;
  /** The receiver's connection id; empty in records of the other types. */
  readonly connectionId: Uint8Array;
}

/** A record as it stood in a datagram; its byte strings are views of the datagram. */
export interface DtlsRecord extends RecordHeader {
  /** The plaintext in epoch 0, otherwise explicit nonce, ciphertext and tag. */
  readonly fragment: Uint8Array;
}

/** What a datagram held. */
export interface DatagramRecords {
  readonly records: readonly DtlsRecord[];
  /** Why records or trailing bytes were passed over; each is silently discarded (RFC 6347 §4.1.2.7). */
  readonly discarded: readonly Malformed[];
}

/** How records are to be read. */
export interface RecordReading {
  /** How long this receiver's connection ids are, 0 to 254 bytes; 0 when it issues none (RFC 9146 §4). */
  readonly connectionIdLength: number;
  /** How many records of one datagram are looked at; see `recordReadingDefaults`. */
  readonly maxRecords: number;
}

/** A flight packed into one datagram has less than ten records; smallest fragments make it some dozens. */
export const recordReadingDefaults: RecordReading = { connectionIdLength: 0, maxRecords: 64 };

/**
 * Splits a datagram into its records. A record of unknown type, foreign version or excessive length is passed
 * over and the ones behind it are still read; a record that is cut short ends the datagram. Never throws.
 */
export function decodeRecords(datagram: Uint8Array, reading: RecordReading): DatagramRecords {
  const records: DtlsRecord[] = [];
  const discarded: Malformed[] = [];
  let offset = 0;
  for (let count = 0; offset < datagram.length; count += 1) {
    if (count >= reading.maxRecords) {
      discarded.push(malformed(`The datagram has more than ${reading.maxRecords} records.`));
      break;
    }
    const connectionIdLength = datagram[offset] === ContentType.tls12Cid ? reading.connectionIdLength : 0;
    const fragmentOffset = offset + recordHeaderLength + connectionIdLength;
    if (fragmentOffset > datagram.length) {
      discarded.push(malformed('The datagram ends within a record header.'));
      break;
    }
    const end = fragmentOffset + uint16At(datagram, fragmentOffset - 2);
    if (end > datagram.length) {
      discarded.push(malformed('A record claims more bytes than the datagram has.'));
      break;
    }
    const record = recordAt(datagram, offset, fragmentOffset, end);
    if ('kind' in record) discarded.push(record);
    else records.push(record);
    offset = end;
  }
  return { records, discarded };
}

/** The bytes of the header up to and including the length of the fragment that follows. */
export function writeRecordHeader(target: Uint8Array, header: RecordHeader, fragmentLength: number): void {
  target[0] = header.type;
  writeUint16(target, 1, header.version);
  writeUint16(target, 3, header.epoch);
  writeSequenceNumber(target, 5, header.sequenceNumber);
  target.set(header.connectionId, 11);
  writeUint16(target, 11 + header.connectionId.length, fragmentLength);
}

/** A whole record: the header, then the fragment as it is. */
export function encodeRecord(record: DtlsRecord): Uint8Array {
  const headerLength = recordHeaderLength + record.connectionId.length;
  const bytes = new Uint8Array(headerLength + record.fragment.length);
  writeRecordHeader(bytes, record, record.fragment.length);
  bytes.set(record.fragment, headerLength);
  return bytes;
}

/** Writes a number of 0 to 65,535 in two bytes. */
export function writeUint16(target: Uint8Array, offset: number, value: number): void {
  target[offset] = value >>> 8;
  target[offset + 1] = value & 0xff;
}

/** Writes a sequence number in six bytes, by arithmetic: bit operations end at 32 bits. */
export function writeSequenceNumber(target: Uint8Array, offset: number, value: number): void {
  const high = Math.floor(value / 2 ** 32);
  writeUint16(target, offset, high);
  writeUint16(target, offset + 2, Math.floor(value / 2 ** 16) % 2 ** 16);
  writeUint16(target, offset + 4, value % 2 ** 16);
}

function recordAt(
  datagram: Uint8Array,
  offset: number,
  fragmentOffset: number,
  end: number,
): DtlsRecord | Malformed {
  const type = datagram[offset] ?? 0;
  const version = uint16At(datagram, offset + 1);
  if (!isContentType(type)) return malformed(`Content type ${type} is unknown.`);
  if (!isDtlsVersion(version)) return malformed('The version of a record is not one of DTLS.');
  if (end - fragmentOffset > maxFragmentBytes) return malformed('A record is longer than any may be.');
  if (type === ContentType.tls12Cid && fragmentOffset - offset === recordHeaderLength) {
    return malformed('A record has a connection id, and none was ever given out.');
  }
  return {
    type,
    version,
    epoch: uint16At(datagram, offset + 3),
    sequenceNumber:
      uint16At(datagram, offset + 5) * 2 ** 32 +
      uint16At(datagram, offset + 7) * 2 ** 16 +
      uint16At(datagram, offset + 9),
    connectionId:
      fragmentOffset - offset === recordHeaderLength
        ? noBytes
        : datagram.subarray(offset + 11, fragmentOffset - 2),
    fragment: datagram.subarray(fragmentOffset, end),
  };
}

function uint16At(bytes: Uint8Array, offset: number): number {
  return ((bytes[offset] ?? 0) << 8) | (bytes[offset + 1] ?? 0);
}
