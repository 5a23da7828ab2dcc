import { createCipheriv, createDecipheriv } from 'node:crypto';

import type { Aead } from './aead.ts';
import { plainBytes } from './plain-bytes.ts';
import type { RestableKey } from './restable-key.ts';

const algorithm = 'aes-128-gcm';
const tagLength = 16;

/** AES-128-GCM with a tag of 16 bytes (RFC 5288 §3). */
export class AesGcm implements Aead {
  readonly #key: RestableKey;

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
    const cipher = createCipheriv(algorithm, this.#key.object, nonce, { authTagLength: tagLength });
    cipher.setAAD(additionalData);
    target.set(cipher.update(plaintext), offset);
    cipher.final();
    target.set(cipher.getAuthTag(), offset + plaintext.length);
  }

  open(nonce: Uint8Array, additionalData: Uint8Array, sealed: Uint8Array): Uint8Array | undefined {
    const length = sealed.length - tagLength;
    if (length < 0) return undefined;
    const decipher = createDecipheriv(algorithm, this.#key.object, nonce, { authTagLength: tagLength });
    decipher.setAAD(additionalData);
    decipher.setAuthTag(sealed.subarray(length));
    const plaintext = decipher.update(sealed.subarray(0, length));
    try {
      decipher.final();
    } catch {
      return undefined;
    }
    return plainBytes(plaintext);
  }

  rest(): void {
    this.#key.rest();
  }

  destroy(): void {
    this.#key.destroy();
  }
}
