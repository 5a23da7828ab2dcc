import type { DtlsRecord, RecordHeader } from '../wire/record.ts';

/** Protects the fragments of one direction of one epoch; what goes in is the plaintext that the record carries. */
export interface RecordCipher {
  /** The most bytes a fragment is longer than its plaintext. */
  readonly maxExpansion: number;

  /** The length of the fragment of so many bytes of plaintext. */
  sealedLength(plaintextLength: number): number;

  /** Writes the fragment, `sealedLength` bytes, to `target` from `offset` on. The caller never repeats a header. */
  seal(header: RecordHeader, plaintext: Uint8Array, target: Uint8Array, offset: number): void;

  /** The authenticated plaintext of a received record in fresh memory, or `undefined` when it is not authentic. */
  open(record: DtlsRecord): Uint8Array | undefined;

  /** Gives back what is held only for speed; the cipher stays usable. */
  rest(): void;

  /** Overwrites the keys; the cipher is of no use from here on. */
  destroy(): void;
}
