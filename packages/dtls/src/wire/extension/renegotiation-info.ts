import { ByteWriter } from '@dunlin/base';

import type { PresentationReader } from '../presentation-reader.ts';
import { writeVector } from '../vector-writer.ts';

/** Writes renegotiated_connection, which is empty in every initial handshake (RFC 5746 §3.2). */
export function encodeRenegotiationInfo(renegotiatedConnection: Uint8Array): Uint8Array {
  const writer = new ByteWriter();
  writeVector(writer, 1, renegotiatedConnection);
  return writer.toBytes();
}

/** Reads renegotiated_connection; in an initial handshake anything but empty is an attack (RFC 5746 §3.4, §3.6). */
export function decodeRenegotiationInfo(reader: PresentationReader): Uint8Array {
  return reader.vector({ lengthBytes: 1 }).slice();
}
