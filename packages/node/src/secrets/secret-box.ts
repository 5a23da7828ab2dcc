import {
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto';

import { concatBytes, type Secret, UsageError, utf8Encode } from '@dunlin/base';

/** The layout of sealed bytes: version, nonce, ciphertext, tag. A later layout gets another version. */
const version = 1;
const nonceLength = 12;
const tagLength = 16;

/** The shortest master key, in bytes: the strength of AES-256. */
export const masterKeyLength = 32;

/**
 * Seals secrets that are to be stored (AES-256-GCM, NIST SP 800-38D, with random nonces). The key is derived from a
 * master key for one purpose and one salt (HKDF-SHA-256, RFC 5869), so that one master key serves several stores.
 */
export class SecretBox {
  readonly #key: KeyObject;

  /** Throws a `UsageError` for a master key that is too short. */
  constructor(masterKey: Secret, salt: Uint8Array, purpose: string) {
    const bytes = masterKey.reveal();
    if (bytes.length < masterKeyLength)
      throw new UsageError(`A master key has ${masterKeyLength} bytes or more.`);
    const derived = new Uint8Array(hkdfSync('sha256', bytes, salt, utf8Encode(purpose), 32));
    this.#key = createSecretKey(derived);
    derived.fill(0);
  }

  /** Seals bytes for one place: `place` has to be the same when they are opened, so that nobody can swap two of them. */
  seal(plaintext: Uint8Array, place: string): Uint8Array {
    const nonce = randomBytes(nonceLength);
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce, { authTagLength: tagLength });
    cipher.setAAD(additionalData(place));
    const ciphertext = concatBytes([cipher.update(plaintext), cipher.final()]);
    return concatBytes([Uint8Array.of(version), nonce, ciphertext, cipher.getAuthTag()]);
  }

  /** The bytes that were sealed, or `undefined` when these were sealed with another key or place, or changed. */
  open(sealed: Uint8Array, place: string): Uint8Array | undefined {
    if (sealed.length < 1 + nonceLength + tagLength || sealed[0] !== version) return undefined;
    const nonce = sealed.subarray(1, 1 + nonceLength);
    const ciphertext = sealed.subarray(1 + nonceLength, sealed.length - tagLength);
    const decipher = createDecipheriv('aes-256-gcm', this.#key, nonce, { authTagLength: tagLength });
    decipher.setAAD(additionalData(place));
    decipher.setAuthTag(sealed.subarray(sealed.length - tagLength));
    try {
      return concatBytes([decipher.update(ciphertext), decipher.final()]);
    } catch {
      return undefined;
    }
  }
}

function additionalData(place: string): Uint8Array {
  return concatBytes([Uint8Array.of(version), utf8Encode(place)]);
}
