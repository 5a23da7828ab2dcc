import { hash } from 'node:crypto';

import { concatBytes } from '@dunlin/base';

import { plainBytes } from './plain-bytes.ts';

const blockLength = 64;

/** Reused for all messages that fit, and overwritten each time: the pads in it give the key away. */
const scratch = new Uint8Array(1024);

/**
 * HMAC-SHA-256 (RFC 2104) under one key, out of hashes in one call each. Making an object of `createHmac` for each
 * message, and collecting it, costs more than to compute it, and a handshake has a dozen of them. The hash itself stays
 * in OpenSSL.
 */
export class HmacSha256 {
  readonly #innerPad: Uint8Array = new Uint8Array(blockLength);
  readonly #outerPad: Uint8Array = new Uint8Array(blockLength);

  /** Does not keep the key's bytes. */
  constructor(key: Uint8Array) {
    const short = key.length > blockLength ? sha256([key]) : key;
    for (let index = 0; index < blockLength; index += 1) {
      const byte = short[index] ?? 0;
      this.#innerPad[index] = byte ^ 0x36;
      this.#outerPad[index] = byte ^ 0x5c;
    }
    if (short !== key) short.fill(0);
  }

  /** The 32 bytes for a message in parts. */
  digest(...message: readonly Uint8Array[]): Uint8Array {
    return sha256([this.#outerPad, sha256([this.#innerPad, ...message])]);
  }

  /** Overwrites what it has of the key; it is of no use from here on. */
  destroy(): void {
    this.#innerPad.fill(0);
    this.#outerPad.fill(0);
  }
}

function sha256(parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  if (length > scratch.length) {
    const joined = concatBytes(parts);
    const digest = plainBytes(hash('sha256', joined, 'buffer'));
    joined.fill(0);
    return digest;
  }
  let offset = 0;
  for (const part of parts) {
    scratch.set(part, offset);
    offset += part.length;
  }
  const digest = plainBytes(hash('sha256', scratch.subarray(0, length), 'buffer'));
  scratch.fill(0, 0, length);
  return digest;
}
