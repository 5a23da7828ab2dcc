import type { KeyObject } from 'node:crypto';

import { UsageError } from '@dunlin/base';

import { keyObjectOf } from './key-object.ts';

/**
 * A key of a cipher. A key object of `node:crypto` makes ciphers several times as fast as bytes do, but takes half a
 * kilobyte: it is there only while the key is in use.
 */
export class RestableKey {
  #bytes: Uint8Array | undefined;
  #object: KeyObject | undefined;

  /** Takes the bytes over: nobody else may keep them. */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** What `node:crypto` takes; made when it is needed. Throws a `UsageError` once the key was destroyed. */
  get object(): KeyObject {
    if (this.#bytes === undefined) throw new UsageError('This key was destroyed.');
    this.#object ??= keyObjectOf(this.#bytes);
    return this.#object;
  }

  /** Gives the key object back. */
  rest(): void {
    this.#object = undefined;
  }

  /** Overwrites the key, which is of no use from here on. */
  destroy(): void {
    this.#bytes?.fill(0);
    this.#bytes = undefined;
    this.#object = undefined;
  }
}
