import { formatPath, type ResourcePath } from '../path.ts';
import { type FormatFailure, malformed } from './format-failure.ts';
import { TlvKind, TlvReader } from './tlv-reader.ts';

/** Where an opaque value lies in a payload. */
export interface OpaqueFrame {
  /** Its first byte. */
  readonly start: number;
  /** The byte after it, which ends the payload as well. */
  readonly end: number;
}

/** More than any TLV can be long. */
const unknownLength = 2 ** 31;

/**
 * Where in a TLV payload the value of a Single Resource of type Opaque lies, as its first bytes say, so that the payload
 * need not be there as a whole; 12 bytes are always enough. The Resource may be in the wrapper of its instance (R-1112).
 */
export function tlvOpaqueFrame(first: Uint8Array, path: ResourcePath): OpaqueFrame | FormatFailure {
  let reader = new TlvReader(first, 0, unknownLength);
  reader.next();
  const wrapper = reader.kind === TlvKind.objectInstance ? reader : undefined;
  if (wrapper !== undefined) {
    if (wrapper.id !== path.objectInstanceId) {
      return malformed(`Object Instance ${wrapper.id} is not the one addressed by ${formatPath(path)}`);
    }
    reader = new TlvReader(first, wrapper.start, unknownLength);
    reader.next();
  }
  const { kind, id, start, end } = reader;
  if (start > first.length) return malformed('the payload ends in the middle of a TLV');
  if (kind !== TlvKind.resource || id !== path.resourceId) {
    return malformed(`the payload holds something else than the value of ${formatPath(path)}`);
  }
  if (wrapper !== undefined && wrapper.end !== end) {
    return malformed(`the payload holds other Resources than ${formatPath(path)}`);
  }
  return { start, end };
}
