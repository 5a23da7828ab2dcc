import type { Instant } from '@dunlin/base';
import {
  BoundEndpoint,
  type BoundRole,
  type CoapEndpointOptions,
  type ExchangeId,
  type IncomingRequest,
  type IncomingResponse,
  type Peer,
  type Request,
  type RequestFailure,
  type RequestId,
  type RequestOptions,
  type Response,
  type TakenOutput,
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
export interface ListenerRole extends BoundRole {
  answer(call: Call): void;
  /** The association with a peer has ended. */
  peerLost(peer: Peer, now: Instant): void;
}

/** One binding of the server, with the requests that go on there. */
export class BootstrapListener extends BoundEndpoint {
  readonly #role: ListenerRole;
  readonly #awaiters = new Map<RequestId, ResponseAwaiter>();

  constructor(role: ListenerRole, options: Omit<CoapEndpointOptions, 'random'>) {
    super(role, options);
    this.#role = role;
  }

  respond(call: Call, response: Response): void {
    this.endpoint.respond(call.exchange, response, this.now());
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

  override peerLost(peer: Peer, now: Instant): void {
    this.#role.peerLost(peer, now);
  }

  protected override take(output: TakenOutput, now: Instant): void {
    switch (output.kind) {
      case 'request': {
        const { exchange, peer, request } = output;
        this.#role.answer({ listener: this, exchange, peer, request, now });
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
