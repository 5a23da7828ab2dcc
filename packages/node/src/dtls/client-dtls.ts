import { UsageError } from '@dunlin/base';
import type { CredentialFor, SecureBinding, SecureCredential } from '@dunlin/client';
import {
  certificateCredential,
  isMalformed,
  type Malformed,
  parsePrivateKey,
  pskCredential,
  rawPublicKeyCredential,
} from '@dunlin/dtls';

import { dtlsClient, type DtlsClientOptions } from './dtls-client.ts';
import type { ClientCredential } from './dtls-credentials.ts';

/** How an LwM2M Client speaks DTLS: as `dtlsClient`, with the credentials of its Security Object. */
export type ClientDtlsOptions = Omit<DtlsClientOptions, 'credentialFor'>;

/**
 * The secure binding of an `LwM2mClient`: CoAP over DTLS on one UDP socket, with pre-shared keys, raw public keys and
 * certificates as the Security Object has them (1.0 §7.1.7 to §7.1.9). Keys that cannot be used make the registration
 * fail with the reason.
 */
export function clientDtls(options: Readonly<ClientDtlsOptions>): SecureBinding {
  return (credentialFor: CredentialFor) =>
    dtlsClient({ ...options, credentialFor: (host, port) => usableCredential(credentialFor(host, port)) });
}

/** The bytes of a Security instance as DTLS takes them. Throws `UsageError` where they are of no use. */
export function usableCredential(credential: SecureCredential): ClientCredential {
  switch (credential.kind) {
    case 'psk':
      return { credential: usable(pskCredential(credential.identity, credential.key.reveal())) };
    case 'raw-public-key': {
      const privateKey = usable(parsePrivateKey(credential.privateKey.reveal()));
      return {
        credential: usable(rawPublicKeyCredential(privateKey, credential.publicKey)),
        trust: { kind: 'raw-public-key', publicKeys: [credential.serverPublicKey] },
      };
    }
    case 'certificate': {
      const privateKey = usable(parsePrivateKey(credential.privateKey.reveal()));
      return {
        credential: usable(certificateCredential(privateKey, [credential.certificate])),
        trust: { kind: 'domain-issued-certificate', certificates: [credential.serverCertificate] },
      };
    }
  }
}

function usable<T extends object>(made: T | Malformed): T {
  if (isMalformed(made))
    throw new UsageError(`The Security Object holds what DTLS cannot use: ${made.reason}`);
  return made;
}
