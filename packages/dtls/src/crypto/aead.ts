/** How long the nonces of all AEAD ciphers here are, in bytes (RFC 5116 §3.2). */
export const nonceLength = 12;

/** Authenticated encryption under one key. One owner per key and direction: a nonce must never come twice. */
export interface Aead {
  /** How much longer than the plaintext the sealed bytes are, in bytes. */
  readonly tagLength: number;

  /**
   * Writes ciphertext and tag to `target` from `offset` on, where `plaintext.length + tagLength` bytes must be
   * free. The inputs are not kept.
   */
  seal(
    nonce: Uint8Array,
    additionalData: Uint8Array,
    plaintext: Uint8Array,
    target: Uint8Array,
    offset: number,
  ): void;

  /** The plaintext in fresh memory, or `undefined` when the tag, compared in constant time, is not right. */
  open(nonce: Uint8Array, additionalData: Uint8Array, sealed: Uint8Array): Uint8Array | undefined;

  /** Gives back what is held only for speed; the cipher stays usable. */
  rest(): void;

  /** Overwrites the key; the cipher is of no use from here on. */
  destroy(): void;
}
