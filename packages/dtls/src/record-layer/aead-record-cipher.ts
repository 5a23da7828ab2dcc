import { type Aead, nonceLength } from '../crypto/aead.ts';
import { type DtlsRecord, type RecordHeader, writeSequenceNumber, writeUint16 } from '../wire/record.ts';
import { additionalData } from './additional-data.ts';
import type { RecordCipher } from './record-cipher.ts';

const saltLength = 4;
const explicitNonceLength = nonceLength - saltLength;

/** Reused for all records; `node:crypto` copies it. */
const nonce = new Uint8Array(nonceLength);

/**
 * AEAD records (RFC 5246 §6.2.3.3): the nonce is the salt of the key block and, explicit in the record, epoch and
 * sequence number (RFC 6655 §3, RFC 5288 §3), so that it never repeats under one key.
 */
export class AeadRecordCipher implements RecordCipher {
  readonly #aead: Aead;
  /** Its 4 bytes as a number, which takes a tenth of the memory. */
  #salt: number;

  /** Takes the 4 bytes of the salt over. */
  constructor(aead: Aead, salt: Uint8Array) {
    const [first = 0, second = 0, third = 0, fourth = 0] = salt;
    this.#aead = aead;
    this.#salt = (first << 24) | (second << 16) | (third << 8) | fourth;
    salt.fill(0);
  }

  get maxExpansion(): number {
    return explicitNonceLength + this.#aead.tagLength;
  }

  sealedLength(plaintextLength: number): number {
    return explicitNonceLength + plaintextLength + this.#aead.tagLength;
  }

  seal(header: RecordHeader, plaintext: Uint8Array, target: Uint8Array, offset: number): void {
    this.#writeSalt();
    writeUint16(nonce, saltLength, header.epoch);
    writeSequenceNumber(nonce, saltLength + 2, header.sequenceNumber);
    for (let index = 0; index < explicitNonceLength; index += 1) {
      target[offset + index] = nonce[saltLength + index] ?? 0;
    }
    const authenticated = additionalData(header, plaintext.length);
    this.#aead.seal(nonce, authenticated, plaintext, target, offset + explicitNonceLength);
  }

  open(record: DtlsRecord): Uint8Array | undefined {
    const { fragment } = record;
    const length = fragment.length - explicitNonceLength - this.#aead.tagLength;
    if (length < 0) return undefined;
    this.#writeSalt();
    // The peer chooses its explicit nonces; that they are epoch and sequence number is only its best choice.
    for (let index = 0; index < explicitNonceLength; index += 1) {
      nonce[saltLength + index] = fragment[index] ?? 0;
    }
    return this.#aead.open(nonce, additionalData(record, length), fragment.subarray(explicitNonceLength));
  }

  rest(): void {
    this.#aead.rest();
  }

  destroy(): void {
    this.#aead.destroy();
    this.#salt = 0;
  }

  #writeSalt(): void {
    writeUint16(nonce, 0, this.#salt >>> 16);
    writeUint16(nonce, 2, this.#salt & 0xffff);
  }
}
