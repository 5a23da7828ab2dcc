import { type Instant, milliseconds, type Milliseconds } from '@dunlin/base';
import {
  CoapEndpoint,
  type CoapOutput,
  type Driven,
  type IncomingRequest,
  type IncomingResponse,
  type OutgoingDatagram,
  type Peer,
  type Request,
  type RequestId,
  type RequestOptions,
  type Response,
  type Shell,
} from '@dunlin/coap';
import { now, systemRandom } from '@dunlin/node';

import { until } from './until.ts';

/** Bare CoAP above a binding: it answers requests by a function, and asks others. */
export class CoapRole implements Driven {
  /** The peers whose secure association has ended. */
  readonly lost: Peer[] = [];
  readonly #endpoint: CoapEndpoint;
  readonly #answer: (request: IncomingRequest, peer: Peer) => Response;
  readonly #asked = new Map<RequestId, PromiseWithResolvers<IncomingResponse>>();
  readonly #notifications: IncomingResponse[] = [];
  /** That of the binding, which may be a simulated one. */
  #now: Instant = now();

  /** Round trips on this machine are short: what is lost is sent again soon, unless said otherwise. */
  constructor(
    answer: (request: IncomingRequest, peer: Peer) => Response,
    ackTimeout: Milliseconds = milliseconds(500),
  ) {
    this.#endpoint = new CoapEndpoint({ random: systemRandom(), transmission: { ackTimeout } });
    this.#answer = answer;
  }

  get deadline(): Instant | undefined {
    return this.#endpoint.deadline;
  }

  /** Sends a request and gives the response to it; rejects with the reason as cause where there is none. */
  ask(
    shell: Shell,
    peer: Peer,
    request: Request,
    options?: Readonly<RequestOptions>,
  ): Promise<IncomingResponse> {
    const asked = Promise.withResolvers<IncomingResponse>();
    this.#asked.set(this.#endpoint.request(peer, request, now(), options), asked);
    shell.flush();
    return asked.promise;
  }

  /** Observes until so many notifications came, and gives them. */
  async observe(
    shell: Shell,
    peer: Peer,
    request: Request,
    count: number,
  ): Promise<readonly IncomingResponse[]> {
    const observation = this.#endpoint.observe(peer, request, now());
    shell.flush();
    await until(
      () => this.#notifications.length >= count,
      () => `${count} notifications among ${this.#notifications.length}`,
    );
    this.#endpoint.cancelObservation(observation, 'active', now());
    shell.flush();
    return this.#notifications;
  }

  handle(datagram: Uint8Array, peer: Peer, at: Instant): void {
    this.#now = at;
    this.#endpoint.handle(datagram, peer, at);
  }

  peerLost(peer: Peer, at: Instant): void {
    this.lost.push(peer);
    this.#endpoint.forgetPeer(peer, at);
  }

  wake(at: Instant): void {
    this.#now = at;
    this.#endpoint.wake(at);
  }

  poll(): OutgoingDatagram | undefined {
    for (let output = this.#endpoint.poll(); output !== undefined; output = this.#endpoint.poll()) {
      if (output.kind === 'transmit') return output;
      this.#act(output);
    }
    return undefined;
  }

  #act(output: Exclude<CoapOutput, { kind: 'transmit' }>): void {
    if (output.kind === 'request') {
      this.#endpoint.respond(output.exchange, this.#answer(output.request, output.peer), this.#now);
    } else if (output.kind === 'response') {
      this.#asked.get(output.request)?.resolve(output.response);
    } else if (output.kind === 'request-failed') {
      this.#asked.get(output.request)?.reject(new Error('the request failed', { cause: output.reason }));
    } else if (output.kind === 'notification') {
      this.#notifications.push(output.response);
    }
  }
}
