import { ByteWriter } from '@dunlin/base';

import { PresentationReader } from './presentation-reader.ts';
import type { Malformed } from './malformed.ts';
import { writeUint16List, writeVector } from './vector-writer.ts';

/** ClientCertificateType `ecdsa_sign` (RFC 8422 §5.5). */
export const ecdsaSign = 64;

/** The server asks for a client certificate or raw public key (RFC 5246 §7.4.4). */
export interface CertificateRequest {
  /** ClientCertificateTypes, known or not; at least one. */
  readonly certificateTypes: readonly number[];
  /** SignatureAndHashAlgorithms the server verifies, known or not; at least one. */
  readonly signatureAlgorithms: readonly number[];
  /** DER distinguished names of acceptable authorities; empty means any. */
  readonly certificateAuthorities: readonly Uint8Array[];
}

/** The body of the message. */
export function encodeCertificateRequest(request: CertificateRequest): Uint8Array {
  const writer = new ByteWriter();
  writeVector(writer, 1, Uint8Array.from(request.certificateTypes));
  writeUint16List(writer, request.signatureAlgorithms);
  const authorities = new ByteWriter();
  for (const name of request.certificateAuthorities) writeVector(authorities, 2, name);
  writeVector(writer, 2, authorities.toBytes());
  return writer.toBytes();
}

/** Reads the body of the message; the names are copies and not looked into. */
export function decodeCertificateRequest(body: Uint8Array): CertificateRequest | Malformed {
  const reader = new PresentationReader(body);
  const certificateTypes = [...reader.vector({ lengthBytes: 1, min: 1 })];
  const signatureAlgorithms = reader.uint16List({ lengthBytes: 2, min: 2, max: 0xfffe });
  const names = reader.nested({ lengthBytes: 2 });
  const certificateAuthorities: Uint8Array[] = [];
  while (names.remaining > 0) {
    certificateAuthorities.push(names.vector({ lengthBytes: 2, min: 1 }).slice());
  }
  return (
    reader.problem('CertificateRequest') ?? { certificateTypes, signatureAlgorithms, certificateAuthorities }
  );
}
