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
  readonly #salt: Uint8Array;

  constructor(aead: Aead, salt: Uint8Array) {
    this.#aead = aead;
    this.#salt = salt.slice();
  }

  get maxExpansion(): number {
    return explicitNonceLength + this.#aead.tagLength;
  }

  sealedLength(plaintextLength: number): number {
    return explicitNonceLength + plaintextLength + this.#aead.tagLength;
  }

  seal(header: RecordHeader, plaintext: Uint8Array, target: Uint8Array, offset: number): void {
    nonce.set(this.#salt);
    writeUint16(nonce, saltLength, header.epoch);
    writeSequenceNumber(nonce, saltLength + 2, header.sequenceNumber);
    target.set(nonce.subarray(saltLength), offset);
    const authenticated = additionalData(header, plaintext.length);
    this.#aead.seal(nonce, authenticated, plaintext, target, offset + explicitNonceLength);
  }

  open(record: DtlsRecord): Uint8Array | undefined {
    const { fragment } = record;
    const length = fragment.length - explicitNonceLength - this.#aead.tagLength;
    if (length < 0) return undefined;
    nonce.set(this.#salt);
    // The peer chooses its explicit nonces; that they are epoch and sequence number is only its best choice.
    nonce.set(fragment.subarray(0, explicitNonceLength), saltLength);
    return this.#aead.open(nonce, additionalData(record, length), fragment.subarray(explicitNonceLength));
  }

  rest(): void {
    this.#aead.rest();
  }
}
