import { malformed, type Malformed } from './malformed.ts';

/** How long verify_data is in all suites of this stack, in bytes (RFC 5246 §7.4.9). */
export const verifyDataLength = 12;

/** The end of a side's handshake: proof over all of it (RFC 5246 §7.4.9). */
export interface Finished {
  /** 12 bytes; to be compared in constant time. */
  readonly verifyData: Uint8Array;
}

/** The body of the message. */
export function encodeFinished(finished: Finished): Uint8Array {
  return finished.verifyData;
}

/** Reads the body of the message, as a copy. */
export function decodeFinished(body: Uint8Array): Finished | Malformed {
  return body.length === verifyDataLength
    ? { verifyData: body.slice() }
    : malformed(`Finished: verify_data has ${body.length} bytes instead of ${verifyDataLength}.`);
}
