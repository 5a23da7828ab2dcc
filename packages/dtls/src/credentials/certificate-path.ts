import type { KeyObject } from 'node:crypto';

import { equalBytes, type Instant, noBytes } from '@dunlin/base';

import { isSignedBy } from '../crypto/signature.ts';
import { AlertDescription } from '../wire/alert-description.ts';
import { SignatureScheme } from '../wire/extension/signature-algorithms.ts';
import { isMalformed } from '../wire/malformed.ts';
import { type ParsedCertificate, parseCertificate } from './certificate.ts';
import { KeyPurpose, KeyUsage } from './certificate-extensions.ts';
import { keyAlgorithmName } from './elliptic-curve.ts';
import { type Refusal, refused, refusedAsMalformed } from './refusal.ts';

/** Which role the owner of a certificate has in the handshake, and so which purpose its key must have. */
export type CertifiedRole = 'client' | 'server';

/** The certificate of an authority that is trusted by itself (RFC 5280 §6.1.1 (d)); made by `parseTrustAnchor`. */
export interface TrustAnchor {
  readonly certificate: ParsedCertificate;
}

/** How much of a peer's chain is looked at. */
export interface CertificatePathLimits {
  /** The most certificates in a chain, the peer's own included. */
  readonly maxChainLength: number;
  /** The most bytes of all of them together. */
  readonly maxChainBytes: number;
}

/** Real chains have two to four certificates of 300 to 1,500 bytes. */
export const certificatePathDefaults: CertificatePathLimits = { maxChainLength: 6, maxChainBytes: 16_384 };

/** What a path is judged by besides its anchors. */
export interface CertificatePathContext {
  readonly now: Instant;
  readonly role: CertifiedRole;
  readonly limits: CertificatePathLimits;
}

/** A path from a trust anchor to the peer. */
export interface CertificatePath {
  /** The peer's own certificate. */
  readonly leaf: ParsedCertificate;
  /** Every certificate of the path, from the peer's own to the anchor. */
  readonly certificates: readonly ParsedCertificate[];
}

/**
 * Reads a trust anchor: a DER certificate of an authority with an ECDSA key. Fails with a reason for operators when
 * it is none, above all for RSA anchors, whose signatures cannot be verified here.
 */
export function parseTrustAnchor(der: Uint8Array): TrustAnchor | Refusal {
  const certificate = parseCertificate(der);
  if (isMalformed(certificate)) return refusedAsMalformed(certificate);
  return authorityProblem(certificate, 'The trust anchor') ?? { certificate };
}

/**
 * Validates a peer's chain (RFC 5280 §6.1), its own certificate first and each certified by the next
 * (RFC 5246 §7.4.2), up to the first certificate that one of the anchors issued; what follows is not looked at.
 * Names are compared byte for byte. Revocation is whoever's who keeps the anchors.
 */
export function validateCertificatePath(
  chain: readonly Uint8Array[],
  anchors: readonly TrustAnchor[],
  context: CertificatePathContext,
): CertificatePath | Refusal {
  const problem = chainSizeProblem(chain, context.limits);
  if (problem !== undefined) return problem;
  const path: ParsedCertificate[] = [];
  for (const der of chain) {
    const certificate = parseCertificate(der);
    if (isMalformed(certificate)) return refusedAsMalformed(certificate);
    const refusal = linkProblem(path, certificate, context);
    if (refusal !== undefined) return refusal;
    path.push(certificate);
    const anchor = anchors.find((candidate) => isIssuedBy(certificate, candidate.certificate));
    if (anchor === undefined) continue;
    const refusedAnchor = authorityLinkProblem(path, anchor.certificate, context, 'The trust anchor');
    if (refusedAnchor !== undefined) return refusedAnchor;
    const [leaf = certificate] = path;
    return { leaf, certificates: [...path, anchor.certificate] };
  }
  return unanchored(path.at(-1), anchors);
}

/** What is wrong with the certificate of the peer itself, whoever issued it; `undefined` when it may be used. */
export function leafProblem(
  certificate: ParsedCertificate,
  context: CertificatePathContext,
): Refusal | undefined {
  const { keyUsage } = certificate.extensions;
  if (keyUsage !== undefined && !keyUsage.has(KeyUsage.digitalSignature)) {
    return refused('The certificate is not for digital signatures.', AlertDescription.unsupportedCertificate);
  }
  return commonProblem(certificate, context, 'The certificate');
}

/** Whether a chain may be looked at. */
export function chainSizeProblem(
  chain: readonly Uint8Array[],
  limits: CertificatePathLimits,
): Refusal | undefined {
  if (chain.length === 0) return refused('There is no certificate.', AlertDescription.badCertificate);
  if (chain.length > limits.maxChainLength) {
    return refused(
      `The chain has ${chain.length} certificates; at most ${limits.maxChainLength} are read.`,
      AlertDescription.badCertificate,
    );
  }
  const length = chain.reduce((sum, der) => sum + der.length, 0);
  if (length <= limits.maxChainBytes) return undefined;
  return refused(
    `The chain has ${length} bytes; at most ${limits.maxChainBytes} are read.`,
    AlertDescription.badCertificate,
  );
}

/** What is wrong with the next certificate behind those of the path so far. */
function linkProblem(
  path: readonly ParsedCertificate[],
  certificate: ParsedCertificate,
  context: CertificatePathContext,
): Refusal | undefined {
  const below = path.at(-1);
  if (below === undefined) return leafProblem(certificate, context);
  if (!equalBytes(below.issuer, certificate.subject)) {
    return refused('A certificate of the chain is not by the next one.', AlertDescription.badCertificate);
  }
  return (
    signatureProblem(below, certificate.publicKey) ??
    authorityLinkProblem(path, certificate, context, 'A certificate of the chain')
  );
}

/** What is wrong with an authority above the certificates of the path. */
function authorityLinkProblem(
  path: readonly ParsedCertificate[],
  authority: ParsedCertificate,
  context: CertificatePathContext,
  what: string,
): Refusal | undefined {
  const problem = authorityProblem(authority, what) ?? commonProblem(authority, context, what);
  if (problem !== undefined) return problem;
  // Certificates by which an authority changes its own key do not count (RFC 5280 §4.2.1.9).
  const between = path.slice(1).filter(({ issuer, subject }) => !equalBytes(issuer, subject)).length;
  const { pathLength } = authority.extensions;
  if (pathLength === undefined || between <= pathLength) return undefined;
  return refused(
    `${what} allows ${pathLength} authorities below it; there are ${between}.`,
    AlertDescription.badCertificate,
  );
}

/** Whether it may issue certificates at all. */
function authorityProblem({ extensions }: ParsedCertificate, what: string): Refusal | undefined {
  if (!extensions.isCertificationAuthority) {
    return refused(`${what} is not that of an authority.`, AlertDescription.badCertificate);
  }
  const { keyUsage } = extensions;
  if (keyUsage !== undefined && !keyUsage.has(KeyUsage.keyCertSign)) {
    return refused(`${what} is not for signing certificates.`, AlertDescription.badCertificate);
  }
  return undefined;
}

/** What every certificate of a path must fulfil. */
function commonProblem(
  { notBefore, notAfter, extensions }: ParsedCertificate,
  { now, role }: CertificatePathContext,
  what: string,
): Refusal | undefined {
  if (now < notBefore) return refused(`${what} is not yet valid.`, AlertDescription.certificateExpired);
  if (now > notAfter) return refused(`${what} has expired.`, AlertDescription.certificateExpired);
  const [unknown] = extensions.notUnderstood;
  if (unknown !== undefined) {
    return refused(`${what} has a critical extension ${unknown}.`, AlertDescription.unsupportedCertificate);
  }
  const purpose = role === 'server' ? KeyPurpose.serverAuth : KeyPurpose.clientAuth;
  const { keyPurposes } = extensions;
  if (keyPurposes === undefined || keyPurposes.includes(purpose) || keyPurposes.includes(KeyPurpose.any)) {
    return undefined;
  }
  return refused(`${what} is not for a ${role}.`, AlertDescription.unsupportedCertificate);
}

/** Why the end of a chain leads to no anchor: its signature when the name is right, or else that nobody knows it. */
function unanchored(last: ParsedCertificate | undefined, anchors: readonly TrustAnchor[]): Refusal {
  const namesake = anchors.find(({ certificate }) =>
    equalBytes(certificate.subject, last?.issuer ?? noBytes),
  );
  const problem = last && namesake ? signatureProblem(last, namesake.certificate.publicKey) : undefined;
  return (
    problem ?? refused('No trust anchor issued any certificate of the chain.', AlertDescription.unknownCa)
  );
}

/** True when name and signature say so. */
function isIssuedBy(certificate: ParsedCertificate, authority: ParsedCertificate): boolean {
  return (
    equalBytes(certificate.issuer, authority.subject) &&
    signatureProblem(certificate, authority.publicKey) === undefined
  );
}

function signatureProblem(certificate: ParsedCertificate, issuerKey: KeyObject): Refusal | undefined {
  const { signatureAlgorithm, signedPart, signature } = certificate;
  const scheme = signatureSchemes[signatureAlgorithm];
  if (scheme === undefined) {
    return refused(
      `A certificate is signed with ${keyAlgorithmName(signatureAlgorithm)}; only ECDSA with SHA-256 or SHA-384 is supported.`,
      AlertDescription.unsupportedCertificate,
    );
  }
  if (isSignedBy(issuerKey, scheme, signedPart, signature)) return undefined;
  return refused('The signature of a certificate is wrong.', AlertDescription.badCertificate);
}

/** ecdsa-with-SHA256 and ecdsa-with-SHA384 (RFC 5758 §3.2). */
const signatureSchemes: Readonly<Record<string, SignatureScheme>> = {
  '1.2.840.10045.4.3.2': SignatureScheme.ecdsaSha256,
  '1.2.840.10045.4.3.3': SignatureScheme.ecdsaSha384,
};
