import type { CertificateFacts, CredentialDocument } from '@dunlin/api';
import { base64Encode, StorageError } from '@dunlin/base';
import type { CredentialSummary } from '@dunlin/server';

import { certificateFacts } from './certificate-facts.ts';
import { instantText } from './device-to-summary.ts';
import { fingerprint } from './identity-text.ts';

/** The JSON form of a credential. Throws a `StorageError` for one that nobody can have put into the store. */
export function credentialToDocument({
  id,
  endpointName,
  proof,
  createdAt,
}: CredentialSummary): CredentialDocument {
  const facts = { id, createdAt: instantText(createdAt) };
  if (proof.kind === 'trust-anchor') {
    return { ...facts, kind: proof.kind, endpoint: endpointName ?? null, ...factsOf(proof.certificate) };
  }
  if (endpointName === undefined) throw new StorageError(`the credential ${id} belongs to nobody`);
  const of = { ...facts, endpoint: endpointName };
  switch (proof.kind) {
    case 'psk':
      return { ...of, kind: proof.kind, identity: proof.identity };
    case 'raw-public-key': {
      const { publicKey } = proof;
      return {
        ...of,
        kind: proof.kind,
        publicKey: base64Encode(publicKey),
        fingerprint: fingerprint(publicKey),
      };
    }
    case 'certificate':
      return { ...of, kind: proof.kind, ...factsOf(proof.certificate) };
  }
}

function factsOf(certificate: Uint8Array): CertificateFacts {
  const facts = certificateFacts(certificate);
  if (facts === undefined) throw new StorageError('a certificate in the credential store cannot be read');
  return facts;
}
