import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';

import { type Instant, instantFrom, utf8Encode } from '@dunlin/base';

import {
  bitString,
  boolean,
  element,
  integer,
  namedBits,
  objectIdentifier,
  octetString,
  sequence,
  set,
  time,
  utf8String,
} from './der-writer.ts';

/** A certificate and the key pair it is for. */
export interface Certified {
  readonly certificate: Uint8Array;
  readonly name: Uint8Array;
  readonly keys: KeyPair;
  readonly privateKey: KeyObject;
  /** DER SubjectPublicKeyInfo. */
  readonly publicKey: Uint8Array;
}

/** What to put into a certificate; all that is left out is as it should be. */
export interface CertificateOptions {
  /** The common name, or a whole Name as DER. */
  readonly subject?: string | Uint8Array;
  readonly issuerName?: Uint8Array;
  readonly keys?: KeyPair;
  readonly hash?: keyof typeof ecdsaWith;
  readonly notBefore?: string;
  readonly notAfter?: string;
  readonly version?: number;
  readonly extensions?: readonly Uint8Array[];
  /** Signed by this key, whatever the issuer says. */
  readonly signedBy?: KeyObject;
  /** The algorithm that is named, whatever the signature is made with. */
  readonly algorithm?: Uint8Array;
  /** The algorithm inside the signed part when it shall not be that of the signature. */
  readonly innerAlgorithm?: Uint8Array;
}

/** Key pairs as `node:crypto` makes them. */
export interface KeyPair {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

/** A time at which certificates are valid unless they say otherwise. */
export const validTime: Instant = instantFrom(Date.UTC(2026, 5, 15));

/** A key pair on a curve that is supported unless another is named. */
export function makeKeys(namedCurve = 'prime256v1'): KeyPair {
  return generateKeyPairSync('ec', { namedCurve });
}

/** Issues a certificate; without an issuer it is signed by itself. */
export function issue(options: CertificateOptions = {}, issuer?: Certified): Certified {
  const keys = options.keys ?? makeKeys();
  const publicKey = Uint8Array.from(keys.publicKey.export({ format: 'der', type: 'spki' }));
  const { subject = 'peer' } = options;
  const name = typeof subject === 'string' ? commonName(subject) : subject;
  const signer = options.signedBy ?? issuer?.privateKey ?? keys.privateKey;
  const hash = options.hash ?? 'sha256';
  const algorithm = options.algorithm ?? signatureAlgorithm(signer, hash);
  const { extensions = [], version = 2 } = options;
  const signedPart = sequence(
    ...(version === 0 ? [] : [element(0xa0, integer(version))]),
    integer(0x01, 0x23, 0x45),
    options.innerAlgorithm ?? algorithm,
    options.issuerName ?? issuer?.name ?? name,
    sequence(time(options.notBefore ?? '20260101000000Z'), time(options.notAfter ?? '20361231235959Z')),
    name,
    publicKey,
    ...(extensions.length === 0 ? [] : [element(0xa3, sequence(...extensions))]),
  );
  const signature = Uint8Array.from(sign(hash, signedPart, signer));
  return {
    certificate: sequence(signedPart, algorithm, bitString(signature)),
    name,
    keys,
    privateKey: keys.privateKey,
    publicKey,
  };
}

/** An authority, of itself or of another one. */
export function authority(subject: string, options: CertificateOptions = {}, issuer?: Certified): Certified {
  const extensions = [basicConstraints(true), keyUsage(5, 6)];
  return issue({ subject, extensions, ...options }, issuer);
}

/** A Name with one common name. */
export function commonName(text: string): Uint8Array {
  return sequence(set(attribute('2.5.4.3', utf8String(text))));
}

/** AttributeTypeAndValue. */
export function attribute(oid: string, value: Uint8Array): Uint8Array {
  return sequence(objectIdentifier(oid), value);
}

export function extension(oid: string, value: Uint8Array, isCritical = false): Uint8Array {
  return sequence(objectIdentifier(oid), ...(isCritical ? [boolean(true)] : []), octetString(value));
}

export function basicConstraints(isAuthority: boolean, pathLength?: number): Uint8Array {
  const length = pathLength === undefined ? [] : [integer(pathLength)];
  return extension('2.5.29.19', sequence(...(isAuthority ? [boolean(true)] : []), ...length), true);
}

/** 0 is digitalSignature, 2 keyEncipherment, 5 keyCertSign, 6 cRLSign. */
export function keyUsage(...bits: readonly number[]): Uint8Array {
  return extension('2.5.29.15', namedBits(...bits), true);
}

export const serverAuth = '1.3.6.1.5.5.7.3.1';
export const clientAuth = '1.3.6.1.5.5.7.3.2';

export function extendedKeyUsage(...purposes: readonly string[]): Uint8Array {
  return extension('2.5.29.37', sequence(...purposes.map((oid) => objectIdentifier(oid))));
}

export function subjectAltName(...entries: readonly Uint8Array[]): Uint8Array {
  return extension('2.5.29.17', sequence(...entries));
}

export const dnsName = (name: string): Uint8Array => element(0x82, utf8Encode(name));
export const uriName = (name: string): Uint8Array => element(0x86, utf8Encode(name));
export const ipName = (...bytes: readonly number[]): Uint8Array => element(0x87, Uint8Array.from(bytes));
export const mailName = (name: string): Uint8Array => element(0x81, utf8Encode(name));

const ecdsaWith = {
  sha256: '1.2.840.10045.4.3.2',
  sha384: '1.2.840.10045.4.3.3',
  sha512: '1.2.840.10045.4.3.4',
} as const;

function signatureAlgorithm(signer: KeyObject, hash: keyof typeof ecdsaWith): Uint8Array {
  if (signer.asymmetricKeyType === 'rsa') {
    return sequence(objectIdentifier('1.2.840.113549.1.1.11'), element(0x05));
  }
  return sequence(objectIdentifier(ecdsaWith[hash]));
}

/** The secret number of a private key. */
export function scalarOf(privateKey: KeyObject): Uint8Array {
  return Uint8Array.from(Buffer.from(privateKey.export({ format: 'jwk' }).d ?? '', 'base64url'));
}
