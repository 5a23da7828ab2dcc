import { type Instant, noBytes, type Random, type Secret, utf8Decode } from '@dunlin/base';

import type { EphemeralKey } from '../crypto/ecdhe.ts';
import {
  ecdhePskPremasterSecret,
  extendedMasterSecret,
  isSameVerifyData,
  masterSecret,
  pskPremasterSecret,
  verifyData,
} from '../crypto/key-schedule.ts';
import { isSignedBy } from '../crypto/signature.ts';
import { type HandshakeMessage, Transcript } from '../crypto/transcript.ts';
import type { NegotiationOptions, ServerCredentials } from '../negotiation/handshake-options.ts';
import type { ServerTerms, SuiteChoice } from '../negotiation/server-choice.ts';
import { verifiedSchemes } from '../negotiation/signature-choice.ts';
import type { Session } from '../session.ts';
import { AlertDescription } from '../wire/alert-description.ts';
import { decodeCertificate } from '../wire/certificate.ts';
import { decodeCertificateVerify } from '../wire/certificate-verify.ts';
import type { ClientHello } from '../wire/client-hello.ts';
import { decodeClientKeyExchange } from '../wire/client-key-exchange.ts';
import { CertificateType } from '../wire/extension/certificate-types.ts';
import { isSignatureScheme } from '../wire/extension/signature-algorithms.ts';
import { decodeFinished, encodeFinished } from '../wire/finished.ts';
import { HandshakeType } from '../wire/handshake-type.ts';
import { isMalformed, malformed, type Malformed } from '../wire/malformed.ts';
import { deriveEpochKeys, type EpochKeys } from './epoch-keys.ts';
import {
  failed,
  type HandshakeAction,
  limitRecords,
  type PreSharedKeyAnswer,
  type TrustAnswer,
  unexpected,
} from './handshake-action.ts';
import { inputOf, serverLegalInputs } from './legal-messages.ts';
import { OutgoingMessages } from './outgoing-messages.ts';
import { identityOf, peerKeyOf } from './peer-key.ts';
import { fullServerFlight, serverHello } from './server-flight.ts';
import type {
  AgreedKeys,
  AuthenticatedPeer,
  PskExchange,
  ServerFullEnd,
  ServerResumedEnd,
  ServerState,
} from './server-handshake-state.ts';

/** What a server's handshake begins with: a ClientHello whose cookie was right, and what follows from it. */
export interface ServerHandshakeParameters {
  readonly hello: ClientHello;
  /** The message the hello came in; the transcript begins with it (RFC 6347 §4.2.6). */
  readonly helloMessage: HandshakeMessage;
  readonly terms: ServerTerms;
  readonly choice: SuiteChoice;
  readonly credentials: ServerCredentials;
  readonly options: NegotiationOptions;
  /** What this side wants in records it receives; empty when no connection ids are used in this direction. */
  readonly ownConnectionId: Uint8Array;
  /** The session the client asks for, if it may be resumed under these terms; its secret is taken over. */
  readonly resumable: Session | undefined;
  /** The id of a new session; empty when it will not be kept. */
  readonly newSessionId: Uint8Array;
  readonly random: Random;
}

/**
 * The server's side of one handshake, full (RFC 5246 §7.3 Figure 1) or resuming (Figure 2), as a pure machine:
 * whole messages in their order, ChangeCipherSpec and answers go in; actions come out. What is legal when stands in
 * `serverLegalInputs`.
 */
export class ServerHandshake {
  readonly role = 'server';
  readonly clientRandom: Uint8Array;
  readonly #given: ServerHandshakeParameters;
  readonly #transcript: Transcript;
  readonly #messages: OutgoingMessages;
  readonly #serverRandom: Uint8Array;
  #ephemeral: EphemeralKey | undefined;
  #state: ServerState = { kind: 'ended' };

  constructor(parameters: ServerHandshakeParameters) {
    this.#given = parameters;
    this.clientRandom = parameters.hello.random;
    this.#transcript = new Transcript();
    this.#transcript.append(parameters.helloMessage);
    this.#messages = new OutgoingMessages(this.#transcript, parameters.helloMessage.messageSeq);
    this.#serverRandom = parameters.random.bytes(32);
  }

  /** The state, for the table and for diagnostics. */
  get state(): ServerState['kind'] {
    return this.#state.kind;
  }

  /** Begins: asks whether the session may be resumed, or sends the first flight. */
  start(): readonly HandshakeAction[] {
    const { resumable, terms } = this.#given;
    if (resumable === undefined) return this.#sendFullFlight();
    this.#state = { kind: 'wait-resumption-verdict', session: resumable };
    const { peer, credentialId } = resumable;
    const evidence = { kind: 'session', peer, credentialId } as const;
    const { serverName } = terms;
    return [{ kind: 'ask', question: { kind: 'trust', evidence, serverName } }];
  }

  /** The next message in order. */
  handleMessage(message: HandshakeMessage, now: Instant): readonly HandshakeAction[] {
    const state = this.#state;
    const input = inputOf(message.type);
    if (!serverLegalInputs[state.kind].includes(input)) return this.#fail(unexpected(input, state.kind));
    switch (state.kind) {
      case 'wait-certificate':
        return this.#takeCertificate(message);
      case 'wait-client-key-exchange':
        return this.#takeClientKeyExchange(message, state);
      case 'wait-certificate-verify':
        return this.#takeCertificateVerify(message, state);
      case 'wait-finished':
      case 'resumed-wait-finished':
        return this.#takeFinished(message, state, now);
      case 'wait-resumption-verdict':
      case 'wait-pre-shared-key':
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
    if (state.kind === 'wait-change-cipher-spec') {
      this.#state = { ...state, kind: 'wait-finished' };
      return [{ kind: 'protect-reading', protection: state.agreed.keys.reading }];
    }
    if (state.kind === 'resumed-wait-change-cipher-spec') {
      this.#state = { ...state, kind: 'resumed-wait-finished' };
      return [{ kind: 'protect-reading', protection: state.keys.reading }];
    }
    return [];
  }

  /**
   * The key of the identity that was asked for. An unknown identity goes on with a random key: the handshake fails
   * where that of a wrong key fails, and as late (RFC 4279 §2).
   */
  answerPreSharedKey(answer: PreSharedKeyAnswer): readonly HandshakeAction[] {
    const state = this.#state;
    if (state.kind !== 'wait-pre-shared-key') return [];
    const dummy = this.#given.random.bytes(16);
    const key = answer === undefined || answer.key.length === 0 ? dummy : answer.key;
    const premaster = this.#pskPremaster(state.exchange, key);
    if (isMalformed(premaster)) return this.#fail(premaster);
    const authenticated: AuthenticatedPeer = {
      peer: { kind: 'psk', identity: state.identity },
      credentialId: answer?.credentialId ?? '',
    };
    this.#state = { kind: 'wait-change-cipher-spec', agreed: this.#agree(premaster), authenticated };
    return [];
  }

  /** Whether the key, the certificate, or the peer of the session is trusted. */
  answerTrust(answer: TrustAnswer): readonly HandshakeAction[] {
    const state = this.#state;
    if (state.kind === 'wait-resumption-verdict') {
      if (answer.kind === 'trusted') return this.#sendResumingFlight(state.session);
      state.session.masterSecret.destroy();
      return this.#sendFullFlight();
    }
    if (state.kind !== 'wait-verification') return [];
    if (answer.kind === 'refused') {
      return this.#fail(malformed(answer.reason, answer.alert ?? AlertDescription.badCertificate));
    }
    const peer = identityOf(state.peerKey.certificate);
    const { credentialId } = answer;
    const { agreed } = state;
    this.#state = { kind: 'wait-change-cipher-spec', agreed, authenticated: { peer, credentialId } };
    return [];
  }

  /** It is given up: its secrets are overwritten. */
  abandon(): void {
    const state = this.#state;
    this.#state = { kind: 'ended' };
    if ('agreed' in state) state.agreed.masterSecret.destroy();
    if ('session' in state) state.session.masterSecret.destroy();
  }

  #sendFullFlight(): readonly HandshakeAction[] {
    const { choice, credentials, newSessionId } = this.#given;
    const hint = credentials.preSharedKeys?.identityHint;
    const flight = fullServerFlight(this.#flightParameters(newSessionId), choice, hint, this.#messages);
    this.#ephemeral = flight.ephemeral;
    this.#state =
      choice.kind === 'ecdhe-ecdsa'
        ? { kind: 'wait-certificate' }
        : { kind: 'wait-client-key-exchange', peerKey: undefined };
    return [
      limitRecords(this.#given.terms, this.#given.options),
      { kind: 'send', items: flight.items, isLast: false },
    ];
  }

  #sendResumingFlight(session: Session): readonly HandshakeAction[] {
    const hello = serverHello(this.#flightParameters(session.id), session, this.#messages);
    const keys = this.#epochKeys(session.suite, session.masterSecret);
    const finished = this.#ownFinished(session.masterSecret);
    this.#state = { kind: 'resumed-wait-change-cipher-spec', session, keys };
    return [
      limitRecords(this.#given.terms, this.#given.options),
      { kind: 'protect-writing', protection: keys.writing },
      { kind: 'send', items: [hello, { kind: 'change-cipher-spec' }, finished], isLast: false },
    ];
  }

  #takeCertificate(message: HandshakeMessage): readonly HandshakeAction[] {
    const { choice } = this.#given;
    const type =
      choice.kind === 'ecdhe-ecdsa' ? choice.certificates.clientCertificateType : CertificateType.x509;
    const certificate = decodeCertificate(message.body, type);
    if (isMalformed(certificate)) return this.#fail(certificate);
    const peerKey = peerKeyOf(certificate);
    if (isMalformed(peerKey)) return this.#fail(peerKey);
    this.#transcript.append(message);
    this.#state = { kind: 'wait-client-key-exchange', peerKey };
    return [];
  }

  #takeClientKeyExchange(
    message: HandshakeMessage,
    state: Extract<ServerState, { readonly kind: 'wait-client-key-exchange' }>,
  ): readonly HandshakeAction[] {
    const exchange = decodeClientKeyExchange(message.body, this.#given.choice.kind);
    if (isMalformed(exchange)) return this.#fail(exchange);
    this.#transcript.append(message);
    switch (exchange.kind) {
      case 'psk':
      case 'ecdhe-psk': {
        const identity = this.#readIdentity(exchange.identity);
        this.#state = { kind: 'wait-pre-shared-key', exchange, identity: identity ?? '' };
        const { serverName } = this.#given.terms;
        return [{ kind: 'ask', question: { kind: 'pre-shared-key', identity, serverName } }];
      }
      case 'ecdhe-ecdsa': {
        const { peerKey } = state;
        const premaster = this.#ephemeral?.agree(exchange.publicKey);
        if (premaster === undefined || peerKey === undefined) {
          return this.#fail(malformed('There is no key to agree with.', AlertDescription.internalError));
        }
        if (isMalformed(premaster)) return this.#fail(premaster);
        this.#state = { kind: 'wait-certificate-verify', peerKey, agreed: this.#agree(premaster) };
        return [];
      }
    }
  }

  #takeCertificateVerify(
    message: HandshakeMessage,
    state: Extract<ServerState, { readonly kind: 'wait-certificate-verify' }>,
  ): readonly HandshakeAction[] {
    const verify = decodeCertificateVerify(message.body);
    if (isMalformed(verify)) return this.#fail(verify);
    const { signatureScheme: scheme, signature } = verify;
    if (!isSignatureScheme(scheme) || !verifiedSchemes.includes(scheme)) {
      return this.#fail(
        malformed('The client signed with an algorithm not asked for.', AlertDescription.illegalParameter),
      );
    }
    const { peerKey } = state;
    if (!isSignedBy(peerKey.key, scheme, this.#transcript.messages(), signature)) {
      return this.#fail(malformed('The client’s CertificateVerify is wrong.', AlertDescription.decryptError));
    }
    this.#transcript.append(message);
    this.#state = { ...state, kind: 'wait-verification' };
    const { serverName } = this.#given.terms;
    const evidence = { kind: 'certificate', certificate: peerKey.certificate } as const;
    return [{ kind: 'ask', question: { kind: 'trust', evidence, serverName } }];
  }

  #takeFinished(
    message: HandshakeMessage,
    state: ServerFullEnd<'wait-finished'> | ServerResumedEnd<'resumed-wait-finished'>,
    now: Instant,
  ): readonly HandshakeAction[] {
    const finished = decodeFinished(message.body);
    if (isMalformed(finished)) return this.#fail(finished);
    const isFull = state.kind === 'wait-finished';
    const master = isFull ? state.agreed.masterSecret : state.session.masterSecret;
    const expected = verifyData(master, 'client', this.#transcript.hash());
    if (!isSameVerifyData(expected, finished.verifyData)) {
      return this.#fail(malformed('The client’s Finished is wrong.', AlertDescription.decryptError));
    }
    this.#transcript.append(message);
    this.#state = { kind: 'ended' };
    if (!isFull) return [this.#complete(state.session, true)];
    const session = this.#newSession(state.agreed.masterSecret, state.authenticated, now);
    return [
      { kind: 'protect-writing', protection: state.agreed.keys.writing },
      { kind: 'send', items: [{ kind: 'change-cipher-spec' }, this.#ownFinished(master)], isLast: true },
      this.#complete(session, false),
    ];
  }

  #complete(session: Session, isResumed: boolean): HandshakeAction {
    const { ownConnectionId, terms } = this.#given;
    const result = {
      session,
      isResumed,
      clientRandom: this.clientRandom,
      serverRandom: this.#serverRandom,
      ownConnectionId,
      peerConnectionId: terms.peerConnectionId ?? noBytes,
    };
    return { kind: 'complete', result };
  }

  #newSession(master: Secret, authenticated: AuthenticatedPeer, now: Instant): Session {
    const { choice, terms, newSessionId } = this.#given;
    return {
      id: newSessionId,
      suite: choice.suite,
      masterSecret: master,
      hasExtendedMasterSecret: terms.hasExtendedMasterSecret,
      serverName: terms.serverName,
      maxFragmentLength: terms.maxFragmentLength,
      ...authenticated,
      establishedAt: now,
    };
  }

  #pskPremaster(exchange: PskExchange, key: Uint8Array): Secret | Malformed {
    if (exchange.kind === 'psk') return pskPremasterSecret(key);
    const agreed = this.#ephemeral?.agree(exchange.publicKey);
    if (agreed === undefined)
      return malformed('There is no key to agree with.', AlertDescription.internalError);
    if (isMalformed(agreed)) return agreed;
    const premaster = ecdhePskPremasterSecret(agreed, key);
    agreed.destroy();
    return premaster;
  }

  /** The transcript goes up to and including ClientKeyExchange (RFC 7627 §3). */
  #agree(premaster: Secret): AgreedKeys {
    const master = this.#given.terms.hasExtendedMasterSecret
      ? extendedMasterSecret(premaster, this.#transcript.hash())
      : masterSecret(premaster, this.clientRandom, this.#serverRandom);
    premaster.destroy();
    return { masterSecret: master, keys: this.#epochKeys(this.#given.choice.suite, master) };
  }

  #epochKeys(suite: Session['suite'], master: Secret): EpochKeys {
    const { ownConnectionId, terms, random } = this.#given;
    return deriveEpochKeys(
      {
        role: 'server',
        suite,
        masterSecret: master,
        clientRandom: this.clientRandom,
        serverRandom: this.#serverRandom,
        ownConnectionId,
        peerConnectionId: terms.peerConnectionId ?? noBytes,
      },
      random,
    );
  }

  #ownFinished(master: Secret): ReturnType<OutgoingMessages['add']> {
    const data = verifyData(master, 'server', this.#transcript.hash());
    return this.#messages.add(HandshakeType.finished, encodeFinished({ verifyData: data }), 1);
  }

  #flightParameters(sessionId: Uint8Array): Parameters<typeof fullServerFlight>[0] {
    const { hello, terms, ownConnectionId, options } = this.#given;
    const { recordSizeLimit } = options;
    return { hello, terms, serverRandom: this.#serverRandom, sessionId, ownConnectionId, recordSizeLimit };
  }

  #readIdentity(identity: Uint8Array): string | undefined {
    if (identity.length === 0 || identity.length > this.#given.options.maxIdentityLength) return undefined;
    return utf8Decode(identity);
  }

  #fail(problem: Malformed): readonly HandshakeAction[] {
    this.abandon();
    return failed(problem);
  }
}
