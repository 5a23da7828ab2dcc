import type { KeyObject } from 'node:crypto';

import { keyObjectOf } from './key-object.ts';

/**
 * A key of a cipher. A key object of `node:crypto` makes ciphers several times as fast as bytes do, but takes half a
 * kilobyte: it is there only while the key is in use.
 */
export class RestableKey {
  readonly #bytes: Uint8Array;
  #object: KeyObject | undefined;

  /** Takes the bytes over: nobody else may keep them. */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** What `node:crypto` takes; made when it is needed. */
  get object(): KeyObject {
    this.#object ??= keyObjectOf(this.#bytes);
    return this.#object;
  }

  /** Gives the key object back. */
  rest(): void {
    this.#object = undefined;
  }

  /** Overwrites the key, which is of no use from here on. */
  destroy(): void {
    this.#bytes.fill(0);
    this.#object = undefined;
  }
}
