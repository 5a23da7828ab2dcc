import { noBytes } from '@dunlin/base';

import { checkEmptyBody } from './empty-message.ts';
import type { Malformed } from './malformed.ts';

/** The body of ServerHelloDone: none (RFC 5246 §7.4.5). */
export function encodeServerHelloDone(): Uint8Array {
  return noBytes;
}

/** The problem of a ServerHelloDone's body; `undefined` when it is empty, as it must be. */
export function checkServerHelloDone(body: Uint8Array): Malformed | undefined {
  return checkEmptyBody(body, 'ServerHelloDone');
}
