import { ByteWriter } from '@dunlin/base';

import type { PresentationReader } from '../presentation-reader.ts';
import { writeUint16List } from '../vector-writer.ts';

/**
 * SignatureAndHashAlgorithm as one number, hash in the upper byte (RFC 5246 §7.4.1.4.1): what this stack signs
 * and verifies with. In DTLS 1.2 the hash does not bind the curve.
 */
export const SignatureScheme = { ecdsaSha256: 0x0403, ecdsaSha384: 0x0503 } as const;

/** One of the signature schemes of this stack. */
export type SignatureScheme = (typeof SignatureScheme)[keyof typeof SignatureScheme];

/** True for a signature scheme of this stack; others in a list are passed over. */
export function isSignatureScheme(scheme: number): scheme is SignatureScheme {
  return scheme === SignatureScheme.ecdsaSha256 || scheme === SignatureScheme.ecdsaSha384;
}

/** Writes the schemes, most preferred first. */
export function encodeSignatureAlgorithms(schemes: readonly number[]): Uint8Array {
  const writer = new ByteWriter();
  writeUint16List(writer, schemes);
  return writer.toBytes();
}

/** Reads the schemes, unknown ones included, at least one. */
export function decodeSignatureAlgorithms(reader: PresentationReader): readonly number[] {
  return reader.uint16List({ lengthBytes: 2, min: 2, max: 0xfffe });
}
