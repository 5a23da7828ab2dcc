import { type Cipheriv, createCipheriv, type KeyObject } from 'node:crypto';

import { nonceLength } from './aead.ts';
import { plainBytes } from './plain-bytes.ts';

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

/** How many records' key streams are made ahead: those of nonces that differ in the last three bits only. */
const recordsAhead = 8;
/** For S_0 and 80 bytes of plaintext; longer records have key streams of their own. */
const blocksAhead = 6;
const bytesAhead = blocksAhead * blockLength;

/** The counter blocks of such records; only the nonce in them is written. */
const countersAhead = new Uint8Array(recordsAhead * bytesAhead);
for (let start = 0; start < countersAhead.length; start += blockLength) {
  countersAhead[start] = counterFlags;
  countersAhead[start + blockLength - 1] = (start / blockLength) % blocksAhead;
}

/**
 * CCM (RFC 3610) out of two cipher objects that live as long as the key, which saves making one per record. The
 * CBC-MAC of a record is one `update` of a CBC cipher that is never finished: XOR-ing the last ciphertext block
 * of the record before into the first block cancels the chaining. The key stream is one `update` of an ECB cipher
 * over all counter blocks. Nonces end in sequence numbers: when they come in their order, the key streams of the next few
 * are made in the same call. AES itself stays in OpenSSL; what is done here has no branch or index that depends on a
 * secret.
 */
export class CcmStreams {
  readonly #mac: Cipheriv;
  readonly #keyStream: Cipheriv;
  /** The last ciphertext block of the CBC cipher, at first its initialisation vector. */
  readonly #chained: Uint8Array = new Uint8Array(blockLength);
  /** The nonce of the record before. */
  readonly #lastNonce: Uint8Array = new Uint8Array(nonceLength);
  /** The key streams made ahead, and the first nonce that they are for. */
  #ahead: Uint8Array | undefined;
  readonly #aheadNonce: Uint8Array = new Uint8Array(nonceLength);
  /** Where in the bytes that `#streamOf` gave last the key stream begins. */
  #streamStart = 0;

  constructor(key: KeyObject) {
    this.#mac = createCipheriv('aes-128-cbc', key, this.#chained).setAutoPadding(false);
    // oxlint-disable-next-line unicorn/no-null -- a cipher without initialisation vector is asked for with null
    this.#keyStream = createCipheriv('aes-128-ecb', key, null).setAutoPadding(false);
  }

  /** Overwrites what was made ahead; to be called before the last reference goes. */
  destroy(): void {
    this.#ahead?.fill(0);
    this.#ahead = undefined;
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
    const start = this.#streamStart;
    const mac = this.#macOf(nonce, additionalData, plaintext);
    for (let index = 0; index < plaintext.length; index += 1) {
      target[offset + index] = at(plaintext, index) ^ at(stream, start + blockLength + index);
    }
    const tagOffset = offset + plaintext.length;
    for (let index = 0; index < tagLength; index += 1) {
      target[tagOffset + index] = at(mac, index) ^ at(stream, start + index);
    }
  }

  /** As `Aead.open`, for sealed bytes of `tagLength` to `maxStreamedLength + tagLength`. */
  open(nonce: Uint8Array, additionalData: Uint8Array, sealed: Uint8Array): Uint8Array | undefined {
    const length = sealed.length - tagLength;
    const stream = this.#streamOf(nonce, length);
    const start = this.#streamStart;
    const plaintext = new Uint8Array(length);
    for (let index = 0; index < length; index += 1) {
      plaintext[index] = at(sealed, index) ^ at(stream, start + blockLength + index);
    }
    const mac = this.#macOf(nonce, additionalData, plaintext);
    let difference = 0;
    for (let index = 0; index < tagLength; index += 1) {
      difference |= at(sealed, length + index) ^ at(mac, index) ^ at(stream, start + index);
    }
    if (difference === 0) return plaintext;
    plaintext.fill(0);
    return undefined;
  }

  /**
   * S_0, with which the tag is encrypted, and behind it the key stream of the plaintext (RFC 3610 §2.3), from
   * `#streamStart` on.
   */
  #streamOf(nonce: Uint8Array, length: number): Uint8Array {
    const blocks = 1 + Math.ceil(length / blockLength);
    const isNext = isSuccessor(nonce, this.#lastNonce);
    copy(nonce, 0, nonceLength, this.#lastNonce, 0);
    const ahead = blocks > blocksAhead ? undefined : this.#aheadOf(nonce, isNext);
    this.#streamStart = ahead === undefined ? 0 : (at(nonce, nonceLength - 1) % recordsAhead) * bytesAhead;
    if (ahead !== undefined) return ahead;
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

  /** Key streams made ahead that a nonce's is among; made now if records come in their order. */
  #aheadOf(nonce: Uint8Array, isNext: boolean): Uint8Array | undefined {
    if (this.#ahead !== undefined && isOfGroup(nonce, this.#aheadNonce)) return this.#ahead;
    if (!isNext) return undefined;
    const last = at(nonce, nonceLength - 1);
    const first = last - (last % recordsAhead);
    copy(nonce, 0, nonceLength, this.#aheadNonce, 0);
    this.#aheadNonce[nonceLength - 1] = first;
    for (let start = 0; start < countersAhead.length; start += blockLength) {
      copy(nonce, 0, nonceLength - 1, countersAhead, start + 1);
      countersAhead[start + nonceLength] = first + Math.floor(start / bytesAhead);
    }
    this.#ahead = plainBytes(this.#keyStream.update(countersAhead));
    return this.#ahead;
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

/** True for the nonce of the record that follows another, but where a carry would be needed. */
function isSuccessor(nonce: Uint8Array, previous: Uint8Array): boolean {
  if (at(nonce, nonceLength - 1) !== at(previous, nonceLength - 1) + 1) return false;
  return hasSameStart(nonce, previous);
}

/** True for one of the nonces that a group of key streams, whose first nonce is given, is for. */
function isOfGroup(nonce: Uint8Array, first: Uint8Array): boolean {
  const last = at(nonce, nonceLength - 1);
  if (last - (last % recordsAhead) !== at(first, nonceLength - 1)) return false;
  return hasSameStart(nonce, first);
}

/** Compares all but the last byte; nonces are no secrets. */
function hasSameStart(nonce: Uint8Array, other: Uint8Array): boolean {
  for (let index = nonceLength - 2; index >= 0; index -= 1) {
    if (at(nonce, index) !== at(other, index)) return false;
  }
  return true;
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
