import { ContentType } from '../wire/content-type.ts';
import { type RecordHeader, writeSequenceNumber, writeUint16 } from '../wire/record.ts';

/** Reused for all records: what is returned lasts until the next call. */
const scratch = new Uint8Array(23 + 255);

/**
 * What a record's protection authenticates besides its content: epoch, sequence number, type, version and length
 * (RFC 5246 §6.2.3.1, §6.2.3.3), or the form of RFC 9146 §5 for records with a connection id. `length` is what the
 * cipher's clause says. The bytes last until the next call.
 */
export function additionalData(header: RecordHeader, length: number): Uint8Array {
  if (header.type !== ContentType.tls12Cid) {
    writeUint16(scratch, 0, header.epoch);
    writeSequenceNumber(scratch, 2, header.sequenceNumber);
    scratch[8] = header.type;
    writeUint16(scratch, 9, header.version);
    writeUint16(scratch, 11, length);
    return scratch.subarray(0, 13);
  }
  const { connectionId } = header;
  scratch.fill(0xff, 0, 8); // seq_num_placeholder
  scratch[8] = ContentType.tls12Cid;
  scratch[9] = connectionId.length;
  scratch[10] = ContentType.tls12Cid;
  writeUint16(scratch, 11, header.version);
  writeUint16(scratch, 13, header.epoch);
  writeSequenceNumber(scratch, 15, header.sequenceNumber);
  scratch.set(connectionId, 21);
  writeUint16(scratch, 21 + connectionId.length, length);
  return scratch.subarray(0, 23 + connectionId.length);
}
