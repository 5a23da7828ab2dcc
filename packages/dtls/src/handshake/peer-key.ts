import type { KeyObject } from 'node:crypto';

import { noBytes } from '@dunlin/base';

import { parseCertificate } from '../credentials/certificate.ts';
import type { PeerIdentity } from '../credentials/peer-identity.ts';
import { parseSubjectPublicKeyInfo } from '../credentials/raw-public-key.ts';
import { AlertDescription } from '../wire/alert-description.ts';
import type { Certificate } from '../wire/certificate.ts';
import { isMalformed, malformed, type Malformed } from '../wire/malformed.ts';

/** What a peer's Certificate message holds, with the key in a form that verifies. */
export interface PeerKey {
  readonly certificate: Certificate;
  readonly key: KeyObject;
}

/**
 * The key of a Certificate message. Whether it is trusted is not looked at; that it can verify signatures of our
 * suites is (EC on P-256 or P-384). A message without a key is refused: authentication is always mutual.
 */
export function peerKeyOf(certificate: Certificate): PeerKey | Malformed {
  switch (certificate.kind) {
    case 'raw-public-key': {
      const { subjectPublicKeyInfo } = certificate;
      if (subjectPublicKeyInfo.length === 0) return missing;
      const key = parseSubjectPublicKeyInfo(subjectPublicKeyInfo);
      return isMalformed(key) ? key : { certificate, key };
    }
    case 'x509': {
      const [own] = certificate.chain;
      if (own === undefined) return missing;
      const parsed = parseCertificate(own);
      return isMalformed(parsed) ? parsed : { certificate, key: parsed.publicKey };
    }
  }
}

/** Who a peer is that proved to have the key. */
export function identityOf(certificate: Certificate): PeerIdentity {
  switch (certificate.kind) {
    case 'raw-public-key':
      return { kind: 'raw-public-key', publicKey: certificate.subjectPublicKeyInfo };
    case 'x509':
      return { kind: 'certificate', certificate: certificate.chain[0] ?? noBytes };
  }
}

const missing = malformed('The peer has no key to show.', AlertDescription.handshakeFailure);
