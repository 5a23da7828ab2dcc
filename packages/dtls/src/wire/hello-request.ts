import { checkEmptyBody } from './empty-message.ts';
import type { Malformed } from './malformed.ts';

/**
 * The problem of a HelloRequest's body; `undefined` when it is empty, as it must be. It asks for a
 * renegotiation, is never sent and always answered with `no_renegotiation` (RFC 5246 §7.4.1.1).
 */
export function checkHelloRequest(body: Uint8Array): Malformed | undefined {
  return checkEmptyBody(body, 'HelloRequest');
}
