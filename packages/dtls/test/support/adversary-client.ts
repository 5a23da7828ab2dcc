import { noBytes, utf8Encode } from '@dunlin/base';

import { signWith } from '../../src/crypto/signature.ts';
import { type HandshakeMessage, Transcript } from '../../src/crypto/transcript.ts';
import { makeOffer } from '../../src/negotiation/client-offer.ts';
import { negotiationOptionsDefaults } from '../../src/negotiation/handshake-options.ts';
import { encodeCertificateVerify } from '../../src/wire/certificate-verify.ts';
import { type ClientHello, encodeClientHello } from '../../src/wire/client-hello.ts';
import { encodeClientKeyExchange } from '../../src/wire/client-key-exchange.ts';
import { SignatureScheme } from '../../src/wire/extension/signature-algorithms.ts';
import { HandshakeType } from '../../src/wire/handshake-type.ts';
import { ProtocolVersion } from '../../src/wire/protocol-version.ts';
import { decodeServerHello } from '../../src/wire/server-hello.ts';
import { decodeServerKeyExchange } from '../../src/wire/server-key-exchange.ts';
import { Adversary, certificateOf, type CommonStep } from './adversary.ts';
import { wellFormed } from './codec.ts';
import { knownIdentity, type Mode, pairOf } from './modes.ts';
import { randomOf } from './party.ts';
import { cookieIn, messageRecord } from './raw.ts';

/** What a client can say behind the ClientHello with its cookie. */
export type ClientStep =
  | CommonStep
  | 'certificate'
  | 'empty certificate'
  | 'client-key-exchange'
  | 'certificate-verify'
  | 'client-hello'
  | 'server-hello-done'
  | 'server-key-exchange';

/** A client against a server of ours, behind its cookie exchange. */
export class AdversaryClient extends Adversary {
  constructor(mode: Mode, seed = 1) {
    super('client', mode, pairOf(mode, seed));
    this.#begin();
  }

  /** Says one thing. */
  play(step: ClientStep): void {
    const { credential } = this.mode.client;
    switch (step) {
      case 'certificate':
        this.say(HandshakeType.certificate, certificateOf(credential));
        break;
      case 'empty certificate':
        this.say(HandshakeType.certificate, new Uint8Array(3));
        break;
      case 'client-key-exchange':
        this.#sayKeyExchange();
        break;
      case 'certificate-verify': {
        const signatureScheme = SignatureScheme.ecdsaSha256;
        const signature =
          credential.kind === 'psk'
            ? new Uint8Array(70)
            : signWith(credential.privateKey, signatureScheme, this.transcript.messages());
        this.say(HandshakeType.certificateVerify, encodeCertificateVerify({ signatureScheme, signature }));
        break;
      }
      case 'client-hello':
        this.say(HandshakeType.clientHello, encodeClientHello(this.#hello(noBytes)));
        break;
      case 'server-hello-done':
        this.say(HandshakeType.serverHelloDone, noBytes);
        break;
      case 'server-key-exchange':
        this.say(HandshakeType.serverKeyExchange, Uint8Array.of(0, 0));
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
    this.transcript.append(message);
    const { keyExchange } = this.mode.suite;
    if (message.type === HandshakeType.serverHello) {
      this.serverRandom = wellFormed(decodeServerHello(message.body)).random;
    }
    if (message.type === HandshakeType.serverKeyExchange && keyExchange !== 'psk') {
      const exchange = wellFormed(decodeServerKeyExchange(message.body, keyExchange));
      if ('parameters' in exchange) this.peerPublicKey = exchange.parameters.publicKey;
    }
  }

  #begin(): void {
    const { client, server, world } = this.pair;
    this.clientRandom = randomOf(9).bytes(32);
    const first = encodeClientHello(this.#hello(noBytes));
    server.endpoint.handle(messageRecord(HandshakeType.clientHello, first, 0), client.address, world.now);
    const cookie = cookieIn(server.drain(world.now)[0]?.datagram);
    this.transcript = new Transcript();
    this.nextSeq = 1;
    this.expect(1);
    this.say(HandshakeType.clientHello, encodeClientHello(this.#hello(cookie)));
  }

  #hello(cookie: Uint8Array): ClientHello {
    const { credential, serverName } = this.mode.client;
    const parameters = { random: this.clientRandom, credential, serverName, resumed: undefined };
    const options = { ...negotiationOptionsDefaults, suites: [this.mode.suite] };
    const { suites, extensions } = makeOffer({ ...parameters, ownConnectionId: undefined }, options);
    return {
      version: ProtocolVersion.dtls12,
      random: this.clientRandom,
      sessionId: noBytes,
      cookie,
      cipherSuites: suites.map(({ code }) => code),
      compressionMethods: [0],
      extensions,
    };
  }

  #sayKeyExchange(): void {
    const { keyExchange: kind } = this.mode.suite;
    const identity = utf8Encode(knownIdentity);
    const { publicKey } = this.ephemeral;
    const exchange =
      kind === 'psk'
        ? { kind, identity }
        : kind === 'ecdhe-psk'
          ? { kind, identity, publicKey }
          : { kind, publicKey };
    const body = encodeClientKeyExchange(exchange);
    const messageSeq = this.nextSeq;
    // The keys follow from the transcript with this message, and have to be there for what the answer needs.
    this.transcript.append({ type: HandshakeType.clientKeyExchange, messageSeq, body });
    this.agree();
    this.nextSeq += 1;
    this.sayAside(HandshakeType.clientKeyExchange, body, messageSeq);
  }
}
