import { type Random, Secret, utf8Encode } from '@dunlin/base';

import type { HandshakeMessage } from '../../src/crypto/transcript.ts';
import type { HandshakeAction } from '../../src/handshake/handshake-action.ts';
import { ClientHandshake } from '../../src/handshake/client-handshake.ts';
import { ServerHandshake } from '../../src/handshake/server-handshake.ts';
import { makeOffer } from '../../src/negotiation/client-offer.ts';
import {
  type NegotiationOptions,
  negotiationOptionsDefaults,
} from '../../src/negotiation/handshake-options.ts';
import { agreeOnTerms, chooseSuite } from '../../src/negotiation/server-choice.ts';
import type { Session } from '../../src/session.ts';
import { decodeClientHello } from '../../src/wire/client-hello.ts';
import { validTime } from './certificate-authority.ts';
import { wellFormed } from './codec.ts';
import { type Mode, sharedKey } from './modes.ts';
import { randomOf } from './party.ts';

/** What goes from one machine to the other: a message, or a ChangeCipherSpec. */
export type Step =
  | { readonly kind: 'message'; readonly to: 'client' | 'server'; readonly message: HandshakeMessage }
  | { readonly kind: 'change-cipher-spec'; readonly to: 'client' | 'server' }
  | {
      readonly kind: 'answer';
      readonly to: 'client' | 'server';
      readonly question: 'pre-shared-key' | 'trust';
    };

/** The two machines of a handshake without records between them, stepped one input at a time. */
export class Machines {
  readonly client: ClientHandshake;
  server: ServerHandshake | undefined;
  readonly pending: Step[] = [];
  readonly completed: { client?: Session; server?: Session } = {};
  readonly failures: string[] = [];
  readonly #mode: Mode;
  readonly #options: NegotiationOptions;
  readonly #random: Random;
  readonly #resumed: Session | undefined;
  readonly #hint: string | undefined;

  constructor(mode: Mode, resumed?: { readonly client: Session; readonly server: Session }, hint?: string) {
    this.#mode = mode;
    this.#hint = hint;
    this.#options = { ...negotiationOptionsDefaults, suites: [mode.suite] };
    this.#random = randomOf(7);
    this.#resumed = copyOf(resumed?.server);
    const { credential, serverName } = mode.client;
    const parameters = { random: this.#random.bytes(32), credential, serverName, ownConnectionId: undefined };
    const offer = makeOffer({ ...parameters, resumed: copyOf(resumed?.client) }, this.#options);
    const given = { offer, credential, credentialId: 'c', options: this.#options, serverName };
    this.client = new ClientHandshake({ ...given, random: this.#random });
    this.take('client', this.client.start());
  }

  /** The machine of a role; the server's is there once it got the ClientHello. */
  machine(role: 'client' | 'server'): ClientHandshake | ServerHandshake | undefined {
    return role === 'client' ? this.client : this.server;
  }

  /** Does the next step; false when there is none. */
  step(): boolean {
    const step = this.pending.shift();
    if (step === undefined) return false;
    if (step.to === 'server' && this.server === undefined) {
      if (step.kind === 'message') this.#startServer(step.message);
      return true;
    }
    const machine = this.machine(step.to);
    if (machine === undefined) return true;
    switch (step.kind) {
      case 'message':
        this.take(step.to, machine.handleMessage(step.message, validTime));
        break;
      case 'change-cipher-spec':
        this.take(step.to, machine.handleChangeCipherSpec());
        break;
      case 'answer': {
        const trusted = { kind: 'trusted', credentialId: 'c' } as const;
        if (step.question === 'trust') this.take(step.to, machine.answerTrust(trusted));
        else if (machine.role === 'server') {
          this.take(step.to, machine.answerPreSharedKey({ key: sharedKey, credentialId: 'c' }));
        }
        break;
      }
    }
    return true;
  }

  /** Takes in what a machine wants; its messages are pending for the other one. */
  take(from: 'client' | 'server', actions: readonly HandshakeAction[]): void {
    const to = from === 'client' ? 'server' : 'client';
    for (const action of actions) {
      if (action.kind === 'complete') this.completed[from] = action.result.session;
      if (action.kind === 'fail') this.failures.push(`${from}: ${action.alert} ${action.reason}`);
      if (action.kind === 'ask')
        this.pending.unshift({ kind: 'answer', to: from, question: action.question.kind });
      if (action.kind !== 'send') continue;
      for (const item of action.items) {
        if (item.kind === 'handshake') this.pending.push({ kind: 'message', to, message: item.message });
        else this.pending.push({ kind: 'change-cipher-spec', to });
      }
    }
  }

  #startServer(message: HandshakeMessage): void {
    const hello = wellFormed(decodeClientHello(message.body));
    const credentials = {
      ...this.#mode.server.credentials,
      ...(this.#hint === undefined ? {} : { preSharedKeys: { identityHint: this.#hint } }),
    };
    const server = new ServerHandshake({
      hello,
      helloMessage: message,
      terms: wellFormed(agreeOnTerms(hello, this.#options)),
      choice: wellFormed(chooseSuite(hello, credentials, this.#options)),
      credentials,
      options: this.#options,
      ownConnectionId: new Uint8Array(0),
      resumable: this.#resumed,
      newSessionId: utf8Encode('session'),
      random: this.#random,
    });
    this.server = server;
    this.take('server', server.start());
  }
}

/** A session for one handshake, which takes its secret over. */
function copyOf(session: Session | undefined): Session | undefined {
  return session && { ...session, masterSecret: new Secret(session.masterSecret.reveal().slice()) };
}
