import { ByteWriter } from '@dunlin/base';

import { AlertDescription } from './alert-description.ts';
import { PresentationReader } from './presentation-reader.ts';
import { CertificateType } from './extension/certificate-types.ts';
import { malformed, type Malformed } from './malformed.ts';
import { writeVector } from './vector-writer.ts';

/** What a peer shows to be authenticated by (RFC 5246 §7.4.2, RFC 7250 §3). */
export type Certificate =
  | {
      readonly kind: 'x509';
      /** DER certificates, the sender's own first; empty when a client has none. */
      readonly chain: readonly Uint8Array[];
    }
  | {
      readonly kind: 'raw-public-key';
      /** A DER SubjectPublicKeyInfo; empty when a client has none. */
      readonly subjectPublicKeyInfo: Uint8Array;
    };

/** The most certificates that are read of a chain; real ones have two to four. */
export const maxCertificateChainLength = 10;

/** The body of the message. */
export function encodeCertificate(certificate: Certificate): Uint8Array {
  const writer = new ByteWriter();
  switch (certificate.kind) {
    case 'x509': {
      const list = new ByteWriter();
      for (const entry of certificate.chain) writeVector(list, 3, entry);
      writeVector(writer, 3, list.toBytes());
      break;
    }
    case 'raw-public-key':
      writeVector(writer, 3, certificate.subjectPublicKeyInfo);
      break;
  }
  return writer.toBytes();
}

/**
 * Reads the body of the message in the form that was negotiated; its byte strings are copies. What is in a
 * certificate or key is not looked at.
 */
export function decodeCertificate(body: Uint8Array, type: CertificateType): Certificate | Malformed {
  const reader = new PresentationReader(body);
  switch (type) {
    case CertificateType.x509: {
      const list = reader.nested({ lengthBytes: 3 });
      const chain: Uint8Array[] = [];
      while (list.remaining > 0 && chain.length <= maxCertificateChainLength) {
        chain.push(list.vector({ lengthBytes: 3, min: 1 }).slice());
      }
      if (chain.length > maxCertificateChainLength) {
        return malformed('Certificate: the chain is too long.', AlertDescription.badCertificate);
      }
      return reader.problem('Certificate') ?? { kind: 'x509', chain };
    }
    case CertificateType.rawPublicKey: {
      const subjectPublicKeyInfo = reader.vector({ lengthBytes: 3 }).slice();
      return reader.problem('Certificate') ?? { kind: 'raw-public-key', subjectPublicKeyInfo };
    }
  }
}
