import type { PresentationReader } from '../presentation-reader.ts';

/** CertificateType: X.509 chains (RFC 6091) and raw public keys (RFC 7250 §3). */
export const CertificateType = { x509: 0, rawPublicKey: 2 } as const;

/** One of the certificate types of this stack. */
export type CertificateType = (typeof CertificateType)[keyof typeof CertificateType];

/** True for a certificate type of this stack. */
export function isCertificateType(type: number): type is CertificateType {
  return type === CertificateType.x509 || type === CertificateType.rawPublicKey;
}

/** Writes a client's list of client_certificate_type or server_certificate_type (RFC 7250 §3). */
export function encodeCertificateTypes(types: readonly number[]): Uint8Array {
  return Uint8Array.of(types.length, ...types);
}

/** Reads a client's list, unknown types included, at least one. */
export function decodeCertificateTypes(reader: PresentationReader): readonly number[] {
  return [...reader.vector({ lengthBytes: 1, min: 1 })];
}
