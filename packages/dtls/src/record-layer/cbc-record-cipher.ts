import { createCipheriv, createDecipheriv, createHmac, timingSafeEqual } from 'node:crypto';

import type { Random } from '@dunlin/base';

import { plainBytes } from '../crypto/plain-bytes.ts';
import type { RestableKey } from '../crypto/restable-key.ts';
import type { DtlsRecord, RecordHeader } from '../wire/record.ts';
import { additionalData } from './additional-data.ts';
import type { RecordCipher } from './record-cipher.ts';

const algorithm = 'aes-128-cbc';
const blockLength = 16;
const macLength = 32;

/**
 * AES-128-CBC with HMAC-SHA-256 in the order encrypt, then MAC (RFC 7366): a forged record is found out before
 * anything is decrypted, which leaves padding oracles nothing to ask. The original order (RFC 5246 §6.2.3.2) is not
 * implemented; a handshake that does not agree on encrypt_then_mac cannot have a CBC suite.
 */
export class CbcRecordCipher implements RecordCipher {
  readonly maxExpansion: number = blockLength + blockLength + macLength;
  readonly #key: RestableKey;
  readonly #macKey: RestableKey;
  readonly #random: Random;

  /** Initialisation vectors are drawn from `random`, which must be unpredictable (RFC 5246 §6.2.3.2). */
  constructor(key: RestableKey, macKey: RestableKey, random: Random) {
    this.#key = key;
    this.#macKey = macKey;
    this.#random = random;
  }

  sealedLength(plaintextLength: number): number {
    return blockLength + plaintextLength + paddingOf(plaintextLength) + macLength;
  }

  seal(header: RecordHeader, plaintext: Uint8Array, target: Uint8Array, offset: number): void {
    const padding = paddingOf(plaintext.length);
    const padded = new Uint8Array(plaintext.length + padding).fill(padding - 1);
    padded.set(plaintext);
    const vector = this.#random.bytes(blockLength);
    const cipher = createCipheriv(algorithm, this.#key.object, vector).setAutoPadding(false);
    target.set(vector, offset);
    target.set(cipher.update(padded), offset + blockLength);
    cipher.final();
    padded.fill(0);
    const end = offset + blockLength + padded.length;
    target.set(this.#macOf(header, target.subarray(offset, end)), end);
  }

  open(record: DtlsRecord): Uint8Array | undefined {
    const { fragment } = record;
    const end = fragment.length - macLength;
    if (end < 2 * blockLength || end % blockLength !== 0) return undefined;
    const encrypted = fragment.subarray(0, end);
    if (!timingSafeEqual(this.#macOf(record, encrypted), fragment.subarray(end))) return undefined;
    const vector = encrypted.subarray(0, blockLength);
    const decipher = createDecipheriv(algorithm, this.#key.object, vector).setAutoPadding(false);
    const padded = plainBytes(decipher.update(encrypted.subarray(blockLength)));
    decipher.final();
    return unpadded(padded);
  }

  rest(): void {
    this.#key.rest();
    this.#macKey.rest();
  }

  destroy(): void {
    this.#key.destroy();
    this.#macKey.destroy();
  }

  /** Over header, initialisation vector and ciphertext, whose length it names (RFC 7366 §3, RFC 9146 §5.2). */
  #macOf(header: RecordHeader, encrypted: Uint8Array): Uint8Array {
    return createHmac('sha256', this.#macKey.object)
      .update(additionalData(header, encrypted.length))
      .update(encrypted)
      .digest();
  }
}

/** Whole blocks with at least one byte of padding (RFC 5246 §6.2.3.2). */
function paddingOf(plaintextLength: number): number {
  return blockLength - (plaintextLength % blockLength);
}

/** Without its padding, which is authentic: a wrong one is the peer's mistake and no oracle. */
function unpadded(padded: Uint8Array): Uint8Array | undefined {
  const last = padded.at(-1) ?? 0;
  const length = padded.length - last - 1;
  if (length < 0) return undefined;
  return padded.subarray(length).every((byte) => byte === last) ? padded.subarray(0, length) : undefined;
}
