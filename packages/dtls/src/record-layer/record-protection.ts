import { noBytes } from '@dunlin/base';

import { isPacked } from '../packed-bytes.ts';
import { ContentType } from '../wire/content-type.ts';
import { ProtocolVersion } from '../wire/protocol-version.ts';
import { type DtlsRecord, type RecordHeader, recordHeaderLength, writeRecordHeader } from '../wire/record.ts';
import type { RecordCipher } from './record-cipher.ts';

/** What kind of content a protected record may have. */
export type ProtectedContentType = Exclude<ContentType, typeof ContentType.tls12Cid>;

/** The content of a record that was opened. */
export interface OpenedContent {
  readonly type: ProtectedContentType;
  /** In fresh memory. */
  readonly content: Uint8Array;
}

/** How this side writes records of a protected epoch. */
export interface WriteProtection {
  readonly cipher: RecordCipher;
  /** The connection id the peer asked for; empty when records are to be of the plain form (RFC 9146 §4). */
  readonly connectionId: Uint8Array;
  /**
   * Records with a connection id are filled with zeros up to a multiple of so many bytes, to hide how long their
   * content is (RFC 9146 §4): 1, which fills none, to 32.
   */
  readonly paddingMultiple: number;
}

/** How this side reads records of a protected epoch. */
export interface ReadProtection {
  readonly cipher: RecordCipher;
  /**
   * The connection id this side asked for, packed since it is kept for long; when there is one, records without it are
   * discarded (RFC 9146 §3).
   */
  readonly connectionId: string;
}

/** Why a record is silently discarded before or after it was opened. */
export type OpeningFailure = 'connection-id' | 'not-authentic' | 'inner-plaintext';

/** How many bytes a protected record is longer than its content at most. */
export function protectedOverhead(protection: WriteProtection): number {
  const { cipher, connectionId, paddingMultiple } = protection;
  const inner = connectionId.length > 0 ? paddingMultiple : 0; // the type and the zeros behind it
  return recordHeaderLength + connectionId.length + cipher.maxExpansion + inner;
}

/** A whole protected record. The caller never passes the same epoch and sequence number twice. */
export function sealRecord(
  protection: WriteProtection,
  position: Readonly<{ epoch: number; sequenceNumber: number }>,
  type: ProtectedContentType,
  content: Uint8Array,
): Uint8Array {
  const { cipher, connectionId } = protection;
  const hasConnectionId = connectionId.length > 0;
  const header: RecordHeader = {
    type: hasConnectionId ? ContentType.tls12Cid : type,
    version: ProtocolVersion.dtls12,
    epoch: position.epoch,
    sequenceNumber: position.sequenceNumber,
    connectionId,
  };
  const plaintext = hasConnectionId ? innerPlaintext(type, content, protection.paddingMultiple) : content;
  const headerLength = recordHeaderLength + connectionId.length;
  const fragmentLength = cipher.sealedLength(plaintext.length);
  const record = new Uint8Array(headerLength + fragmentLength);
  writeRecordHeader(record, header, fragmentLength);
  cipher.seal(header, plaintext, record, headerLength);
  return record;
}

/** The content of a protected record, or why it is discarded. */
export function openRecord(protection: ReadProtection, record: DtlsRecord): OpenedContent | OpeningFailure {
  const hasConnectionId = record.type === ContentType.tls12Cid;
  const expected = protection.connectionId;
  if (hasConnectionId !== expected.length > 0 || !isPacked(record.connectionId, expected)) {
    return 'connection-id';
  }
  const plaintext = protection.cipher.open(record);
  if (plaintext === undefined) return 'not-authentic';
  if (record.type !== ContentType.tls12Cid) return { type: record.type, content: plaintext };
  return contentOf(plaintext);
}

/** DTLSInnerPlaintext (RFC 9146 §4): the content, its real type, zeros. */
function innerPlaintext(
  type: ProtectedContentType,
  content: Uint8Array,
  paddingMultiple: number,
): Uint8Array {
  const length = Math.ceil((content.length + 1) / paddingMultiple) * paddingMultiple;
  const inner = new Uint8Array(length);
  inner.set(content);
  inner[content.length] = type;
  return inner;
}

function contentOf(inner: Uint8Array): OpenedContent | OpeningFailure {
  let end = inner.length;
  while (end > 0 && inner[end - 1] === 0) end -= 1;
  const type = end === 0 ? undefined : inner[end - 1];
  switch (type) {
    case ContentType.alert:
    case ContentType.handshake:
    case ContentType.applicationData:
      return { type, content: end === 1 ? noBytes : inner.subarray(0, end - 1) };
    // All zeros, or a type that never stands in a protected record.
    case undefined:
    default:
      return 'inner-plaintext';
  }
}
