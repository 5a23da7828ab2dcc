import { createHash } from 'node:crypto';

import { utf8Encode } from '@dunlin/base';
import type { Credential, PeerTrust } from '@dunlin/dtls';

import type { ClientCredential } from './dtls-credentials.ts';

/**
 * Equal for equal credentials, own and trusted, and only then: what a client binds its sessions to, so that none is
 * resumed under a credential that was changed. Not for other eyes, since short keys could be guessed from it.
 */
export function credentialFingerprint({ credential, trust }: ClientCredential): string {
  const hash = createHash('sha256');
  for (const part of [...partsOf(credential), ...(trust === undefined ? [] : trustedParts(trust))]) {
    const bytes = typeof part === 'string' ? utf8Encode(part) : part;
    hash.update(`${bytes.length} `).update(bytes);
  }
  return hash.digest('base64url');
}

function partsOf(credential: Credential): readonly (string | Uint8Array)[] {
  switch (credential.kind) {
    case 'psk':
      return [credential.kind, credential.identity, credential.key.reveal()];
    case 'raw-public-key':
      return [credential.kind, credential.publicKey];
    case 'certificate':
      return [credential.kind, ...credential.chain];
  }
}

function trustedParts(trust: PeerTrust): readonly (string | Uint8Array)[] {
  switch (trust.kind) {
    case 'raw-public-key':
      return [trust.kind, ...trust.publicKeys];
    case 'ca-constraint':
    case 'service-certificate-constraint':
      return [trust.kind, trust.certificate, ...trust.anchors.map(({ certificate }) => certificate.der)];
    case 'trust-anchor-assertion':
      return [trust.kind, ...trust.anchors.map(({ certificate }) => certificate.der)];
    case 'domain-issued-certificate':
      return [trust.kind, ...trust.certificates];
  }
}
