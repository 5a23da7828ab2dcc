import { type Cipheriv, createCipheriv, type KeyObject } from 'node:crypto';

import { nonceLength } from './aead.ts';

/** Longer plaintexts are left to the built-in CCM, which is as fast there. */
export const maxStreamedLength = 512;

const blockLength = 16;
const tagLength = 8;
/** L − 1, the width of the counter less one, where the nonce has 12 bytes (RFC 3610 §2.3). */
const counterFlags = 2;
/** Adata, (M − 2) / 2 and L − 1 (RFC 3610 §2.2). */
const firstBlockFlags = 0x40 | (((tagLength - 2) / 2) << 3) | counterFlags;

/** Room for B_0, the longest additional data of a record (with a connection id) and the plaintext. */
const maxAdditionalData = 300;
const authenticated = new Uint8Array(blockLength * 3 + maxAdditionalData + maxStreamedLength);
const counters = new Uint8Array(blockLength * 2 + maxStreamedLength);

/**
 * CCM (RFC 3610) out of two cipher objects that live as long as the key, which saves making one per record. The
 * CBC-MAC of a record is one `update` of a CBC cipher that is never finished: XOR-ing the last ciphertext block
 * of the record before into the first block cancels the chaining. The key stream is one `update` of an ECB cipher
 * over all counter blocks. AES itself stays in OpenSSL; what is done here has no branch or index that depends
 * on a secret.
 */
export class CcmStreams {
  readonly #mac: Cipheriv;
  readonly #keyStream: Cipheriv;
  /** The last ciphertext block of the CBC cipher, at first its initialisation vector. */
  readonly #chained: Uint8Array = new Uint8Array(blockLength);

  constructor(key: KeyObject) {
    this.#mac = createCipheriv('aes-128-cbc', key, this.#chained).setAutoPadding(false);
    // oxlint-disable-next-line unicorn/no-null -- a cipher without initialisation vector is asked for with null
    this.#keyStream = createCipheriv('aes-128-ecb', key, null).setAutoPadding(false);
  }

  /** As `Aead.seal`, for plaintexts of up to `maxStreamedLength` bytes. */
  seal(
    nonce: Uint8Array,
    additionalData: Uint8Array,
    plaintext: Uint8Array,
    target: Uint8Array,
    offset: number,
  ): void {
    const stream = this.#streamOf(nonce, plaintext.length);
    const mac = this.#macOf(nonce, additionalData, plaintext);
    for (let index = 0; index < plaintext.length; index += 1) {
      target[offset + index] = at(plaintext, index) ^ at(stream, blockLength + index);
    }
    const tagOffset = offset + plaintext.length;
    for (let index = 0; index < tagLength; index += 1) {
      target[tagOffset + index] = at(mac, index) ^ at(stream, index);
    }
  }

  /** As `Aead.open`, for sealed bytes of `tagLength` to `maxStreamedLength + tagLength`. */
  open(nonce: Uint8Array, additionalData: Uint8Array, sealed: Uint8Array): Uint8Array | undefined {
    const length = sealed.length - tagLength;
    const stream = this.#streamOf(nonce, length);
    const plaintext = new Uint8Array(length);
    for (let index = 0; index < length; index += 1) {
      plaintext[index] = at(sealed, index) ^ at(stream, blockLength + index);
    }
    const mac = this.#macOf(nonce, additionalData, plaintext);
    let difference = 0;
    for (let index = 0; index < tagLength; index += 1) {
      difference |= at(sealed, length + index) ^ at(mac, index) ^ at(stream, index);
    }
    if (difference === 0) return plaintext;
    plaintext.fill(0);
    return undefined;
  }

  /** S_0, with which the tag is encrypted, and behind it the key stream of the plaintext (RFC 3610 §2.3). */
  #streamOf(nonce: Uint8Array, length: number): Uint8Array {
    const blocks = 1 + Math.ceil(length / blockLength);
    for (let block = 0; block < blocks; block += 1) {
      const start = block * blockLength;
      counters[start] = counterFlags;
      copy(nonce, 0, nonceLength, counters, start + 1);
      counters[start + 13] = 0;
      counters[start + 14] = block >>> 8;
      counters[start + 15] = block & 0xff;
    }
    return this.#keyStream.update(counters.subarray(0, blocks * blockLength));
  }

  /** T before it is encrypted, of which the first 8 bytes count (RFC 3610 §2.2); it lasts until the next record. */
  #macOf(nonce: Uint8Array, additionalData: Uint8Array, plaintext: Uint8Array): Uint8Array {
    authenticated[0] = firstBlockFlags;
    copy(nonce, 0, nonceLength, authenticated, 1);
    writeLength(1 + nonceLength, 3, plaintext.length);
    for (let index = 0; index < blockLength; index += 1) {
      authenticated[index] = at(authenticated, index) ^ at(this.#chained, index);
    }
    writeLength(blockLength, 2, additionalData.length);
    copy(additionalData, 0, additionalData.length, authenticated, blockLength + 2);
    const plaintextStart = padded(blockLength + 2 + additionalData.length);
    authenticated.set(plaintext, plaintextStart);
    const end = padded(plaintextStart + plaintext.length);
    const chain = this.#mac.update(authenticated.subarray(0, end));
    copy(chain, end - blockLength, blockLength, this.#chained, 0);
    authenticated.fill(0, plaintextStart, end);
    return this.#chained;
  }
}

/** Fills with zeros up to the next whole block and says where that begins. */
function padded(end: number): number {
  const blockEnd = Math.ceil(end / blockLength) * blockLength;
  authenticated.fill(0, end, blockEnd);
  return blockEnd;
}

/** For a few bytes, quicker than `set` with a view. */
function copy(from: Uint8Array, start: number, length: number, target: Uint8Array, offset: number): void {
  for (let index = 0; index < length; index += 1) target[offset + index] = at(from, start + index);
}

function writeLength(offset: number, width: number, length: number): void {
  for (let index = 0; index < width; index += 1) {
    authenticated[offset + width - 1 - index] = (length >>> (8 * index)) & 0xff;
  }
}

function at(bytes: Uint8Array, index: number): number {
  return bytes[index] ?? 0;
}
