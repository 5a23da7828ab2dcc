import { equalBytes, type Instant, noBytes, type Random, type Secret } from '@dunlin/base';

import type { Credential } from '../credentials/credential.ts';
import { extendedMasterSecret, isSameVerifyData, masterSecret, verifyData } from '../crypto/key-schedule.ts';
import { type HandshakeMessage, Transcript } from '../crypto/transcript.ts';
import { checkServerHello, type ClientOffer } from '../negotiation/client-offer.ts';
import type { NegotiationOptions } from '../negotiation/handshake-options.ts';
import type { Session } from '../session.ts';
import { AlertDescription } from '../wire/alert-description.ts';
import { decodeCertificate } from '../wire/certificate.ts';
import { decodeCertificateRequest } from '../wire/certificate-request.ts';
import { decodeFinished, encodeFinished } from '../wire/finished.ts';
import { HandshakeType } from '../wire/handshake-type.ts';
import { decodeHelloVerifyRequest } from '../wire/hello-verify-request.ts';
import { isMalformed, malformed, type Malformed } from '../wire/malformed.ts';
import { decodeServerHello } from '../wire/server-hello.ts';
import { checkServerHelloDone } from '../wire/server-hello-done.ts';
import { decodeServerKeyExchange } from '../wire/server-key-exchange.ts';
import {
  certificateTypeProblem,
  certificateVerify,
  clientHelloBody,
  clientKeyExchange,
  keyExchangeMessages,
  keyExchangeProblem,
} from './client-flight.ts';
import type {
  ClientFullEnd,
  ClientResumedEnd,
  ClientState,
  ClientTerms,
  ServerFlight,
} from './client-handshake-state.ts';
import { deriveEpochKeys, type EpochKeys } from './epoch-keys.ts';
import {
  failed,
  type HandshakeAction,
  limitRecords,
  type TrustAnswer,
  unexpected,
} from './handshake-action.ts';
import { clientLegalInputs, clientPassesOver, inputOf } from './legal-messages.ts';
import { OutgoingMessages } from './outgoing-messages.ts';
import { identityOf, peerKeyOf } from './peer-key.ts';
import type { AuthenticatedPeer } from './server-handshake-state.ts';

/** What a client's handshake begins with. */
export interface ClientHandshakeParameters {
  readonly offer: ClientOffer;
  readonly credential: Credential;
  /** How the credential is called in the session. */
  readonly credentialId: string;
  readonly options: NegotiationOptions;
  /** The server as the caller names it, for whoever judges its certificate, and for the session. */
  readonly serverName: string | undefined;
  readonly random: Random;
}

/** How many HelloVerifyRequests are answered; a second one is due when the server changed its key in between. */
const maxCookieRounds = 3;

/**
 * The client's side of one handshake, full (RFC 5246 §7.3 Figure 1) or resuming (Figure 2), as a pure machine: whole
 * messages in their order, ChangeCipherSpec and answers go in; actions come out. What is legal when stands in
 * `clientLegalInputs`.
 */
export class ClientHandshake {
  readonly role = 'client';
  readonly #given: ClientHandshakeParameters;
  #transcript: Transcript = new Transcript();
  #messages: OutgoingMessages = new OutgoingMessages(this.#transcript, 0);
  #state: ClientState = { kind: 'wait-server-hello', cookie: noBytes, cookieRounds: 0 };

  constructor(parameters: ClientHandshakeParameters) {
    this.#given = parameters;
  }

  /** The state, for the table and for diagnostics. */
  get state(): ClientState['kind'] {
    return this.#state.kind;
  }

  /** The random of all hellos of this handshake. */
  get clientRandom(): Uint8Array {
    return this.#given.offer.random;
  }

  /** Begins: sends the first ClientHello. */
  start(): readonly HandshakeAction[] {
    return [this.#sendHello(noBytes, 0)];
  }

  /** The next message in order; a HelloVerifyRequest in whatever order. */
  handleMessage(message: HandshakeMessage, now: Instant): readonly HandshakeAction[] {
    const state = this.#state;
    const input = inputOf(message.type);
    if (!clientLegalInputs[state.kind].includes(input)) {
      return clientPassesOver.includes(input) ? [] : this.#fail(unexpected(input, state.kind));
    }
    switch (state.kind) {
      case 'wait-server-hello':
        return input === 'helloVerifyRequest'
          ? this.#takeHelloVerifyRequest(message, state)
          : this.#takeServerHello(message);
      case 'wait-certificate':
        return this.#takeCertificate(message, state.flight);
      case 'wait-server-key-exchange':
        return this.#takeServerKeyExchange(message, state.flight);
      case 'wait-identity-hint-or-done':
        return input === 'serverKeyExchange'
          ? this.#takeServerKeyExchange(message, state.flight)
          : this.#takeServerHelloDone(message, state.flight);
      case 'wait-certificate-request':
        return input === 'certificateRequest'
          ? this.#takeCertificateRequest(message, state.flight)
          : this.#takeServerHelloDone(message, state.flight);
      case 'wait-server-hello-done':
        return this.#takeServerHelloDone(message, state.flight);
      case 'wait-finished':
      case 'resumed-wait-finished':
        return this.#takeFinished(message, state, now);
      case 'wait-verification':
      case 'wait-change-cipher-spec':
      case 'resumed-wait-change-cipher-spec':
      case 'ended':
        return this.#fail(unexpected(input, state.kind));
    }
  }

  /** A ChangeCipherSpec; outside its place it changes nothing, since nobody vouches for it. */
  handleChangeCipherSpec(): readonly HandshakeAction[] {
    const state = this.#state;
    if (state.kind === 'wait-change-cipher-spec') this.#state = { ...state, kind: 'wait-finished' };
    else if (state.kind === 'resumed-wait-change-cipher-spec') {
      this.#state = { ...state, kind: 'resumed-wait-finished' };
    } else return [];
    return [{ kind: 'protect-reading', protection: state.keys.reading }];
  }

  /** Whether the server's key or certificate is trusted. */
  answerTrust(answer: TrustAnswer): readonly HandshakeAction[] {
    const state = this.#state;
    if (state.kind !== 'wait-verification') return [];
    if (answer.kind === 'refused') {
      return this.#fail(malformed(answer.reason, answer.alert ?? AlertDescription.badCertificate));
    }
    const { peerKey } = state.flight;
    if (peerKey === undefined) return [];
    const peer = identityOf(peerKey.certificate);
    // A session goes with the own credential, which is what a client asks for when it comes back.
    return this.#sendKeyExchange(state.flight, { peer, credentialId: this.#given.credentialId });
  }

  /** It is given up: its secrets are overwritten. */
  abandon(): void {
    const state = this.#state;
    if (state.kind !== 'ended') this.#given.offer.resumed?.masterSecret.destroy();
    if ('masterSecret' in state) state.masterSecret.destroy();
    this.#state = { kind: 'ended' };
  }

  #takeHelloVerifyRequest(
    message: HandshakeMessage,
    state: Extract<ClientState, { readonly kind: 'wait-server-hello' }>,
  ): readonly HandshakeAction[] {
    const request = decodeHelloVerifyRequest(message.body);
    // Nobody vouches for it and the real one may follow: what is malformed, or one too many, is passed over.
    if (isMalformed(request) || state.cookieRounds >= maxCookieRounds) return [];
    if (state.cookieRounds > 0 && equalBytes(request.cookie, state.cookie)) return [];
    const cookieRounds = state.cookieRounds + 1;
    this.#state = { kind: 'wait-server-hello', cookie: request.cookie, cookieRounds };
    return [
      { kind: 'expect-message', messageSeq: message.messageSeq + 1 },
      this.#sendHello(request.cookie, cookieRounds),
    ];
  }

  /** The transcript begins anew with each hello (RFC 6347 §4.2.6); only the numbers of messages go on. */
  #sendHello(cookie: Uint8Array, messageSeq: number): HandshakeAction {
    this.#transcript = new Transcript();
    this.#messages = new OutgoingMessages(this.#transcript, messageSeq);
    const body = clientHelloBody(this.#given.offer, cookie);
    const hello = this.#messages.add(HandshakeType.clientHello, body);
    return { kind: 'send', items: [hello], isLast: false };
  }

  #takeServerHello(message: HandshakeMessage): readonly HandshakeAction[] {
    const hello = decodeServerHello(message.body);
    if (isMalformed(hello)) return this.#fail(hello);
    const { offer, options } = this.#given;
    const accepted = checkServerHello(hello, offer, options);
    if (isMalformed(accepted)) return this.#fail(accepted);
    this.#transcript.append(message);
    const terms = { ...accepted, serverRandom: hello.random, sessionId: hello.sessionId };
    const limits = limitRecords(terms, options);
    if (accepted.isResumed && offer.resumed !== undefined) {
      const { masterSecret: master } = offer.resumed;
      const keys = this.#epochKeys(terms, master);
      this.#state = { kind: 'resumed-wait-change-cipher-spec', terms, masterSecret: master, keys };
      return [limits];
    }
    offer.resumed?.masterSecret.destroy();
    const flight = { terms, peerKey: undefined, parameters: undefined, request: undefined };
    this.#state = { kind: firstStates[accepted.suite.keyExchange], flight };
    return [limits];
  }

  #takeCertificate(message: HandshakeMessage, flight: ServerFlight): readonly HandshakeAction[] {
    const certificate = decodeCertificate(message.body, flight.terms.serverCertificateType);
    if (isMalformed(certificate)) return this.#fail(certificate);
    const peerKey = peerKeyOf(certificate);
    if (isMalformed(peerKey)) return this.#fail(peerKey);
    this.#transcript.append(message);
    this.#state = { kind: 'wait-server-key-exchange', flight: { ...flight, peerKey } };
    return [];
  }

  #takeServerKeyExchange(message: HandshakeMessage, flight: ServerFlight): readonly HandshakeAction[] {
    const { terms, peerKey } = flight;
    const exchange = decodeServerKeyExchange(message.body, terms.suite.keyExchange);
    if (isMalformed(exchange)) return this.#fail(exchange);
    this.#transcript.append(message);
    if (exchange.kind === 'psk') {
      this.#state = { kind: 'wait-server-hello-done', flight };
      return [];
    }
    const problem = keyExchangeProblem(exchange, this.#given.offer, terms.serverRandom, peerKey);
    if (problem !== undefined) return this.#fail(problem);
    const isCertified = exchange.kind === 'ecdhe-ecdsa';
    const kind = isCertified ? 'wait-certificate-request' : 'wait-server-hello-done';
    this.#state = { kind, flight: { ...flight, parameters: exchange.parameters } };
    return [];
  }

  #takeCertificateRequest(message: HandshakeMessage, flight: ServerFlight): readonly HandshakeAction[] {
    const request = decodeCertificateRequest(message.body);
    if (isMalformed(request)) return this.#fail(request);
    const { credential } = this.#given;
    const problem = certificateTypeProblem(credential, flight.terms.clientCertificateType);
    if (problem !== undefined) return this.#fail(problem);
    this.#transcript.append(message);
    this.#state = { kind: 'wait-server-hello-done', flight: { ...flight, request } };
    return [];
  }

  #takeServerHelloDone(message: HandshakeMessage, flight: ServerFlight): readonly HandshakeAction[] {
    const problem = checkServerHelloDone(message.body);
    if (problem !== undefined) return this.#fail(problem);
    this.#transcript.append(message);
    const { credential, credentialId, serverName } = this.#given;
    if (credential.kind === 'psk') {
      const peer = { kind: 'psk', identity: credential.identity } as const;
      return this.#sendKeyExchange(flight, { peer, credentialId });
    }
    const { peerKey } = flight;
    if (peerKey === undefined) return this.#fail(refusal('The server showed no key.'));
    this.#state = { kind: 'wait-verification', flight };
    const evidence = { kind: 'certificate', certificate: peerKey.certificate } as const;
    return [{ kind: 'ask', question: { kind: 'trust', evidence, serverName } }];
  }

  #sendKeyExchange(flight: ServerFlight, authenticated: AuthenticatedPeer): readonly HandshakeAction[] {
    const { credential } = this.#given;
    const { terms, parameters, request } = flight;
    const exchange = clientKeyExchange(credential, parameters);
    if (isMalformed(exchange)) return this.#fail(exchange);
    const isRequested = request !== undefined;
    const items = keyExchangeMessages(credential, isRequested, exchange.message, this.#messages);
    const master = terms.hasExtendedMasterSecret
      ? extendedMasterSecret(exchange.premaster, this.#transcript.hash())
      : masterSecret(exchange.premaster, this.clientRandom, terms.serverRandom);
    exchange.premaster.destroy();
    if (credential.kind !== 'psk' && request !== undefined) {
      const verify = certificateVerify(credential, request, this.#transcript, this.#messages);
      if (isMalformed(verify)) {
        master.destroy();
        return this.#fail(verify);
      }
      items.push(verify);
    }
    const keys = this.#epochKeys(terms, master);
    items.push({ kind: 'change-cipher-spec' }, this.#ownFinished(master));
    this.#state = { kind: 'wait-change-cipher-spec', terms, masterSecret: master, keys, authenticated };
    return [
      { kind: 'protect-writing', protection: keys.writing },
      { kind: 'send', items, isLast: false },
    ];
  }

  #takeFinished(
    message: HandshakeMessage,
    state: ClientFullEnd<'wait-finished'> | ClientResumedEnd<'resumed-wait-finished'>,
    now: Instant,
  ): readonly HandshakeAction[] {
    const finished = decodeFinished(message.body);
    if (isMalformed(finished)) return this.#fail(finished);
    const expected = verifyData(state.masterSecret, 'server', this.#transcript.hash());
    if (!isSameVerifyData(expected, finished.verifyData)) {
      return this.#fail(malformed('The server’s Finished is wrong.', AlertDescription.decryptError));
    }
    this.#transcript.append(message);
    this.#state = { kind: 'ended' };
    const { resumed } = this.#given.offer;
    if (state.kind === 'wait-finished') {
      return [this.#complete(this.#newSession(state, now), state.terms, false)];
    }
    if (resumed === undefined) return this.#fail(refusal('There is no session to resume.'));
    const items = [{ kind: 'change-cipher-spec' } as const, this.#ownFinished(state.masterSecret)];
    return [
      { kind: 'protect-writing', protection: state.keys.writing },
      { kind: 'send', items, isLast: true },
      this.#complete(resumed, state.terms, true),
    ];
  }

  #complete(session: Session, terms: ClientTerms, isResumed: boolean): HandshakeAction {
    const { clientRandom } = this;
    const { serverRandom, ownConnectionId, peerConnectionId } = terms;
    const result = { session, isResumed, clientRandom, serverRandom, ownConnectionId, peerConnectionId };
    return { kind: 'complete', result };
  }

  #newSession(state: ClientFullEnd<'wait-finished'>, now: Instant): Session {
    const { terms } = state;
    return {
      id: terms.sessionId,
      suite: terms.suite,
      masterSecret: state.masterSecret,
      hasExtendedMasterSecret: terms.hasExtendedMasterSecret,
      serverName: this.#given.offer.extensions.serverName,
      maxFragmentLength: terms.maxFragmentLength,
      ...state.authenticated,
      establishedAt: now,
    };
  }

  #epochKeys(terms: ClientTerms, master: Secret): EpochKeys {
    const { suite, serverRandom, ownConnectionId, peerConnectionId } = terms;
    const { clientRandom } = this;
    return deriveEpochKeys(
      {
        role: 'client',
        suite,
        masterSecret: master,
        clientRandom,
        serverRandom,
        ownConnectionId,
        peerConnectionId,
      },
      this.#given.random,
    );
  }

  #ownFinished(master: Secret): ReturnType<OutgoingMessages['add']> {
    const data = verifyData(master, 'client', this.#transcript.hash());
    return this.#messages.add(HandshakeType.finished, encodeFinished({ verifyData: data }), 1);
  }

  #fail(problem: Malformed): readonly HandshakeAction[] {
    this.abandon();
    return failed(problem);
  }
}

/** What follows the ServerHello of a full handshake (RFC 4279 §2, RFC 5489 §2, RFC 8422 §2). */
const firstStates = {
  psk: 'wait-identity-hint-or-done',
  'ecdhe-psk': 'wait-server-key-exchange',
  'ecdhe-ecdsa': 'wait-certificate',
} as const;

function refusal(reason: string): Malformed {
  return malformed(reason, AlertDescription.handshakeFailure);
}
