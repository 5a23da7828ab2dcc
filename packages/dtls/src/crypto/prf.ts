import { utf8Encode } from '@dunlin/base';

import { HmacSha256 } from './hmac-sha256.ts';

/** What a PRF output is for; goes into it, so that no two outputs are the same (RFC 5246 §5, RFC 7627 §4). */
export type PrfLabel =
  | 'master secret'
  | 'extended master secret'
  | 'key expansion'
  | 'client finished'
  | 'server finished';

/** `length` bytes of P_SHA256(secret, label + seed) (RFC 5246 §5). */
export function prf(secret: Uint8Array, label: PrfLabel, seed: Uint8Array, length: number): Uint8Array {
  return expand(secret, [utf8Encode(label), seed], length);
}

/** P_SHA256 (RFC 5246 §5) over the joined parts of the seed. */
function expand(secret: Uint8Array, seed: readonly Uint8Array[], length: number): Uint8Array {
  const hmac = new HmacSha256(secret);
  const output = new Uint8Array(length);
  let link = hmac.digest(...seed);
  for (let offset = 0; offset < length;) {
    const block = hmac.digest(link, ...seed);
    output.set(block.subarray(0, Math.min(block.length, length - offset)), offset);
    offset += block.length;
    block.fill(0);
    if (offset < length) link = hmac.digest(link);
  }
  hmac.destroy();
  return output;
}
