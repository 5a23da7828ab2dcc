import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';

import { utf8Encode } from '@dunlin/base';

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

/**
 * Made of a copy: a short byte array that native code has seen once is outside of the heap of the engine from then on,
 * where a master secret takes twice the memory.
 */
function keyObjectOf(secret: Uint8Array): KeyObject {
  const copy = secret.slice();
  const key = createSecretKey(copy);
  copy.fill(0);
  return key;
}

/** P_SHA256 (RFC 5246 §5) over the joined parts of the seed. */
function expand(secret: Uint8Array, seed: readonly Uint8Array[], length: number): Uint8Array {
  // With bytes instead of a key object every HMAC takes several times as long on some versions of Node.
  const key = keyObjectOf(secret);
  const output = new Uint8Array(length);
  let chained: readonly Uint8Array[] = seed;
  for (let offset = 0; offset < length;) {
    const next = createHmac('sha256', key);
    for (const part of chained) next.update(part);
    const link = next.digest();
    const block = createHmac('sha256', key).update(link);
    for (const part of seed) block.update(part);
    const bytes = block.digest();
    output.set(bytes.subarray(0, Math.min(bytes.length, length - offset)), offset);
    offset += bytes.length;
    chained = [link];
  }
  return output;
}
