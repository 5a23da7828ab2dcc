import { createCipheriv, createDecipheriv } from 'node:crypto';

import type { Aead } from './aead.ts';
import { CcmStreams, maxStreamedLength } from './ccm-streams.ts';
import { plainBytes } from './plain-bytes.ts';
import type { RestableKey } from './restable-key.ts';

const algorithm = 'aes-128-ccm';
const tagLength = 8;

/**
 * After so many records under one key the long-lived objects of `CcmStreams` are made: they cost about 6 KB per
 * association, which an association that only registers is not worth.
 */
const recordsUntilHot = 8;

/**
 * AES-128-CCM with a tag of 8 bytes (RFC 6655 §4). It starts with one object of `node:crypto` per record and turns
 * to long-lived ones, near twice as fast for small records, once the key proves to be in use; `rest` goes back.
 */
export class AesCcm8 implements Aead {
  readonly #key: RestableKey;
  #records = 0;
  #streams: CcmStreams | undefined;

  constructor(key: RestableKey) {
    this.#key = key;
  }

  get tagLength(): number {
    return tagLength;
  }

  seal(
    nonce: Uint8Array,
    additionalData: Uint8Array,
    plaintext: Uint8Array,
    target: Uint8Array,
    offset: number,
  ): void {
    const streams = this.#streamsFor(plaintext.length);
    if (streams !== undefined) {
      streams.seal(nonce, additionalData, plaintext, target, offset);
      return;
    }
    const cipher = createCipheriv(algorithm, this.#key.object, nonce, { authTagLength: tagLength });
    cipher.setAAD(additionalData, { plaintextLength: plaintext.length });
    target.set(cipher.update(plaintext), offset);
    cipher.final();
    target.set(cipher.getAuthTag(), offset + plaintext.length);
  }

  open(nonce: Uint8Array, additionalData: Uint8Array, sealed: Uint8Array): Uint8Array | undefined {
    const length = sealed.length - tagLength;
    if (length < 0) return undefined;
    const streams = this.#streamsFor(length);
    if (streams !== undefined) return streams.open(nonce, additionalData, sealed);
    const decipher = createDecipheriv(algorithm, this.#key.object, nonce, { authTagLength: tagLength });
    decipher.setAuthTag(sealed.subarray(length));
    decipher.setAAD(additionalData, { plaintextLength: length });
    try {
      const plaintext = decipher.update(sealed.subarray(0, length));
      decipher.final();
      return plainBytes(plaintext);
    } catch {
      return undefined;
    }
  }

  rest(): void {
    this.#records = 0;
    this.#streams?.destroy();
    this.#streams = undefined;
    this.#key.rest();
  }

  destroy(): void {
    this.rest();
    this.#key.destroy();
  }

  #streamsFor(length: number): CcmStreams | undefined {
    if (this.#streams === undefined) {
      this.#records += 1;
      if (this.#records <= recordsUntilHot) return undefined;
      this.#streams = new CcmStreams(this.#key.object);
    }
    return length <= maxStreamedLength ? this.#streams : undefined;
  }
}
