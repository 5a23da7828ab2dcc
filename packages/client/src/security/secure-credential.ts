import { Secret, UsageError, utf8Decode } from '@dunlin/base';
import { Security } from '@dunlin/lwm2m';

import type { ObjectTree } from '../object-tree/object-tree.ts';
import { storedBytes, storedNumber, storedText } from '../object-tree/stored-value.ts';
import { parseServerUri } from '../registration/server-uri.ts';
import { accountsIn, bootstrapInstanceIn } from './account-instances.ts';
import { SecurityMode } from './server-security.ts';

/**
 * What a device proves who it is with to one Server, and what it knows the Server by: the bytes of its Security
 * instance, for a binding with DTLS to make a handshake with.
 */
export type SecureCredential =
  | { readonly kind: 'psk'; readonly identity: string; readonly key: Secret }
  | {
      readonly kind: 'raw-public-key';
      /** DER SubjectPublicKeyInfo (RFC 7250). */
      readonly publicKey: Uint8Array;
      /** DER: PKCS#8 or SEC1. */
      readonly privateKey: Secret;
      /** DER SubjectPublicKeyInfo: the only one to be trusted. */
      readonly serverPublicKey: Uint8Array;
    }
  | {
      readonly kind: 'certificate';
      /** DER. */
      readonly certificate: Uint8Array;
      /** DER: PKCS#8 or SEC1. */
      readonly privateKey: Secret;
      /** DER: the only one to be trusted, provided that it names the host. */
      readonly serverCertificate: Uint8Array;
    };

/**
 * The credential for the Server at a host and port, as they stand in its URI. Throws `UsageError` when there is no such
 * Server, or what its Security instance says is of no use.
 */
export type CredentialFor = (host: string, port: number) => SecureCredential;

/** The credential for the Server at a host and port; see `CredentialFor`. */
export function credentialAt(tree: ObjectTree, host: string, port: number): SecureCredential {
  const isThere = (id: number): boolean => {
    const uri = parseServerUri(storedText(tree, Security(id).lwm2mServerUri.path) ?? '');
    return uri.isSecure && uri.host === host && uri.port === port;
  };
  const objectInstanceId = tree.instanceIds(Security.definition.id).find(isThere);
  if (objectInstanceId === undefined) throw new UsageError(`There is no Server at ${host}:${port}.`);
  return secureCredential(tree, objectInstanceId);
}

/** The credential for the Bootstrap-Server; `undefined` when there is none, or it is without security. */
export function bootstrapCredential(tree: ObjectTree): SecureCredential | undefined {
  const id = bootstrapInstanceIn(tree);
  if (id === undefined) return undefined;
  const isSecure = storedNumber(tree, Security(id).securityMode.path) !== SecurityMode.none;
  return isSecure ? secureCredential(tree, id) : undefined;
}

/** The credential for a Server with security. Throws `UsageError` when there is no such Server. */
export function credentialOf(tree: ObjectTree, shortServerId: number): SecureCredential {
  const account = accountsIn(tree).find((candidate) => candidate.shortServerId === shortServerId);
  if (account === undefined) throw new UsageError(`There is no Server ${shortServerId}.`);
  return secureCredential(tree, account.securityInstanceId);
}

/** The credential in the Security instance `/0/{objectInstanceId}`, as it is now; the secrets are copies. */
function secureCredential(tree: ObjectTree, objectInstanceId: number): SecureCredential {
  const instance = Security(objectInstanceId);
  const mode = storedNumber(tree, instance.securityMode.path);
  const own = storedBytes(tree, instance.publicKeyOrIdentity.path);
  const server = storedBytes(tree, instance.serverPublicKey.path);
  const secret = new Secret(storedBytes(tree, instance.secretKey.path).slice());
  if (mode === SecurityMode.psk) {
    const identity = utf8Decode(own);
    if (identity === undefined) throw new UsageError('A PSK identity is UTF-8 (RFC 4279 §5.1).');
    return { kind: 'psk', identity, key: secret };
  }
  if (mode === SecurityMode.rawPublicKey) {
    return { kind: 'raw-public-key', publicKey: own, privateKey: secret, serverPublicKey: server };
  }
  if (mode === SecurityMode.certificate) {
    return { kind: 'certificate', certificate: own, privateKey: secret, serverCertificate: server };
  }
  throw new UsageError(`The security mode ${mode} is none that a credential belongs to.`);
}
