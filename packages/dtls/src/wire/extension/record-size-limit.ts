import { AlertDescription } from '../alert-description.ts';
import type { PresentationReader } from '../presentation-reader.ts';

/** The smallest limit that may be announced, in bytes (RFC 8449 §4). */
const minRecordSizeLimit = 64;

/** Writes the largest plaintext its sender is willing to receive, 64 to 65,535 bytes. */
export function encodeRecordSizeLimit(limit: number): Uint8Array {
  return Uint8Array.of(limit >>> 8, limit & 0xff);
}

/** Reads the limit; below 64 is answered with `illegal_parameter` (RFC 8449 §4). */
export function decodeRecordSizeLimit(reader: PresentationReader): number {
  const limit = reader.uint16();
  if (limit < minRecordSizeLimit) {
    reader.fail(`record_size_limit is below ${minRecordSizeLimit}`, AlertDescription.illegalParameter);
  }
  return limit;
}
