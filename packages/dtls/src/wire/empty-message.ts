import { malformed, type Malformed } from './malformed.ts';

/** The problem of a message that must have no body; `undefined` when it has none. */
export function checkEmptyBody(body: Uint8Array, name: string): Malformed | undefined {
  return body.length === 0 ? undefined : malformed(`${name}: ${body.length} bytes are left over.`);
}
