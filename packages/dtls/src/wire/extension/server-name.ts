import { ByteWriter, utf8Encode } from '@dunlin/base';

import { AlertDescription } from '../alert-description.ts';
import type { PresentationReader } from '../presentation-reader.ts';
import { writeVector } from '../vector-writer.ts';

const hostName = 0;

/** A domain name has at most 255 bytes (RFC 1035 §2.3.4). */
const maxHostNameLength = 255;

/** Writes the one host name of a client's server_name extension (RFC 6066 §3). */
export function encodeServerName(name: string): Uint8Array {
  const entry = new ByteWriter();
  entry.uint8(hostName);
  writeVector(entry, 2, utf8Encode(name));
  const list = new ByteWriter();
  writeVector(list, 2, entry.toBytes());
  return list.toBytes();
}

/**
 * Reads a client's server_name extension. Names of other types are passed over; two host names, or one that
 * is not printable ASCII (U-labels are to be sent as A-labels), are refused. An address literal, which a client
 * should not send, is tolerated: some do.
 */
export function decodeServerName(reader: PresentationReader): string | undefined {
  const list = reader.nested({ lengthBytes: 2, min: 1 });
  let name: string | undefined;
  while (list.remaining > 0) {
    const type = list.uint8();
    const bytes = list.vector({ lengthBytes: 2, min: 1 });
    if (type !== hostName) continue;
    if (name !== undefined || bytes.some((byte) => byte <= 0x20 || byte >= 0x7f)) {
      list.fail('the host name is doubled or not printable ASCII', AlertDescription.illegalParameter);
    }
    name = String.fromCodePoint(...bytes.subarray(0, maxHostNameLength));
    if (bytes.length > maxHostNameLength) list.fail('the host name is longer than any is');
  }
  return name;
}
