import { type KeyObject, sign, verify } from 'node:crypto';

import { UsageError } from '@dunlin/base';

import { SignatureScheme } from '../wire/extension/signature-algorithms.ts';
import { plainBytes } from './plain-bytes.ts';

/** Signs; the signature is DER. Throws a `UsageError` when the key is not a private one that fits (see `isSigningKey`). */
export function signWith(privateKey: KeyObject, scheme: SignatureScheme, data: Uint8Array): Uint8Array {
  if (privateKey.type !== 'private' || !isSigningKey(privateKey)) {
    throw new UsageError('Only the private key of an ECDSA pair on P-256 or P-384 can sign.');
  }
  return plainBytes(sign(hashes[scheme], data, { key: privateKey, dsaEncoding: 'der' }));
}

/** True when the signature is the public key's; false as well when the key is of the wrong type. Never throws. */
export function isSignedBy(
  publicKey: KeyObject,
  scheme: SignatureScheme,
  data: Uint8Array,
  signature: Uint8Array,
): boolean {
  if (publicKey.type !== 'public' || !isSigningKey(publicKey)) return false;
  try {
    return verify(hashes[scheme], data, { key: publicKey, dsaEncoding: 'der' }, signature);
  } catch {
    return false;
  }
}

/** True for a key, public or private, that ECDSA suites can use: EC on P-256 or P-384 (RFC 8422 §5.3). */
export function isSigningKey(key: KeyObject): boolean {
  const curve = key.asymmetricKeyDetails?.namedCurve;
  return key.asymmetricKeyType === 'ec' && (curve === 'prime256v1' || curve === 'secp384r1');
}

const hashes: Readonly<Record<SignatureScheme, string>> = {
  [SignatureScheme.ecdsaSha256]: 'sha256',
  [SignatureScheme.ecdsaSha384]: 'sha384',
};
