import { earliestOf, type Instant, instantFrom } from '@dunlin/base';
import {
  CoapEndpoint,
  type CoapEndpointOptions,
  type CoapOutput,
  type Driven,
  type ExchangeId,
  type IncomingRequest,
  type IncomingResponse,
  type OutgoingDatagram,
  type Peer,
  type Request,
  type RequestFailure,
  type RequestId,
  type RequestOptions,
  type Response,
  type Shell,
} from '@dunlin/coap';

/** What a request needs to be answered. */
export interface Call {
  readonly listener: BootstrapListener;
  readonly exchange: ExchangeId;
  readonly peer: Peer;
  readonly request: IncomingRequest;
  readonly now: Instant;
}

/** Who waits for the response to a request of ours; exactly one of these is called, once. */
export interface ResponseAwaiter {
  answered(response: IncomingResponse, now: Instant): void;
  unanswered(reason: RequestFailure, now: Instant): void;
}

/** The side of the server that listeners talk to. */
export interface ListenerRole {
  /** When `wake` has something to do. */
  readonly deadline: Instant | undefined;
  wake(now: Instant): void;
  answer(call: Call): void;
  /** The association with a peer has ended. */
  peerLost(peer: Peer, now: Instant): void;
}

/** One binding of the server: a CoAP endpoint and the shell it lives in. */
export class BootstrapListener implements Driven {
  readonly #role: ListenerRole;
  readonly #options: Omit<CoapEndpointOptions, 'random'>;
  readonly #awaiters = new Map<RequestId, ResponseAwaiter>();
  readonly #afterwards: (() => void)[] = [];
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

  /** The time, for commands that come from outside. */
  now(): Instant {
    return this.shell.now();
  }

  /** Sends what a command from outside gave to send. */
  flush(): void {
    if (!this.#isDriven) this.shell.flush();
  }

  respond(call: Call, response: Response): void {
    this.endpoint.respond(call.exchange, response, this.now());
  }

  /** Does something once everything that is to be sent was handed to the shell. */
  afterwards(run: () => void): void {
    this.#afterwards.push(run);
  }

  request(peer: Peer, request: Request, options: RequestOptions, awaiter: ResponseAwaiter): RequestId {
    const id = this.endpoint.request(peer, request, this.now(), options);
    this.#awaiters.set(id, awaiter);
    return id;
  }

  /** Stops waiting for a response; its awaiter hears nothing more. */
  cancel(id: RequestId): void {
    if (this.#awaiters.delete(id)) this.endpoint.cancelRequest(id, this.now());
  }

  get deadline(): Instant | undefined {
    if (this.#endpoint === undefined) return undefined;
    return earliestOf(this.#endpoint.deadline, this.#role.deadline);
  }

  handle(datagram: Uint8Array, peer: Peer, now: Instant): void {
    this.#now = now;
    this.endpoint.handle(datagram, peer, now);
  }

  peerLost(peer: Peer, now: Instant): void {
    this.#now = now;
    this.#role.peerLost(peer, now);
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
      case 'request': {
        const { exchange, peer, request } = output;
        this.#role.answer({ listener: this, exchange, peer, request, now: this.#now });
        return;
      }
      case 'response':
        this.#takeAwaiter(output.request)?.answered(output.response, this.now());
        return;
      case 'request-failed':
        this.#takeAwaiter(output.request)?.unanswered(output.reason, this.now());
        return;
      // Nobody observes a Bootstrap-Server, and it observes and pings nobody.
      case 'notification':
      case 'observation-ended':
      case 'relation-ended':
      case 'notification-acknowledged':
      case 'pong':
    }
  }

  #takeAwaiter(id: RequestId): ResponseAwaiter | undefined {
    const awaiter = this.#awaiters.get(id);
    this.#awaiters.delete(id);
    return awaiter;
  }
}
