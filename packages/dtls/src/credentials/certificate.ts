import type { KeyObject } from 'node:crypto';

import { equalBytes, type Instant, utf8Decode } from '@dunlin/base';

import { AlertDescription } from '../wire/alert-description.ts';
import { isMalformed, malformed, type Malformed } from '../wire/malformed.ts';
import { type CertificateExtensions, readExtensions } from './certificate-extensions.ts';
import { readTime } from './certificate-time.ts';
import { DerReader, DerTag } from './der-reader.ts';
import { parseSubjectPublicKeyInfo } from './raw-public-key.ts';

/** An X.509 certificate that was read, not judged (RFC 5280 §4.1). */
export interface ParsedCertificate {
  /** The whole certificate. */
  readonly der: Uint8Array;
  /** The names of who it was issued by and to, as DER, which is how they are compared. */
  readonly issuer: Uint8Array;
  readonly subject: Uint8Array;
  /** The most specific common name of the subject: the left-most when written as a text (RFC 4514 §2.1). */
  readonly commonName: string | undefined;
  readonly notBefore: Instant;
  readonly notAfter: Instant;
  /** The subject's key, on P-256 or P-384. */
  readonly publicKey: KeyObject;
  readonly extensions: CertificateExtensions;
  /** What is signed, by which algorithm (its object identifier), and the signature. */
  readonly signedPart: Uint8Array;
  readonly signatureAlgorithm: string;
  readonly signature: Uint8Array;
}

/** The longest certificate that is read, in bytes; those on elliptic curves have 300 to 1,500. */
export const maxCertificateLength = 8192;

/**
 * Reads a DER certificate, as a copy. The alert of a failure is the one that answers a peer which sent it:
 * `unsupported_certificate` for keys that are not ECDSA on P-256 or P-384, otherwise `bad_certificate`.
 */
export function parseCertificate(der: Uint8Array): ParsedCertificate | Malformed {
  if (der.length > maxCertificateLength) {
    return malformed(
      `The certificate is longer than ${maxCertificateLength} bytes.`,
      AlertDescription.badCertificate,
    );
  }
  const whole = der.slice();
  const reader = new DerReader(whole);
  const body = reader.nested(DerTag.sequence);
  const signedPart = body.element(DerTag.sequence);
  const signed = body.within(signedPart.content);
  const algorithm = body.element(DerTag.sequence);
  const signatureAlgorithm = readSignatureAlgorithm(body.within(algorithm.content));
  const signature = body.wholeBits();
  const facts = readSignedPart(signed, algorithm.whole);
  const problem = reader.problem('The certificate');
  if (problem !== undefined) return problem;
  const publicKey = parseSubjectPublicKeyInfo(facts.subjectPublicKeyInfo);
  if (isMalformed(publicKey)) return malformed(`Certificate: ${publicKey.reason}`, publicKey.alert);
  return {
    der: whole,
    issuer: facts.issuer,
    subject: facts.subject,
    commonName: facts.commonName,
    notBefore: facts.notBefore,
    notAfter: facts.notAfter,
    publicKey,
    extensions: facts.extensions,
    signedPart: signedPart.whole,
    signatureAlgorithm,
    signature,
  };
}

interface SignedFacts extends Pick<
  ParsedCertificate,
  'issuer' | 'subject' | 'commonName' | 'notBefore' | 'notAfter' | 'extensions'
> {
  readonly subjectPublicKeyInfo: Uint8Array;
}

/** TBSCertificate. */
function readSignedPart(reader: DerReader, outerAlgorithm: Uint8Array): SignedFacts {
  const version = reader.optionalNested(0xa0)?.smallInteger() ?? 0;
  if (version > 2) reader.fail('the version of the certificate is none that is known');
  reader.integer(); // the serial number
  const { whole: innerAlgorithm } = reader.element(DerTag.sequence);
  if (!equalBytes(innerAlgorithm, outerAlgorithm)) reader.fail('two signature algorithms are named');
  const issuer = readName(reader);
  const validity = reader.nested(DerTag.sequence);
  const notBefore = readTime(validity);
  const notAfter = readTime(validity);
  const subject = readName(reader);
  const subjectPublicKeyInfo = reader.element(DerTag.sequence).whole;
  reader.optional(0x81); // the unique ids of issuer and subject
  reader.optional(0x82);
  const extensions = reader.optionalNested(0xa3);
  if (extensions !== undefined && version !== 2) reader.fail('only version 3 has extensions');
  return {
    issuer: issuer.der,
    subject: subject.der,
    commonName: subject.commonName,
    notBefore,
    notAfter,
    subjectPublicKeyInfo,
    extensions: readExtensions(extensions?.nested(DerTag.sequence)),
  };
}

/** The identifier of the algorithm; those of ECDSA have no parameters (RFC 5758 §3.2). */
function readSignatureAlgorithm(reader: DerReader): string {
  const oid = reader.objectIdentifier();
  if (reader.hasMore && oid.startsWith(ansiX962)) reader.fail('an ECDSA signature has parameters');
  reader.skip();
  return oid;
}

const ansiX962 = '1.2.840.10045.';

const commonNameOid = '2.5.4.3';

/** The longest common name, in bytes; RFC 5280 Appendix A has 64 characters. */
const maxCommonNameLength = 255;

/** Name: relative distinguished names, the most specific last. */
function readName(reader: DerReader): { readonly der: Uint8Array; readonly commonName: string | undefined } {
  const { whole, content } = reader.element(DerTag.sequence);
  const names = reader.within(content);
  let commonName: string | undefined;
  while (names.hasMore) {
    const attributes = names.nested(DerTag.set);
    do {
      const attribute = attributes.nested(DerTag.sequence);
      const oid = attribute.objectIdentifier();
      const value = attribute.any();
      if (oid === commonNameOid) commonName = readDirectoryString(value.tag, value.content);
    } while (attributes.hasMore);
  }
  return { der: whole, commonName };
}

/** A text of one of the usual types without control characters; any other is no name that could match. */
function readDirectoryString(tag: number, content: Uint8Array): string | undefined {
  const isText = tag === DerTag.utf8String || tag === DerTag.printableString || tag === DerTag.ia5String;
  if (!isText || content.length > maxCommonNameLength) return undefined;
  if (content.some((byte) => byte < 0x20 || byte === 0x7f)) return undefined;
  return utf8Decode(content);
}
