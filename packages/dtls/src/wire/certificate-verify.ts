import { ByteWriter } from '@dunlin/base';

import { PresentationReader } from './presentation-reader.ts';
import type { Malformed } from './malformed.ts';
import { writeVector } from './vector-writer.ts';

/** A client proves that it has the key of its certificate (RFC 5246 §7.4.8). */
export interface CertificateVerify {
  /** SignatureAndHashAlgorithm, known or not. */
  readonly signatureScheme: number;
  /** Over all handshake messages so far; not yet verified. */
  readonly signature: Uint8Array;
}

/** The body of the message. */
export function encodeCertificateVerify(message: CertificateVerify): Uint8Array {
  const writer = new ByteWriter().uint16(message.signatureScheme);
  writeVector(writer, 2, message.signature);
  return writer.toBytes();
}

/** Reads the body of the message; the signature is a copy. */
export function decodeCertificateVerify(body: Uint8Array): CertificateVerify | Malformed {
  const reader = new PresentationReader(body);
  const message = {
    signatureScheme: reader.uint16(),
    signature: reader.vector({ lengthBytes: 2, min: 1 }).slice(),
  };
  return reader.problem('CertificateVerify') ?? message;
}
