import { earliestOf, type Instant, instantFrom } from '@dunlin/base';
import {
  CoapEndpoint,
  type CoapEndpointOptions,
  type CoapOutput,
  type DeliveryFailure,
  type Driven,
  type ExchangeId,
  type IncomingRequest,
  type ObservationId,
  type OutgoingDatagram,
  type Peer,
  type RequestId,
  type Response,
  type ResponseDelivery,
  type Shell,
} from '@dunlin/coap';

import type { ActiveObservation } from './active-observation.ts';
import type { PendingRequest } from './pending-request.ts';

/** What a request needs to be answered. */
export interface Call {
  readonly listener: Listener;
  readonly exchange: ExchangeId;
  readonly peer: Peer;
  readonly request: IncomingRequest;
  readonly now: Instant;
}

/** The side of the server that listeners talk to. */
export interface ListenerRole {
  /** When `wake` has something to do. */
  readonly deadline: Instant | undefined;
  wake(now: Instant): void;
  answer(call: Call): void;
}

/** One binding of the server: a CoAP endpoint and the shell it lives in. */
export class Listener implements Driven {
  readonly requests: Map<RequestId, PendingRequest> = new Map();
  readonly observations: Map<ObservationId, ActiveObservation> = new Map();
  readonly #role: ListenerRole;
  readonly #afterwards: (() => void)[] = [];
  readonly #options: Omit<CoapEndpointOptions, 'random'>;
  #shell: Shell | undefined;
  #endpoint: CoapEndpoint | undefined;
  #now: Instant = instantFrom(0);
  /** True while the shell is going to drain `poll` anyway. */
  #isDriven = false;

  constructor(role: ListenerRole, options: Omit<CoapEndpointOptions, 'random'>) {
    this.#role = role;
    this.#options = options;
  }

  /** Gives it its shell once that is open: in the same turn, before a datagram can come. */
  attach(shell: Shell): void {
    this.#shell = shell;
    this.#now = shell.now();
    this.#endpoint = new CoapEndpoint({ ...this.#options, random: shell.random });
  }

  get endpoint(): CoapEndpoint {
    if (this.#endpoint === undefined) throw new Error('a listener was used before its binding was open');
    return this.#endpoint;
  }

  get shell(): Shell {
    if (this.#shell === undefined) throw new Error('a listener was used before its binding was open');
    return this.#shell;
  }

  get localUri(): string {
    return this.shell.local.uri;
  }

  /** The time, for commands that come from outside. */
  now(): Instant {
    return this.shell.now();
  }

  /** Sends what a command from outside gave to send. */
  flush(): void {
    if (!this.#isDriven) this.shell.flush();
  }

  respond(call: Call, response: Response, delivery: Readonly<ResponseDelivery> = {}): void {
    this.endpoint.respond(call.exchange, response, this.now(), delivery);
  }

  /** Does something once everything that is to be sent was handed to the shell. */
  afterwards(run: () => void): void {
    this.#afterwards.push(run);
  }

  get deadline(): Instant | undefined {
    if (this.#endpoint === undefined) return undefined;
    return earliestOf(this.#endpoint.deadline, this.#role.deadline);
  }

  handle(datagram: Uint8Array, peer: Peer, now: Instant): void {
    this.#now = now;
    this.endpoint.handle(datagram, peer, now);
  }

  /**
   * The association with a peer has ended: what waits for its answer need not wait any longer. Its observations stay;
   * they end with its registration, or go on when it comes back.
   */
  peerLost(peer: Peer, now: Instant): void {
    this.#now = now;
    for (const request of Array.from(this.requests.values())) request.peerLost(peer);
  }

  undelivered(peer: Peer, datagram: Uint8Array, failure: DeliveryFailure, now: Instant): void {
    this.#now = now;
    this.endpoint.undelivered(peer, datagram, failure, now);
  }

  wake(now: Instant): void {
    this.#now = now;
    this.endpoint.wake(now);
    this.#isDriven = true;
    try {
      this.#role.wake(now);
    } finally {
      this.#isDriven = false;
    }
  }

  poll(): OutgoingDatagram | undefined {
    const endpoint = this.#endpoint;
    if (endpoint === undefined) return undefined;
    this.#isDriven = true;
    try {
      for (;;) {
        const output = endpoint.poll();
        if (output === undefined) {
          const run = this.#afterwards.shift();
          if (run === undefined) return undefined;
          run();
        } else if (output.kind === 'transmit') {
          return output;
        } else {
          this.#take(output);
        }
      }
    } finally {
      this.#isDriven = false;
    }
  }

  #take(output: Exclude<CoapOutput, { kind: 'transmit' }>): void {
    switch (output.kind) {
      case 'request':
        this.#role.answer({
          listener: this,
          exchange: output.exchange,
          peer: output.peer,
          request: output.request,
          now: this.#now,
        });
        return;
      case 'response':
        this.requests.get(output.request)?.answered(output.response);
        return;
      case 'request-failed':
        this.requests.get(output.request)?.failed(output.reason, output.detail);
        return;
      case 'notification':
        this.observations.get(output.observation)?.notified(output, this.now());
        return;
      case 'observation-ended':
        this.observations.get(output.observation)?.ended(output);
        return;
      // Nobody observes a resource of the server, and it pings nobody.
      case 'relation-ended':
      case 'notification-acknowledged':
      case 'pong':
    }
  }
}
