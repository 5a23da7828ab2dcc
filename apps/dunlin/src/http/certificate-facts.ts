import { X509Certificate } from 'node:crypto';

import type { CertificateFacts } from '@dunlin/api';
import { base64Encode } from '@dunlin/base';

import { instantText } from './device-to-summary.ts';
import { fingerprint } from './identity-text.ts';

/** What there is to know of a DER certificate; `undefined` for bytes that are none. */
export function certificateFacts(der: Uint8Array): CertificateFacts | undefined {
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(der);
  } catch {
    return undefined;
  }
  return {
    certificate: base64Encode(der),
    fingerprint: fingerprint(der),
    subject: certificate.subject.split('\n').join(', '),
    validFrom: instantText(certificate.validFromDate.getTime()),
    validUntil: instantText(certificate.validToDate.getTime()),
  };
}
