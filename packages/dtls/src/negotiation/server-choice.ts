import type { CertificateCredential, RawPublicKeyCredential } from '../credentials/credential.ts';
import { type CipherSuite, needsEncryptThenMac } from '../crypto/cipher-suite.ts';
import { AlertDescription } from '../wire/alert-description.ts';
import type { ClientHello } from '../wire/client-hello.ts';
import { CertificateType, isCertificateType } from '../wire/extension/certificate-types.ts';
import { uncompressedPoint } from '../wire/extension/ec-point-formats.ts';
import type { MaxFragmentLength } from '../wire/extension/max-fragment-length.ts';
import type { SignatureScheme } from '../wire/extension/signature-algorithms.ts';
import type { NamedGroup } from '../wire/extension/supported-groups.ts';
import { isMalformed, malformed, type Malformed } from '../wire/malformed.ts';
import { isDtlsVersion, ProtocolVersion } from '../wire/protocol-version.ts';
import type { NegotiationOptions, ServerCredentials } from './handshake-options.ts';
import { chooseSignatureScheme, groupOfKey } from './signature-choice.ts';

/** How the server of an ECDHE_ECDSA suite authenticates itself and its client. */
export interface CertificateChoice {
  readonly signatureScheme: SignatureScheme;
  readonly own:
    | ({ readonly type: typeof CertificateType.rawPublicKey } & RawPublicKeyCredential)
    | ({ readonly type: typeof CertificateType.x509 } & CertificateCredential);
  readonly clientCertificateType: CertificateType;
}

/** What a suite needs besides itself. */
export type SuiteChoice =
  | { readonly kind: 'psk'; readonly suite: CipherSuite }
  | { readonly kind: 'ecdhe-psk'; readonly suite: CipherSuite; readonly group: NamedGroup }
  | {
      readonly kind: 'ecdhe-ecdsa';
      readonly suite: CipherSuite;
      readonly group: NamedGroup;
      readonly certificates: CertificateChoice;
    };

/** What a client's hello offers that does not depend on the suite. */
export interface ServerTerms {
  readonly hasExtendedMasterSecret: boolean;
  /** The connection id the client wants in what it receives; `undefined` when RFC 9146 is not used. */
  readonly peerConnectionId: Uint8Array | undefined;
  /** Agreed by RFC 6066 §4; `undefined` when RFC 8449 is used instead. */
  readonly maxFragmentLength: MaxFragmentLength | undefined;
  /** The most content the client takes in a record by RFC 8449. */
  readonly peerRecordSizeLimit: number | undefined;
  readonly serverName: string | undefined;
}

/** What is common to full and resuming handshakes, or why there is no handshake. */
export function agreeOnTerms(hello: ClientHello, options: NegotiationOptions): ServerTerms | Malformed {
  const { extensions } = hello;
  // Versions count downwards on the wire.
  if (!isDtlsVersion(hello.version) || hello.version > ProtocolVersion.dtls12) {
    return malformed('The client does not speak DTLS 1.2.', AlertDescription.protocolVersion);
  }
  if (extensions.renegotiationInfo !== undefined && extensions.renegotiationInfo.length > 0) {
    return refusal('An initial handshake claims to renegotiate (RFC 5746 §3.6).');
  }
  const hasExtendedMasterSecret = extensions.extendedMasterSecret === true;
  if (options.requiresExtendedMasterSecret && !hasExtendedMasterSecret) {
    return refusal('The client does not offer extended_master_secret (RFC 7627 §5.3).');
  }
  return {
    hasExtendedMasterSecret,
    peerConnectionId: options.connectionIdLength === undefined ? undefined : extensions.connectionId,
    maxFragmentLength: extensions.recordSizeLimit === undefined ? extensions.maxFragmentLength : undefined,
    peerRecordSizeLimit: extensions.recordSizeLimit,
    serverName: extensions.serverName,
  };
}

/** The server's most preferred suite that the client offers together with all it needs, or why there is none. */
export function chooseSuite(
  hello: ClientHello,
  credentials: ServerCredentials,
  options: NegotiationOptions,
): SuiteChoice | Malformed {
  const { ecPointFormats } = hello.extensions;
  if (ecPointFormats !== undefined && !ecPointFormats.includes(uncompressedPoint)) {
    return malformed('The client does not take uncompressed points.', AlertDescription.illegalParameter);
  }
  let problem = refusal('The client and this server have no cipher suite in common.');
  for (const suite of options.suites) {
    if (!isSuiteOffered(hello, suite)) continue;
    const choice = completed(suite, hello, credentials, options);
    if (choice !== undefined && !isMalformed(choice)) return choice;
    problem = choice ?? problem;
  }
  return problem;
}

/** True when the client offers the suite, and encrypt_then_mac where the suite needs it (RFC 7366 §3.1). */
function isSuiteOffered(hello: ClientHello, suite: CipherSuite): boolean {
  if (needsEncryptThenMac(suite) && hello.extensions.encryptThenMac !== true) return false;
  return hello.cipherSuites.includes(suite.code);
}

function completed(
  suite: CipherSuite,
  hello: ClientHello,
  credentials: ServerCredentials,
  options: NegotiationOptions,
): SuiteChoice | Malformed | undefined {
  switch (suite.keyExchange) {
    case 'psk':
      return credentials.preSharedKeys === undefined ? undefined : { kind: 'psk', suite };
    case 'ecdhe-psk': {
      if (credentials.preSharedKeys === undefined) return undefined;
      const group = chooseGroup(hello, options);
      return group === undefined ? noGroup : { kind: 'ecdhe-psk', suite, group };
    }
    case 'ecdhe-ecdsa': {
      if (credentials.rawPublicKey === undefined && credentials.certificate === undefined) return undefined;
      const group = chooseGroup(hello, options);
      if (group === undefined) return noGroup;
      const certificates = chooseCertificates(hello, credentials);
      return isMalformed(certificates) ? certificates : { kind: 'ecdhe-ecdsa', suite, group, certificates };
    }
  }
}

/** A client that names no groups leaves the choice to the server (RFC 8422 §4). */
function chooseGroup(hello: ClientHello, options: NegotiationOptions): NamedGroup | undefined {
  const offered = hello.extensions.supportedGroups;
  return offered === undefined ? options.groups[0] : options.groups.find((group) => offered.includes(group));
}

function chooseCertificates(
  hello: ClientHello,
  credentials: ServerCredentials,
): CertificateChoice | Malformed {
  const { extensions } = hello;
  const signatureScheme = chooseSignatureScheme(extensions.signatureAlgorithms ?? []);
  if (signatureScheme === undefined) return refusal('The client verifies none of our signature algorithms.');
  const accepted = credentials.clientCertificateTypes ?? [CertificateType.rawPublicKey, CertificateType.x509];
  // Without the extensions of RFC 7250, certificates are X.509.
  const clientCertificateType = (extensions.clientCertificateTypes ?? [CertificateType.x509])
    .filter((type) => isCertificateType(type))
    .find((type) => accepted.includes(type));
  const offered = extensions.serverCertificateTypes ?? [CertificateType.x509];
  const own = chooseOwn(sameTypeFirst(offered, clientCertificateType), credentials);
  if (own === undefined || clientCertificateType === undefined) {
    return malformed('There is no certificate type in common.', AlertDescription.unsupportedCertificate);
  }
  const group = groupOfKey(own.privateKey);
  if (group === undefined || extensions.supportedGroups?.includes(group) === false) {
    return refusal('The client does not take keys on the curve of the server’s.');
  }
  return { signatureScheme, own, clientCertificateType };
}

/**
 * The certificate types for the server, that of the client before others: in LwM2M both sides show the same kind
 * (1.0 §7.1.8, §7.1.9). libcoap with a raw public key lists X.509 first and then trusts no certificate.
 */
function sameTypeFirst(offered: readonly number[], own: CertificateType | undefined): readonly number[] {
  return own !== undefined && offered.includes(own) ? [own, ...offered] : offered;
}

function chooseOwn(
  offered: readonly number[],
  credentials: ServerCredentials,
): CertificateChoice['own'] | undefined {
  const { rawPublicKey, certificate } = credentials;
  for (const type of offered) {
    if (type === CertificateType.rawPublicKey && rawPublicKey !== undefined) {
      return { ...rawPublicKey, type };
    }
    if (type === CertificateType.x509 && certificate !== undefined) return { ...certificate, type };
  }
  return undefined;
}

function refusal(reason: string): Malformed {
  return malformed(reason, AlertDescription.handshakeFailure);
}

const noGroup = refusal('The client and this server have no group in common.');
