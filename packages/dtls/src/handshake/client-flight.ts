import { type Secret, utf8Encode } from '@dunlin/base';

import type { CertificateCredential, Credential, RawPublicKeyCredential } from '../credentials/credential.ts';
import { type EphemeralKey, generateEphemeralKey } from '../crypto/ecdhe.ts';
import { ecdhePskPremasterSecret, pskPremasterSecret } from '../crypto/key-schedule.ts';
import { isSignedBy, signWith } from '../crypto/signature.ts';
import type { Transcript } from '../crypto/transcript.ts';
import type { ClientOffer } from '../negotiation/client-offer.ts';
import { chooseSignatureScheme, verifiedSchemes } from '../negotiation/signature-choice.ts';
import { AlertDescription } from '../wire/alert-description.ts';
import { encodeCertificate } from '../wire/certificate.ts';
import { type CertificateRequest, ecdsaSign } from '../wire/certificate-request.ts';
import { encodeCertificateVerify } from '../wire/certificate-verify.ts';
import { encodeClientHello } from '../wire/client-hello.ts';
import { type ClientKeyExchange, encodeClientKeyExchange } from '../wire/client-key-exchange.ts';
import { CertificateType } from '../wire/extension/certificate-types.ts';
import { isSignatureScheme } from '../wire/extension/signature-algorithms.ts';
import { isNamedGroup } from '../wire/extension/supported-groups.ts';
import { HandshakeType } from '../wire/handshake-type.ts';
import { nullCompression } from '../wire/hello-fields.ts';
import { isMalformed, malformed, type Malformed } from '../wire/malformed.ts';
import { ProtocolVersion } from '../wire/protocol-version.ts';
import type { ServerEcdhParameters } from '../wire/server-ecdh-parameters.ts';
import { type ServerKeyExchange, signedKeyExchange } from '../wire/server-key-exchange.ts';
import type { FlightItem } from './fragmentation.ts';
import type { OutgoingMessages } from './outgoing-messages.ts';
import type { PeerKey } from './peer-key.ts';

/** The body of a ClientHello; only the cookie differs from one to the next (RFC 6347 §4.2.1). */
export function clientHelloBody(offer: ClientOffer, cookie: Uint8Array): Uint8Array {
  return encodeClientHello({
    version: ProtocolVersion.dtls12,
    random: offer.random,
    sessionId: offer.resumed?.id ?? new Uint8Array(0),
    cookie,
    cipherSuites: offer.suites.map((suite) => suite.code),
    compressionMethods: [nullCompression],
    extensions: offer.extensions,
  });
}

/** The problem of a server's ephemeral key (RFC 8422 §5.4): a group not offered, or not signed by the server's key. */
export function keyExchangeProblem(
  exchange: Exclude<ServerKeyExchange, { readonly kind: 'psk' }>,
  offer: ClientOffer,
  serverRandom: Uint8Array,
  peerKey: PeerKey | undefined,
): Malformed | undefined {
  const { parameters } = exchange;
  if (offer.extensions.supportedGroups?.includes(parameters.group) !== true) {
    return malformed('The server chose a group that was not offered.', AlertDescription.illegalParameter);
  }
  if (exchange.kind === 'ecdhe-psk') return undefined;
  const scheme = exchange.signatureScheme;
  if (!isSignatureScheme(scheme) || !verifiedSchemes.includes(scheme)) {
    return malformed('The server signed with an algorithm not offered.', AlertDescription.illegalParameter);
  }
  const signed = signedKeyExchange(offer.random, serverRandom, parameters);
  return peerKey !== undefined && isSignedBy(peerKey.key, scheme, signed, exchange.signature)
    ? undefined
    : malformed('The signature of the ServerKeyExchange is wrong.', AlertDescription.decryptError);
}

/** The problem of being asked for a certificate of a type that the own credential is not of (RFC 7250 §4.2). */
export function certificateTypeProblem(
  credential: Credential,
  asked: CertificateType,
): Malformed | undefined {
  const own = credential.kind === 'raw-public-key' ? CertificateType.rawPublicKey : CertificateType.x509;
  if (own === asked) return undefined;
  const reason = 'The server asks for a certificate of another type than the client has.';
  return malformed(reason, AlertDescription.unsupportedCertificate);
}

/** The client's half of the key exchange, and what both halves make. */
export function clientKeyExchange(
  credential: Credential,
  parameters: ServerEcdhParameters | undefined,
): { readonly message: ClientKeyExchange; readonly premaster: Secret } | Malformed {
  if (credential.kind === 'psk' && parameters === undefined) {
    const message: ClientKeyExchange = { kind: 'psk', identity: utf8Encode(credential.identity) };
    return { message, premaster: pskPremasterSecret(credential.key.reveal()) };
  }
  if (parameters === undefined || !isNamedGroup(parameters.group)) {
    return malformed('There is no key to agree with.', AlertDescription.internalError);
  }
  const ephemeral: EphemeralKey = generateEphemeralKey(parameters.group);
  const agreed = ephemeral.agree(parameters.publicKey);
  if (isMalformed(agreed)) return agreed;
  const { publicKey } = ephemeral;
  if (credential.kind !== 'psk') return { message: { kind: 'ecdhe-ecdsa', publicKey }, premaster: agreed };
  const identity = utf8Encode(credential.identity);
  const premaster = ecdhePskPremasterSecret(agreed, credential.key.reveal());
  agreed.destroy();
  return { message: { kind: 'ecdhe-psk', identity, publicKey }, premaster };
}

/** The client's Certificate, where the server asked for one, and its key exchange. */
export function keyExchangeMessages(
  credential: Credential,
  isCertificateRequested: boolean,
  message: ClientKeyExchange,
  messages: OutgoingMessages,
): FlightItem[] {
  const items: FlightItem[] = [];
  if (isCertificateRequested && credential.kind !== 'psk') {
    const certificate =
      credential.kind === 'raw-public-key'
        ? ({ kind: 'raw-public-key', subjectPublicKeyInfo: credential.publicKey } as const)
        : ({ kind: 'x509', chain: credential.chain } as const);
    items.push(messages.add(HandshakeType.certificate, encodeCertificate(certificate)));
  }
  items.push(messages.add(HandshakeType.clientKeyExchange, encodeClientKeyExchange(message)));
  return items;
}

/** The client's CertificateVerify over all messages so far (RFC 5246 §7.4.8). */
export function certificateVerify(
  credential: RawPublicKeyCredential | CertificateCredential,
  request: CertificateRequest,
  transcript: Transcript,
  messages: OutgoingMessages,
): FlightItem | Malformed {
  const scheme = chooseSignatureScheme(request.signatureAlgorithms);
  if (scheme === undefined || !request.certificateTypes.includes(ecdsaSign)) {
    return malformed('The server verifies none of our signatures.', AlertDescription.handshakeFailure);
  }
  const signature = signWith(credential.privateKey, scheme, transcript.messages());
  const body = encodeCertificateVerify({ signatureScheme: scheme, signature });
  return messages.add(HandshakeType.certificateVerify, body);
}
