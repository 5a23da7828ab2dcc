import { createSecretKey, type KeyObject } from 'node:crypto';

/**
 * A key object of a secret that is kept. It is made of a copy: a short byte array that native code has seen once is
 * outside of the heap of the engine from then on, where it takes twice the memory.
 */
export function keyObjectOf(secret: Uint8Array): KeyObject {
  const copy = secret.slice();
  const key = createSecretKey(copy);
  copy.fill(0);
  return key;
}
