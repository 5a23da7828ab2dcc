import { equalBytes, noBytes } from '@dunlin/base';

import type { Credential } from '../credentials/credential.ts';
import { parseIpAddress } from '../credentials/ip-address.ts';
import { type CipherSuite, needsEncryptThenMac } from '../crypto/cipher-suite.ts';
import type { Session } from '../session.ts';
import { AlertDescription } from '../wire/alert-description.ts';
import { CertificateType } from '../wire/extension/certificate-types.ts';

import {
  type ClientHelloExtensions,
  encodeClientHelloExtensions,
} from '../wire/extension/client-hello-extensions.ts';
import { uncompressedPoint } from '../wire/extension/ec-point-formats.ts';
import { malformed, type Malformed } from '../wire/malformed.ts';
import { ProtocolVersion } from '../wire/protocol-version.ts';
import type { DecodedServerHello } from '../wire/server-hello.ts';
import type { NegotiationOptions } from './handshake-options.ts';
import { verifiedSchemes } from './signature-choice.ts';

/** What a client's hellos offer, all of them the same. */
export interface ClientOffer {
  /** 32 bytes. */
  readonly random: Uint8Array;
  readonly suites: readonly CipherSuite[];
  /** The session to resume, when there is one; the handshake takes its secret over. */
  readonly resumed: Session | undefined;
  readonly extensions: ClientHelloExtensions;
}

/** What a client is asked to offer. */
export interface OfferParameters {
  readonly random: Uint8Array;
  readonly credential: Credential;
  /** The server's name as the caller has it; IP addresses are not sent (RFC 6066 §3). */
  readonly serverName: string | undefined;
  readonly resumed: Session | undefined;
  readonly ownConnectionId: Uint8Array | undefined;
  /** The type of certificate the server may show; that of the own credential unless said otherwise. */
  readonly serverCertificateTypes?: readonly CertificateType[] | undefined;
}

/** What the server took of an offer. */
export interface AcceptedOffer {
  readonly suite: CipherSuite;
  /** True when the server resumes the session that was offered. */
  readonly isResumed: boolean;
  readonly hasExtendedMasterSecret: boolean;
  /** Empty when no connection id is to be sent or received. */
  readonly ownConnectionId: Uint8Array;
  readonly peerConnectionId: Uint8Array;
  readonly maxFragmentLength: number | undefined;
  /** The most content the server takes in a record. */
  readonly peerRecordSizeLimit: number | undefined;
  readonly serverCertificateType: CertificateType;
  readonly clientCertificateType: CertificateType;
}

/** Puts an offer together; `suites` may turn out empty when none fits the credential. */
export function makeOffer(parameters: OfferParameters, options: NegotiationOptions): ClientOffer {
  const { credential, random, resumed } = parameters;
  const isKeyShared = credential.kind === 'psk';
  const suites = options.suites.filter((suite) => isKeyShared !== (suite.keyExchange === 'ecdhe-ecdsa'));
  const needsGroups = suites.some((suite) => suite.keyExchange !== 'psk');
  const serverName = sentServerName(parameters.serverName);
  const extensions: ClientHelloExtensions = {
    ...(serverName === undefined ? {} : { serverName }),
    ...(options.maxFragmentLength === undefined ? {} : { maxFragmentLength: options.maxFragmentLength }),
    ...(options.recordSizeLimit < 16_384 ? { recordSizeLimit: options.recordSizeLimit } : {}),
    ...(needsGroups ? { supportedGroups: options.groups, ecPointFormats: [uncompressedPoint] } : {}),
    ...(isKeyShared ? {} : certificateExtensions(parameters)),
    ...(suites.some(needsEncryptThenMac) ? { encryptThenMac: true } : {}),
    extendedMasterSecret: true,
    ...(parameters.ownConnectionId === undefined ? {} : { connectionId: parameters.ownConnectionId }),
    renegotiationInfo: noBytes,
  };
  return { random, suites, resumed, extensions };
}

/** What the server took, or how it broke the rules (RFC 5246 §7.4.1.3, §7.4.1.4): only what was offered counts. */
export function checkServerHello(
  hello: DecodedServerHello,
  offer: ClientOffer,
  options: NegotiationOptions,
): AcceptedOffer | Malformed {
  if (hello.version !== ProtocolVersion.dtls12) {
    return malformed('The server does not speak DTLS 1.2.', AlertDescription.protocolVersion);
  }
  const suite = offer.suites.find((candidate) => candidate.code === hello.cipherSuite);
  if (suite === undefined) return illegal('The server chose a suite that was not offered.');
  const offeredTypes = new Set(encodeClientHelloExtensions(offer.extensions).map(({ type }) => type));
  if (!hello.extensionTypes.every((type) => offeredTypes.has(type))) {
    return malformed('The server took an extension not offered.', AlertDescription.unsupportedExtension);
  }
  const { extensions } = hello;
  const resumed = resumedSession(hello, offer);
  return (
    securityProblem(hello, suite, options) ??
    resumptionProblem(hello, suite, resumed) ??
    parameterProblem(hello, offer) ?? {
      suite,
      isResumed: resumed !== undefined,
      hasExtendedMasterSecret: extensions.extendedMasterSecret === true,
      ownConnectionId:
        extensions.connectionId === undefined ? noBytes : (offer.extensions.connectionId ?? noBytes),
      peerConnectionId: extensions.connectionId ?? noBytes,
      maxFragmentLength: extensions.maxFragmentLength,
      peerRecordSizeLimit: extensions.recordSizeLimit,
      serverCertificateType: certificateType(extensions.serverCertificateType),
      clientCertificateType: certificateType(extensions.clientCertificateType),
    }
  );
}

function securityProblem(
  hello: DecodedServerHello,
  suite: CipherSuite,
  options: NegotiationOptions,
): Malformed | undefined {
  const { extensions } = hello;
  if (options.requiresExtendedMasterSecret && extensions.extendedMasterSecret !== true) {
    return refusal('The server does not take extended_master_secret (RFC 7627 §5.2).');
  }
  if (needsEncryptThenMac(suite) && extensions.encryptThenMac !== true) {
    return refusal('The server chose a CBC suite without encrypt_then_mac (RFC 7366).');
  }
  if (extensions.renegotiationInfo !== undefined && extensions.renegotiationInfo.length > 0) {
    return refusal('An initial handshake claims to renegotiate (RFC 5746 §3.4).');
  }
  return undefined;
}

function resumptionProblem(
  hello: DecodedServerHello,
  suite: CipherSuite,
  resumed: Session | undefined,
): Malformed | undefined {
  if (resumed === undefined) return undefined;
  if (resumed.suite.code !== suite.code) return illegal('The server resumes with another suite.');
  if (resumed.hasExtendedMasterSecret !== (hello.extensions.extendedMasterSecret === true)) {
    return refusal(
      'The server resumes with or without extended_master_secret, unlike before (RFC 7627 §5.3).',
    );
  }
  if (resumed.maxFragmentLength !== hello.extensions.maxFragmentLength) {
    return illegal('The server resumes with another max_fragment_length (RFC 6066 §4).');
  }
  return undefined;
}

function parameterProblem(hello: DecodedServerHello, offer: ClientOffer): Malformed | undefined {
  const { extensions } = hello;
  const { maxFragmentLength, recordSizeLimit, serverCertificateType, clientCertificateType } = extensions;
  if (maxFragmentLength !== undefined && maxFragmentLength !== offer.extensions.maxFragmentLength) {
    return illegal('The server chose another max_fragment_length than was offered.');
  }
  if (maxFragmentLength !== undefined && recordSizeLimit !== undefined) {
    return illegal('The server limits records in two ways (RFC 8449 §5).');
  }
  if (extensions.ecPointFormats?.includes(uncompressedPoint) === false) {
    return illegal('The server does not take uncompressed points.');
  }
  const isServerTypeOffered =
    serverCertificateType === undefined ||
    offer.extensions.serverCertificateTypes?.includes(serverCertificateType) === true;
  const isClientTypeOffered =
    clientCertificateType === undefined ||
    offer.extensions.clientCertificateTypes?.includes(clientCertificateType) === true;
  return isServerTypeOffered && isClientTypeOffered
    ? undefined
    : illegal('The server chose a certificate type that was not offered (RFC 7250 §4.2).');
}

function resumedSession(hello: DecodedServerHello, offer: ClientOffer): Session | undefined {
  const { resumed } = offer;
  if (resumed === undefined || hello.sessionId.length === 0) return undefined;
  return equalBytes(hello.sessionId, resumed.id) ? resumed : undefined;
}

function certificateExtensions(parameters: OfferParameters): ClientHelloExtensions {
  const own =
    parameters.credential.kind === 'raw-public-key' ? CertificateType.rawPublicKey : CertificateType.x509;
  return {
    signatureAlgorithms: verifiedSchemes,
    clientCertificateTypes: [own],
    serverCertificateTypes: parameters.serverCertificateTypes ?? [own],
  };
}

/** Only names of hosts are sent, no addresses (RFC 6066 §3). */
function sentServerName(name: string | undefined): string | undefined {
  if (name === undefined || parseIpAddress(name) !== undefined) return undefined;
  return /^[!-~]{1,255}$/.test(name) ? name : undefined;
}

function certificateType(type: number | undefined): CertificateType {
  return type === CertificateType.rawPublicKey ? CertificateType.rawPublicKey : CertificateType.x509;
}

function illegal(reason: string): Malformed {
  return malformed(reason, AlertDescription.illegalParameter);
}

function refusal(reason: string): Malformed {
  return malformed(reason, AlertDescription.handshakeFailure);
}
