import { ByteWriter, noBytes } from '@dunlin/base';

import type { PresentationReader } from '../presentation-reader.ts';
import { writeVector } from '../vector-writer.ts';

/**
 * Writes the connection id its sender wants in records it receives, 0 to 255 bytes; empty means that it uses
 * connection ids only in the other direction (RFC 9146 §3).
 */
export function encodeConnectionId(connectionId: Uint8Array): Uint8Array {
  const writer = new ByteWriter();
  writeVector(writer, 1, connectionId);
  return writer.toBytes();
}

/** Reads the connection id, as a copy; the empty one, which most clients send, is the same for all. */
export function decodeConnectionId(reader: PresentationReader): Uint8Array {
  const connectionId = reader.vector({ lengthBytes: 1 });
  return connectionId.length === 0 ? noBytes : connectionId.slice();
}
