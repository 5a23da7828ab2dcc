import type { KeyObject } from 'node:crypto';

import { isSignatureScheme, SignatureScheme } from '../wire/extension/signature-algorithms.ts';
import { NamedGroup } from '../wire/extension/supported-groups.ts';

/** The signature schemes this stack verifies, most preferred first. */
export const verifiedSchemes: readonly SignatureScheme[] = [
  SignatureScheme.ecdsaSha256,
  SignatureScheme.ecdsaSha384,
];

/** The peer's most preferred scheme that this side can sign with, or `undefined` when there is none. */
export function chooseSignatureScheme(offered: readonly number[]): SignatureScheme | undefined {
  return offered.find((scheme) => isSignatureScheme(scheme));
}

/** The group a signing key is on. */
export function groupOfKey(key: KeyObject): NamedGroup | undefined {
  switch (key.asymmetricKeyDetails?.namedCurve) {
    case 'prime256v1':
      return NamedGroup.secp256r1;
    case 'secp384r1':
      return NamedGroup.secp384r1;
    case undefined:
    default:
      return undefined;
  }
}
