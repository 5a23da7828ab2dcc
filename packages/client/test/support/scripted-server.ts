import { type Instant, utf8Decode } from '@dunlin/base';
import {
  type Binding,
  CoapEndpoint,
  type CoapOutput,
  type Driven,
  type ExchangeId,
  formatCode,
  type IncomingRequest,
  type IncomingResponse,
  Method,
  type ObservationId,
  type OutgoingDatagram,
  type Peer,
  type Request,
  type RequestId,
  type RequestOptions,
  type Response,
  ResponseCode,
  type Shell,
} from '@dunlin/coap';

/** A request that the client sent to the scripted server. */
export interface Received {
  readonly at: Instant;
  readonly peer: Peer;
  readonly request: IncomingRequest;
  /** Like `POST /rd`. */
  readonly line: string;
  readonly payload: string;
}

/** One answer as tests look at it. */
export interface Answer {
  readonly code: string;
  readonly contentFormat: number | undefined;
  readonly payload: Uint8Array;
  readonly text: string;
  readonly location: string | undefined;
  readonly hasObserve: boolean;
  /** Seconds. */
  readonly maxAge: number | undefined;
}

/** One notification as tests look at it. */
export interface Notification extends Answer {
  readonly at: Instant;
}

/** An observation by the scripted server. */
export interface Watch {
  readonly id: ObservationId;
  /** The first response included. */
  readonly notifications: Notification[];
  ended: Answer | undefined;
}

/** What the server answers to a registration request; `undefined` is silence. */
export type Script = (received: Received) => Response | undefined;

/** A LwM2M Server reduced to CoAP: it answers registrations by a script and sends what tests ask for. */
export class ScriptedServer implements Driven {
  readonly received: Received[] = [];
  readonly watches = new Map<ObservationId, Watch>();
  readonly #answers = new Map<RequestId, (answer: Answer | string) => void>();
  readonly #datagrams: OutgoingDatagram[] = [];
  readonly #now: () => Instant;
  script: Script = acceptAll();
  #coap: CoapEndpoint | undefined;
  #shell: Shell | undefined;

  constructor(now: () => Instant) {
    this.#now = now;
  }

  async open(binding: Binding): Promise<void> {
    const shell = await binding.open(this);
    this.#shell = shell;
    this.#coap = new CoapEndpoint({ random: shell.random });
  }

  /** Where the client was last seen. */
  get device(): Peer {
    const last = this.received.at(-1);
    if (last === undefined) throw new Error('no client was seen');
    return last.peer;
  }

  /** The lines of the registration requests so far, such as `POST /rd`. */
  get lines(): readonly string[] {
    return this.received.map(({ line }) => line);
  }

  get deadline(): Instant | undefined {
    return this.#coap?.deadline;
  }

  handle(datagram: Uint8Array, peer: Peer, now: Instant): void {
    this.#coap?.handle(datagram, peer, now);
    this.#drain();
  }

  wake(now: Instant): void {
    this.#coap?.wake(now);
    this.#drain();
  }

  poll(): OutgoingDatagram | undefined {
    this.#drain();
    return this.#datagrams.shift();
  }

  /** Sends a request; the result is the answer, or why there is none. */
  send(
    request: Request,
    peer: Peer = this.device,
    options: Readonly<RequestOptions> = {},
  ): Promise<Answer | string> {
    const { promise, resolve } = Promise.withResolvers<Answer | string>();
    this.#answers.set(this.endpoint.request(peer, request, this.#now(), options), resolve);
    this.#shell?.flush();
    return promise;
  }

  /** Begins an observation. */
  observe(request: Request, peer: Peer = this.device): Watch {
    const id = this.endpoint.observe(peer, request, this.#now());
    const watch: Watch = { id, notifications: [], ended: undefined };
    this.watches.set(id, watch);
    this.#shell?.flush();
    return watch;
  }

  /** Ends an observation by Observe 1, or by a Reset to its next notification. */
  cancel(watch: Watch, way: 'active' | 'passive'): void {
    this.endpoint.cancelObservation(watch.id, way, this.#now());
    this.#shell?.flush();
  }

  get endpoint(): CoapEndpoint {
    if (this.#coap === undefined) throw new Error('the server is not open');
    return this.#coap;
  }

  #drain(): void {
    if (this.#coap === undefined) return;
    for (let output = this.#coap.poll(); output !== undefined; output = this.#coap.poll()) this.#take(output);
  }

  #take(output: CoapOutput): void {
    switch (output.kind) {
      case 'transmit':
        this.#datagrams.push(output);
        break;
      case 'request':
        this.#answer(output.exchange, output.peer, output.request);
        break;
      case 'response':
        this.#answers.get(output.request)?.(answerFrom(output.response));
        break;
      case 'request-failed':
        this.#answers.get(output.request)?.(output.reason);
        break;
      case 'notification':
        this.watches
          .get(output.observation)
          ?.notifications.push({ at: this.#now(), ...answerFrom(output.response) });
        break;
      case 'observation-ended': {
        const watch = this.watches.get(output.observation);
        if (watch !== undefined && output.response !== undefined) watch.ended = answerFrom(output.response);
        break;
      }
      case 'relation-ended':
      case 'notification-acknowledged':
      case 'pong':
        break;
    }
  }

  #answer(exchange: ExchangeId, peer: Peer, request: IncomingRequest): void {
    const line = `${methodNames[request.method] ?? '?'} /${request.uriPath.join('/')}`;
    const received: Received = {
      at: this.#now(),
      peer,
      request,
      line,
      payload: utf8Decode(request.payload) ?? '',
    };
    this.received.push(received);
    const response = this.script(received);
    if (response === undefined) this.endpoint.ignore(exchange, this.#now());
    else this.endpoint.respond(exchange, response, this.#now());
  }
}

/** A server without objections, which gives the location `/rd/1`, `/rd/2` … */
export function acceptAll(): Script {
  let count = 0;
  return ({ request }) => {
    if (request.method === Method.delete) return { code: ResponseCode.deleted };
    if (request.uriPath.at(-1) !== 'rd') return { code: ResponseCode.changed };
    count += 1;
    return { code: ResponseCode.created, locationPath: ['rd', String(count)] };
  };
}

const methodNames: Readonly<Record<number, string>> = {
  [Method.get]: 'GET',
  [Method.post]: 'POST',
  [Method.put]: 'PUT',
  [Method.delete]: 'DELETE',
};

function answerFrom(response: IncomingResponse): Answer {
  return {
    code: formatCode(response.code),
    contentFormat: response.contentFormat,
    payload: response.payload,
    text: utf8Decode(response.payload) ?? '',
    location: response.locationPath === undefined ? undefined : `/${response.locationPath.join('/')}`,
    hasObserve: response.observe !== undefined,
    maxAge: response.maxAge,
  };
}
