import { noBytes } from '@dunlin/base';

import { signWith } from '../../src/crypto/signature.ts';
import type { HandshakeMessage } from '../../src/crypto/transcript.ts';
import { encodeCertificateRequest } from '../../src/wire/certificate-request.ts';
import { decodeClientHello } from '../../src/wire/client-hello.ts';
import { decodeClientKeyExchange } from '../../src/wire/client-key-exchange.ts';
import { SignatureScheme } from '../../src/wire/extension/signature-algorithms.ts';
import { HandshakeType } from '../../src/wire/handshake-type.ts';
import { encodeHelloVerifyRequest } from '../../src/wire/hello-verify-request.ts';
import { ProtocolVersion } from '../../src/wire/protocol-version.ts';
import { encodeServerHello } from '../../src/wire/server-hello.ts';
import { encodeServerKeyExchange, signedKeyExchange } from '../../src/wire/server-key-exchange.ts';
import { Adversary, certificateOf, type CommonStep } from './adversary.ts';
import { wellFormed } from './codec.ts';
import { type Mode, pairOf } from './modes.ts';
import { randomOf } from './party.ts';

/** What a server can say after the first ClientHello. */
export type ServerStep =
  | CommonStep
  | 'hello-verify-request'
  | 'hello-request'
  | 'server-hello'
  | 'certificate'
  | 'server-key-exchange'
  | 'certificate-request'
  | 'server-hello-done'
  | 'new-session-ticket'
  | 'client-key-exchange';

/** A server against a client of ours that has just sent its hello. */
export class AdversaryServer extends Adversary {
  constructor(mode: Mode, seed = 1) {
    super('server', mode, pairOf(mode, seed));
    const { client, server, world } = this.pair;
    this.serverRandom = randomOf(11).bytes(32);
    client.endpoint.connect(server.address, mode.client, world.now);
    this.listen();
  }

  /** Says one thing. */
  play(step: ServerStep): void {
    const { certificate, rawPublicKey } = this.mode.server.credentials ?? {};
    switch (step) {
      case 'hello-verify-request': {
        // It belongs to no transcript; the hello that answers the first one begins a new one.
        const body = encodeHelloVerifyRequest({ version: ProtocolVersion.dtls10, cookie: Uint8Array.of(7) });
        const messageSeq = this.nextSeq;
        if (messageSeq === 0) this.nextSeq = 1;
        this.sayAside(HandshakeType.helloVerifyRequest, body, messageSeq);
        break;
      }
      case 'hello-request':
        this.sayAside(HandshakeType.helloRequest, noBytes, this.nextSeq);
        break;
      case 'server-hello':
        this.#sayHello();
        break;
      case 'certificate': {
        const own =
          rawPublicKey === undefined
            ? certificate && ({ ...certificate, kind: 'certificate' } as const)
            : ({ ...rawPublicKey, kind: 'raw-public-key' } as const);
        this.say(HandshakeType.certificate, own === undefined ? new Uint8Array(3) : certificateOf(own));
        break;
      }
      case 'server-key-exchange':
        this.say(HandshakeType.serverKeyExchange, this.#keyExchange());
        break;
      case 'certificate-request':
        this.say(
          HandshakeType.certificateRequest,
          encodeCertificateRequest({
            certificateTypes: [64],
            signatureAlgorithms: [SignatureScheme.ecdsaSha256],
            certificateAuthorities: [],
          }),
        );
        break;
      case 'server-hello-done':
        this.say(HandshakeType.serverHelloDone, noBytes);
        break;
      case 'new-session-ticket':
        this.say(HandshakeType.newSessionTicket, Uint8Array.of(0, 0, 0, 0, 0, 1, 9));
        break;
      case 'client-key-exchange':
        this.say(HandshakeType.clientKeyExchange, Uint8Array.of(0, 1, 65));
        break;
      case 'change-cipher-spec':
      case 'finished':
      case 'finished in plaintext':
      case 'application data':
      case 'application data in plaintext':
        this.common(step);
        break;
    }
  }

  protected hear(message: HandshakeMessage): void {
    if (message.type === HandshakeType.clientHello) {
      this.clientRandom = wellFormed(decodeClientHello(message.body)).random;
      this.begin(message);
      return;
    }
    this.transcript.append(message);
    if (message.type !== HandshakeType.clientKeyExchange) return;
    const exchange = wellFormed(decodeClientKeyExchange(message.body, this.mode.suite.keyExchange));
    if ('publicKey' in exchange) this.peerPublicKey = exchange.publicKey;
    this.agree();
  }

  #sayHello(): void {
    const { keyExchange } = this.mode.suite;
    const isRaw = this.mode.identity === 'raw-public-key';
    const types = isRaw ? { clientCertificateType: 2, serverCertificateType: 2 } : {};
    this.say(
      HandshakeType.serverHello,
      encodeServerHello({
        version: ProtocolVersion.dtls12,
        random: this.serverRandom,
        sessionId: noBytes,
        cipherSuite: this.mode.suite.code,
        extensions: { extendedMasterSecret: true, ...(keyExchange === 'ecdhe-ecdsa' ? types : {}) },
      }),
    );
  }

  #keyExchange(): Uint8Array {
    const { keyExchange } = this.mode.suite;
    const { certificate, rawPublicKey } = this.mode.server.credentials ?? {};
    const { group, publicKey } = this.ephemeral;
    const parameters = { group, publicKey };
    const identityHint = Uint8Array.of(72);
    switch (keyExchange) {
      case 'psk':
        return encodeServerKeyExchange({ kind: keyExchange, identityHint });
      case 'ecdhe-psk':
        return encodeServerKeyExchange({ kind: keyExchange, identityHint, parameters });
      case 'ecdhe-ecdsa': {
        const key = (rawPublicKey ?? certificate)?.privateKey;
        const signatureScheme = SignatureScheme.ecdsaSha256;
        const signed = signedKeyExchange(this.clientRandom, this.serverRandom, parameters);
        const signature = key === undefined ? new Uint8Array(70) : signWith(key, signatureScheme, signed);
        return encodeServerKeyExchange({ kind: keyExchange, parameters, signatureScheme, signature });
      }
    }
  }
}
