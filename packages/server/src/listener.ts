import type { Instant } from '@dunlin/base';
import {
  BoundEndpoint,
  type BoundRole,
  type CoapEndpointOptions,
  type ExchangeId,
  type IncomingRequest,
  type ObservationId,
  type Peer,
  type RequestId,
  type Response,
  type ResponseDelivery,
  type TakenOutput,
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
export interface ListenerRole extends BoundRole {
  answer(call: Call): void;
}

/** One binding of the server, with the requests and observations that go on there. */
export class Listener extends BoundEndpoint {
  readonly requests: Map<RequestId, PendingRequest> = new Map();
  readonly observations: Map<ObservationId, ActiveObservation> = new Map();
  readonly #role: ListenerRole;

  constructor(role: ListenerRole, options: Omit<CoapEndpointOptions, 'random'>) {
    super(role, options);
    this.#role = role;
  }

  get localUri(): string {
    return this.shell.local.uri;
  }

  respond(call: Call, response: Response, delivery: Readonly<ResponseDelivery> = {}): void {
    this.endpoint.respond(call.exchange, response, this.now(), delivery);
  }

  /**
   * What waits for an answer of the peer need not wait any longer. Its observations stay; they end with its registration,
   * or go on when it comes back.
   */
  override peerLost(peer: Peer): void {
    for (const request of Array.from(this.requests.values())) request.peerLost(peer);
  }

  protected override take(output: TakenOutput, now: Instant): void {
    switch (output.kind) {
      case 'request': {
        const { exchange, peer, request } = output;
        this.#role.answer({ listener: this, exchange, peer, request, now });
        return;
      }
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
