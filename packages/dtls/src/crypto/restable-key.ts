import { createSecretKey, type KeyObject } from 'node:crypto';

import { UsageError } from '@dunlin/base';

/** Before it was used so many times, keeping the key object is not worth its memory: making one takes a microsecond. */
const usesUntilKept = 8;

/**
 * A key of a cipher. A key object of `node:crypto` makes ciphers several times as fast as bytes do, but takes 700 bytes
 * with what OpenSSL keeps behind it: it is kept only while the key is much in use. At rest the key is numbers, of which
 * 16 bytes take a third of what they take as a byte array.
 */
export class RestableKey {
  #words: number[] | undefined;
  #object: KeyObject | undefined;
  #uses = 0;

  /** Takes the bytes over, a multiple of 4, and overwrites them. */
  constructor(bytes: Uint8Array) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#words = Array.from({ length: bytes.length / 4 }, (_, index) => view.getInt32(4 * index));
    bytes.fill(0);
  }

  /** What `node:crypto` takes; made when it is needed. Throws a `UsageError` once the key was destroyed. */
  get object(): KeyObject {
    if (this.#object !== undefined) return this.#object;
    if (this.#words === undefined) throw new UsageError('This key was destroyed.');
    const object = keyObjectOf(this.#words);
    this.#uses += 1;
    if (this.#uses > usesUntilKept) this.#object = object;
    return object;
  }

  /** Gives the key object back. */
  rest(): void {
    this.#object = undefined;
    this.#uses = 0;
  }

  /** Overwrites the key, which is of no use from here on. */
  destroy(): void {
    this.#words?.fill(0);
    this.#words = undefined;
    this.#object = undefined;
  }
}

function keyObjectOf(words: readonly number[]): KeyObject {
  const bytes = new Uint8Array(4 * words.length);
  const view = new DataView(bytes.buffer);
  for (const [index, word] of words.entries()) view.setInt32(4 * index, word);
  const object = createSecretKey(bytes);
  bytes.fill(0);
  return object;
}
