import { base64Encode } from '@dunlin/base';

/** The curves whose keys this stack authenticates with (RFC 8422 §5.1.1). */
export type EllipticCurve = 'prime256v1' | 'secp384r1';

/** What reading and making keys needs to know of a curve. */
interface EllipticCurveFacts {
  readonly oid: string;
  /** In bytes; a private key is as long (RFC 5915 §3). */
  readonly coordinateLength: number;
  /** The name in JSON Web Keys (RFC 7518 §6.2.1.1). */
  readonly jwkName: string;
}

/** The facts by the name that OpenSSL has for a curve (RFC 5480 §2.1.1.1). */
export const ellipticCurves: Readonly<Record<EllipticCurve, EllipticCurveFacts>> = {
  prime256v1: { oid: '1.2.840.10045.3.1.7', coordinateLength: 32, jwkName: 'P-256' },
  secp384r1: { oid: '1.3.132.0.34', coordinateLength: 48, jwkName: 'P-384' },
};

/** id-ecPublicKey (RFC 5480 §2.1.1). */
export const ecPublicKeyOid = '1.2.840.10045.2.1';

/** The curve of an object identifier, or `undefined` when it is none of ours. */
export function curveOf(oid: string): EllipticCurve | undefined {
  if (oid === ellipticCurves.prime256v1.oid) return 'prime256v1';
  if (oid === ellipticCurves.secp384r1.oid) return 'secp384r1';
  return undefined;
}

/** How a key or signature algorithm is called in reasons: by its name when it is a common one. */
export function keyAlgorithmName(oid: string): string {
  return commonNames[oid] ?? oid;
}

/** Numbers as JSON Web Keys have them (RFC 7515 §2). */
export function base64Url(bytes: Uint8Array): string {
  return base64Encode(bytes).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

const commonNames: Readonly<Record<string, string>> = {
  '1.2.840.113549.1.1.1': 'RSA',
  '1.2.840.113549.1.1.5': 'RSA with SHA-1',
  '1.2.840.113549.1.1.10': 'RSA-PSS',
  '1.2.840.113549.1.1.11': 'RSA with SHA-256',
  '1.2.840.113549.1.1.12': 'RSA with SHA-384',
  '1.2.840.113549.1.1.13': 'RSA with SHA-512',
  '1.2.840.10045.4.1': 'ECDSA with SHA-1',
  '1.2.840.10045.4.3.4': 'ECDSA with SHA-512',
  '1.3.101.110': 'X25519',
  '1.3.101.112': 'Ed25519',
  '1.3.101.113': 'Ed448',
};
