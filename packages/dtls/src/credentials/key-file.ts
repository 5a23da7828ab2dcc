import { AlertDescription } from '../wire/alert-description.ts';
import { isMalformed, malformed, type Malformed } from '../wire/malformed.ts';
import { parseCertificate } from './certificate.ts';
import { asText, decodePem, looksLikePem } from './pem.ts';
import { parseSubjectPublicKeyInfo } from './raw-public-key.ts';

/** The DER SubjectPublicKeyInfo in a file or resource that is DER or PEM, checked to be a key that can be used. */
export function readPublicKey(input: Uint8Array): Uint8Array | Malformed {
  const [info, ...others] = derOf(input, 'PUBLIC KEY');
  if (info === undefined || others.length > 0) return problem('exactly one public key', input);
  const key = parseSubjectPublicKeyInfo(info);
  return isMalformed(key) ? key : info;
}

/** The DER certificates in a file or resource that is DER or PEM, at least one, in their order; each can be read. */
export function readCertificates(input: Uint8Array): readonly Uint8Array[] | Malformed {
  const certificates = derOf(input, 'CERTIFICATE');
  for (const der of certificates) {
    const certificate = parseCertificate(der);
    if (isMalformed(certificate)) return certificate;
  }
  return certificates.length === 0 ? problem('at least one certificate', input) : certificates;
}

function derOf(input: Uint8Array, label: string): readonly Uint8Array[] {
  if (!looksLikePem(input)) return [input.slice()];
  const blocks = decodePem(asText(input));
  return isMalformed(blocks) ? [] : blocks.filter((block) => block.label === label).map(({ bytes }) => bytes);
}

function problem(needed: string, input: Uint8Array): Malformed {
  const blocks = decodePem(asText(input));
  const reason = isMalformed(blocks) ? blocks.reason : `There must be ${needed} in the PEM text.`;
  return malformed(reason, AlertDescription.internalError);
}
