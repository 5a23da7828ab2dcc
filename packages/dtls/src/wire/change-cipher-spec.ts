import { malformed, type Malformed } from './malformed.ts';

/** The content of a ChangeCipherSpec record: the one byte 1 (RFC 5246 §7.1). */
export const changeCipherSpec: Uint8Array = Uint8Array.of(1);

/** The problem of a ChangeCipherSpec record's content; `undefined` when it is right. */
export function checkChangeCipherSpec(content: Uint8Array): Malformed | undefined {
  return content.length === 1 && content[0] === 1
    ? undefined
    : malformed('A ChangeCipherSpec must be the one byte 1.');
}
