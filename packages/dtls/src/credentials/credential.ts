import { createPublicKey, type KeyObject } from 'node:crypto';

import { equalBytes, Secret, utf8Encode } from '@dunlin/base';

import { plainBytes } from '../crypto/plain-bytes.ts';
import { isSigningKey } from '../crypto/signature.ts';
import { AlertDescription } from '../wire/alert-description.ts';
import { isMalformed, malformed, type Malformed } from '../wire/malformed.ts';
import { type ParsedCertificate, parseCertificate } from './certificate.ts';
import { certificatePathDefaults } from './certificate-path.ts';
import { isSamePublicKey } from './raw-public-key.ts';

/** What this side proves who it is with. */
export type Credential = PskCredential | RawPublicKeyCredential | CertificateCredential;

/** A key that was shared in advance (RFC 4279), made by `pskCredential`. */
export interface PskCredential {
  readonly kind: 'psk';
  readonly identity: string;
  readonly key: Secret;
}

/** A key pair without a certificate (RFC 7250), made by `rawPublicKeyCredential`. */
export interface RawPublicKeyCredential {
  readonly kind: 'raw-public-key';
  readonly privateKey: KeyObject;
  /** The DER SubjectPublicKeyInfo that belongs to it. */
  readonly publicKey: Uint8Array;
}

/** A key pair with certificates, made by `certificateCredential`. */
export interface CertificateCredential {
  readonly kind: 'certificate';
  readonly privateKey: KeyObject;
  /** DER certificates, the own one first, each certified by the next (RFC 5246 §7.4.2). */
  readonly chain: readonly Uint8Array[];
}

/** The longest identity and key, in bytes; 128 and 64 must be possible. */
export const pskLimits: Readonly<{ maxIdentityLength: number; maxKeyLength: number }> = {
  maxIdentityLength: 256,
  maxKeyLength: 128,
};

/** Makes a credential out of an identity and key; both must be of 1 byte up to their limit. */
export function pskCredential(identity: string, key: Uint8Array): PskCredential | Malformed {
  const { maxIdentityLength, maxKeyLength } = pskLimits;
  const identityLength = utf8Encode(identity).length;
  if (identityLength === 0 || identityLength > maxIdentityLength) {
    return unusable(`A PSK identity has 1 to ${maxIdentityLength} bytes; this one has ${identityLength}.`);
  }
  if (key.length === 0 || key.length > maxKeyLength) {
    return unusable(`A pre-shared key has 1 to ${maxKeyLength} bytes; this one has ${key.length}.`);
  }
  return { kind: 'psk', identity, key: new Secret(key.slice()) };
}

/** Makes a credential out of a private key; when the public key is given as well, it must be the one that belongs to it. */
export function rawPublicKeyCredential(
  privateKey: KeyObject,
  publicKey?: Uint8Array,
): RawPublicKeyCredential | Malformed {
  const derived = publicKeyInfoOf(privateKey);
  if (isMalformed(derived)) return derived;
  if (publicKey !== undefined && !isSamePublicKey(derived, publicKey)) {
    return unusable('The public key does not belong to the private key.');
  }
  return { kind: 'raw-public-key', privateKey, publicKey: derived };
}

/** Makes a credential out of a private key and the chain of its certificate, which must belong together. */
export function certificateCredential(
  privateKey: KeyObject,
  chain: readonly Uint8Array[],
): CertificateCredential | Malformed {
  const derived = publicKeyInfoOf(privateKey);
  if (isMalformed(derived)) return derived;
  const { maxChainLength } = certificatePathDefaults;
  if (chain.length === 0 || chain.length > maxChainLength) {
    return unusable(`A chain has 1 to ${maxChainLength} certificates; this one has ${chain.length}.`);
  }
  const certificates: ParsedCertificate[] = [];
  for (const der of chain) {
    const certificate = parseCertificate(der);
    if (isMalformed(certificate)) return certificate;
    const below = certificates.at(-1);
    if (below !== undefined && !equalBytes(below.issuer, certificate.subject)) {
      return unusable('A certificate of the chain is not by the next one; the own one comes first.');
    }
    certificates.push(certificate);
  }
  const [own] = certificates;
  if (own === undefined || !isSamePublicKey(derived, infoOf(own.publicKey))) {
    return unusable('The first certificate is not that of the private key.');
  }
  return { kind: 'certificate', privateKey, chain: certificates.map(({ der }) => der) };
}

function publicKeyInfoOf(privateKey: KeyObject): Uint8Array | Malformed {
  if (privateKey.type !== 'private' || !isSigningKey(privateKey)) {
    return unusable('The private key is not one for ECDSA on P-256 or P-384.');
  }
  return infoOf(createPublicKey(privateKey));
}

function infoOf(publicKey: KeyObject): Uint8Array {
  return plainBytes(publicKey.export({ format: 'der', type: 'spki' })).slice();
}

function unusable(reason: string): Malformed {
  return malformed(reason, AlertDescription.internalError);
}
