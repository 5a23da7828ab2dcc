import { noBytes, utf8Encode } from '@dunlin/base';

import { type EphemeralKey, generateEphemeralKey } from '../crypto/ecdhe.ts';
import { signWith } from '../crypto/signature.ts';
import { emptyRenegotiationInfoScsv, needsEncryptThenMac } from '../crypto/cipher-suite.ts';
import type { CertificateChoice, ServerTerms, SuiteChoice } from '../negotiation/server-choice.ts';
import { verifiedSchemes } from '../negotiation/signature-choice.ts';
import { encodeCertificate } from '../wire/certificate.ts';
import { ecdsaSign, encodeCertificateRequest } from '../wire/certificate-request.ts';
import type { ClientHello } from '../wire/client-hello.ts';
import { CertificateType } from '../wire/extension/certificate-types.ts';
import { uncompressedPoint } from '../wire/extension/ec-point-formats.ts';
import type { ServerHelloExtensions } from '../wire/extension/server-hello-extensions.ts';
import { HandshakeType } from '../wire/handshake-type.ts';
import { ProtocolVersion } from '../wire/protocol-version.ts';
import { encodeServerHello } from '../wire/server-hello.ts';
import { encodeServerHelloDone } from '../wire/server-hello-done.ts';
import { encodeServerKeyExchange, signedKeyExchange } from '../wire/server-key-exchange.ts';
import type { FlightItem } from './fragmentation.ts';
import type { OutgoingMessages } from './outgoing-messages.ts';

/** What a server's first messages are made of. */
export interface ServerFlightParameters {
  readonly hello: ClientHello;
  readonly terms: ServerTerms;
  readonly serverRandom: Uint8Array;
  /** Empty when the session will not be resumable. */
  readonly sessionId: Uint8Array;
  /** What this side wants in records it receives; empty for none. */
  readonly ownConnectionId: Uint8Array;
  /** The most content this side takes in a record. */
  readonly recordSizeLimit: number;
}

/** The flight of a full handshake, from ServerHello to ServerHelloDone, and the key pair it shows the half of. */
export function fullServerFlight(
  parameters: ServerFlightParameters,
  choice: SuiteChoice,
  identityHint: string | undefined,
  messages: OutgoingMessages,
): { readonly items: readonly FlightItem[]; readonly ephemeral: EphemeralKey | undefined } {
  const items = [serverHello(parameters, choice, messages)];
  const hint = identityHint === undefined ? noBytes : utf8Encode(identityHint);
  const ephemeral = choice.kind === 'psk' ? undefined : generateEphemeralKey(choice.group);
  const add = (type: HandshakeType, body: Uint8Array): void => void items.push(messages.add(type, body));
  switch (choice.kind) {
    case 'psk':
      if (hint.length > 0) {
        add(HandshakeType.serverKeyExchange, encodeServerKeyExchange({ kind: 'psk', identityHint: hint }));
      }
      break;
    case 'ecdhe-psk':
    case 'ecdhe-ecdsa': {
      const parametersOfKey = {
        group: choice.group,
        publicKey: ephemeral?.publicKey ?? noBytes,
      };
      if (choice.kind === 'ecdhe-psk') {
        const body = { kind: choice.kind, identityHint: hint, parameters: parametersOfKey };
        add(HandshakeType.serverKeyExchange, encodeServerKeyExchange(body));
        break;
      }
      const { own, signatureScheme } = choice.certificates;
      const signed = signedKeyExchange(parameters.hello.random, parameters.serverRandom, parametersOfKey);
      const signature = signWith(own.privateKey, signatureScheme, signed);
      const exchange = { kind: choice.kind, parameters: parametersOfKey, signatureScheme, signature };
      add(HandshakeType.certificate, certificateBody(own));
      add(HandshakeType.serverKeyExchange, encodeServerKeyExchange(exchange));
      add(HandshakeType.certificateRequest, requestBody());
      break;
    }
  }
  add(HandshakeType.serverHelloDone, encodeServerHelloDone());
  return { items, ephemeral };
}

/** The ServerHello of either kind of handshake; a resuming one has no choice of certificates to tell. */
export function serverHello(
  parameters: ServerFlightParameters,
  choice: Pick<SuiteChoice, 'suite'> & { readonly certificates?: CertificateChoice },
  messages: OutgoingMessages,
): FlightItem {
  const { hello, terms, serverRandom, sessionId } = parameters;
  return messages.add(
    HandshakeType.serverHello,
    encodeServerHello({
      version: ProtocolVersion.dtls12,
      random: serverRandom,
      sessionId,
      cipherSuite: choice.suite.code,
      extensions: extensionsOf(hello, terms, parameters, choice),
    }),
  );
}

/** What of the client's offer is taken: nothing is answered that was not offered (RFC 5246 §7.4.1.4). */
function extensionsOf(
  hello: ClientHello,
  terms: ServerTerms,
  parameters: ServerFlightParameters,
  choice: Pick<SuiteChoice, 'suite'> & { readonly certificates?: CertificateChoice },
): ServerHelloExtensions {
  const offered = hello.extensions;
  const { certificates, suite } = choice;
  const isRenegotiationInfoDue =
    offered.renegotiationInfo !== undefined || hello.cipherSuites.includes(emptyRenegotiationInfoScsv);
  const hasPoints = suite.keyExchange !== 'psk' && offered.ecPointFormats !== undefined;
  return {
    ...(terms.maxFragmentLength === undefined ? {} : { maxFragmentLength: terms.maxFragmentLength }),
    ...(hasPoints ? { ecPointFormats: [uncompressedPoint] } : {}),
    ...(certificates === undefined || offered.clientCertificateTypes === undefined
      ? {}
      : { clientCertificateType: certificates.clientCertificateType }),
    ...(certificates === undefined || offered.serverCertificateTypes === undefined
      ? {}
      : { serverCertificateType: certificates.own.type }),
    ...(needsEncryptThenMac(suite) ? { encryptThenMac: true } : {}),
    ...(terms.hasExtendedMasterSecret ? { extendedMasterSecret: true } : {}),
    ...(terms.peerRecordSizeLimit === undefined ? {} : { recordSizeLimit: parameters.recordSizeLimit }),
    ...(terms.peerConnectionId === undefined ? {} : { connectionId: parameters.ownConnectionId }),
    ...(isRenegotiationInfoDue ? { renegotiationInfo: noBytes } : {}),
  };
}

function certificateBody(own: CertificateChoice['own']): Uint8Array {
  switch (own.type) {
    case CertificateType.rawPublicKey:
      return encodeCertificate({ kind: 'raw-public-key', subjectPublicKeyInfo: own.publicKey });
    case CertificateType.x509:
      return encodeCertificate({ kind: 'x509', chain: own.chain });
  }
}

function requestBody(): Uint8Array {
  return encodeCertificateRequest({
    certificateTypes: [ecdsaSign],
    signatureAlgorithms: verifiedSchemes,
    certificateAuthorities: [],
  });
}
