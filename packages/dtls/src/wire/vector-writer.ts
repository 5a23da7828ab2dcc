import { type ByteWriter, UsageError } from '@dunlin/base';

/**
 * Writes a vector (RFC 5246 §4.3): its length in so many bytes, then the bytes. Throws a `UsageError` when the
 * length field cannot say it: a mistake of the calling code, since limits are checked before encoding.
 */
export function writeVector(writer: ByteWriter, lengthBytes: 1 | 2 | 3, bytes: Uint8Array): void {
  if (bytes.length >= 2 ** (8 * lengthBytes)) {
    throw new UsageError(`A vector of ${bytes.length} bytes does not fit its ${lengthBytes}-byte length.`);
  }
  if (lengthBytes === 1) writer.uint8(bytes.length);
  else if (lengthBytes === 2) writer.uint16(bytes.length);
  else writer.uint24(bytes.length);
  writer.bytes(bytes);
}

/** Writes a vector of 16-bit numbers with a 16-bit length in bytes. */
export function writeUint16List(writer: ByteWriter, values: readonly number[]): void {
  writer.uint16(values.length * 2);
  for (const value of values) writer.uint16(value);
}
