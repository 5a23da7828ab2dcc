import { equalBytes, type Instant } from '@dunlin/base';

import { AlertDescription } from '../wire/alert-description.ts';
import type { Certificate } from '../wire/certificate.ts';
import { isMalformed } from '../wire/malformed.ts';
import { type ParsedCertificate, parseCertificate } from './certificate.ts';
import {
  certificatePathDefaults,
  type CertificatePathLimits,
  type CertifiedRole,
  chainSizeProblem,
  leafProblem,
  type TrustAnchor,
  validateCertificatePath,
} from './certificate-path.ts';
import { serverNameProblem } from './name-check.ts';
import type { PeerIdentity } from './peer-identity.ts';
import { isSamePublicKey, parseSubjectPublicKeyInfo } from './raw-public-key.ts';
import { isRefusal, type Refusal, refused, refusedAsMalformed } from './refusal.ts';

/**
 * What a peer's key or certificate is judged by. The four ways for certificates are those of the resource Certificate
 * Usage (1.1 /0/x/15); 1.0 has the last one only.
 */
export type PeerTrust =
  /** One of these SubjectPublicKeyInfos, bit by bit. */
  | { readonly kind: 'raw-public-key'; readonly publicKeys: readonly Uint8Array[] }
  /** Usage 0: a path to an anchor on which this certificate is, below or as the anchor. */
  | {
      readonly kind: 'ca-constraint';
      readonly anchors: readonly TrustAnchor[];
      readonly certificate: Uint8Array;
    }
  /** Usage 1: a path to an anchor, and this certificate as the peer's own. */
  | {
      readonly kind: 'service-certificate-constraint';
      readonly anchors: readonly TrustAnchor[];
      readonly certificate: Uint8Array;
    }
  /** Usage 2: a path to one of these anchors. */
  | { readonly kind: 'trust-anchor-assertion'; readonly anchors: readonly TrustAnchor[] }
  /** Usage 3: one of these as the peer's own certificate, byte for byte, whoever issued it. */
  | { readonly kind: 'domain-issued-certificate'; readonly certificates: readonly Uint8Array[] };

/** What else counts when a peer is judged. */
export interface JudgementContext {
  readonly now: Instant;
  /** The role of the peer. */
  readonly role: CertifiedRole;
  /**
   * The host in the URI of a server, which its certificate must name. Without it no server is trusted over an
   * authority, which has issued certificates to others as well; the names of clients are compared elsewhere.
   */
  readonly host?: string | undefined;
  /** By default `certificatePathDefaults`. */
  readonly limits?: CertificatePathLimits | undefined;
}

/**
 * Judges the Certificate message of a peer. That the peer has the private key too is shown by the handshake. Takes no
 * time that a forged signature or name could lengthen beyond the limits of the context.
 */
export function judgePeer(
  certificate: Certificate,
  trust: PeerTrust,
  context: JudgementContext,
): PeerIdentity | Refusal {
  switch (certificate.kind) {
    case 'raw-public-key':
      if (trust.kind === 'raw-public-key')
        return judgePublicKey(certificate.subjectPublicKeyInfo, trust.publicKeys);
      return refused(
        'A certificate was expected, not a raw public key.',
        AlertDescription.unsupportedCertificate,
      );
    case 'x509': {
      if (trust.kind === 'raw-public-key') {
        return refused(
          'A raw public key was expected, not a certificate.',
          AlertDescription.unsupportedCertificate,
        );
      }
      const leaf = judgeChain(certificate.chain, trust, context);
      if (isRefusal(leaf)) return leaf;
      return nameProblem(leaf, trust, context) ?? { kind: 'certificate', certificate: leaf.der };
    }
  }
}

function nameProblem(
  leaf: ParsedCertificate,
  trust: CertificateTrust,
  { role, host }: JudgementContext,
): Refusal | undefined {
  if (role === 'client') return undefined;
  if (host !== undefined) return serverNameProblem(leaf, host);
  if (trust.kind === 'domain-issued-certificate') return undefined;
  return refused('There is no host name to compare the certificate with.', AlertDescription.badCertificate);
}

function judgePublicKey(info: Uint8Array, trusted: readonly Uint8Array[]): PeerIdentity | Refusal {
  const key = parseSubjectPublicKeyInfo(info);
  if (isMalformed(key)) return refusedAsMalformed(key);
  if (trusted.some((candidate) => isSamePublicKey(candidate, info))) {
    return { kind: 'raw-public-key', publicKey: info.slice() };
  }
  return refused('The raw public key is not the expected one.', AlertDescription.certificateUnknown);
}

type CertificateTrust = Exclude<PeerTrust, { kind: 'raw-public-key' }>;

function judgeChain(
  chain: readonly Uint8Array[],
  trust: CertificateTrust,
  context: JudgementContext,
): ParsedCertificate | Refusal {
  const pathContext = { ...context, limits: context.limits ?? certificatePathDefaults };
  const { limits, now, role } = pathContext;
  if (trust.kind === 'domain-issued-certificate') {
    return chainSizeProblem(chain, limits) ?? judgePinned(chain, trust.certificates, { now, role, limits });
  }
  const path = validateCertificatePath(chain, trust.anchors, pathContext);
  if (isRefusal(path)) return path;
  switch (trust.kind) {
    case 'trust-anchor-assertion':
      return path.leaf;
    case 'service-certificate-constraint':
      return equalBytes(path.leaf.der, trust.certificate) ? path.leaf : notExpected;
    case 'ca-constraint':
      return path.certificates.slice(1).some(({ der }) => equalBytes(der, trust.certificate))
        ? path.leaf
        : refused('The expected authority is not on the path.', AlertDescription.unknownCa);
  }
}

function judgePinned(
  [own = new Uint8Array()]: readonly Uint8Array[],
  trusted: readonly Uint8Array[],
  context: Parameters<typeof leafProblem>[1],
): ParsedCertificate | Refusal {
  if (!trusted.some((candidate) => equalBytes(candidate, own))) return notExpected;
  const leaf = parseCertificate(own);
  if (isMalformed(leaf)) return refusedAsMalformed(leaf);
  return leafProblem(leaf, context) ?? leaf;
}

const notExpected = refused('The certificate is not the expected one.', AlertDescription.certificateUnknown);
