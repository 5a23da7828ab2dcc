import { type Instant, milliseconds, seededRandom, utf8Encode } from '@dunlin/base';
import {
  CoapEndpoint,
  type CoapEndpointOptions,
  type CoapOutput,
  type Driven,
  type ExchangeId,
  type IncomingRequest,
  type IncomingResponse,
  Method,
  type OutgoingDatagram,
  type Peer,
  type RelationId,
  type Request,
  type RequestOptions,
  type Response,
  type Shell,
  udpPeer,
} from '@dunlin/coap';
import { type SimulatedNetwork, SimulatedShell } from '@dunlin/simulation';

/** A request that the device received, as a test looks at it and answers it. */
export interface ReceivedRequest {
  readonly exchange: ExchangeId;
  readonly request: IncomingRequest;
}

/** How a device that a test plays answers: a response, `silence` (not even an acknowledgement), or nothing yet. */
export type Behaviour = (request: IncomingRequest) => Response | 'silence' | undefined;

/** A device made of a CoAP endpoint and nothing else: tests say what it sends and how it answers. */
export class RawDevice implements Driven {
  readonly received: ReceivedRequest[] = [];
  readonly relations: RelationId[] = [];
  readonly endedRelations: { readonly relation: RelationId; readonly reason: string }[] = [];
  /** Who observes which path last. */
  readonly observers: Map<string, RelationId> = new Map();
  readonly endpoint: CoapEndpoint;
  behaviour: Behaviour = () => undefined;
  readonly #network: SimulatedNetwork;
  readonly #server: Peer;
  readonly #answers = new Map<number, (outcome: IncomingResponse | string) => void>();
  #shell: SimulatedShell | undefined;

  private constructor(network: SimulatedNetwork, server: Peer, coap: Partial<CoapEndpointOptions>) {
    this.#network = network;
    this.#server = server;
    this.endpoint = new CoapEndpoint({ random: seededRandom(7), ...coap });
  }

  static async open(
    network: SimulatedNetwork,
    server: { readonly address: string; readonly port: number },
    address: string = '10.0.0.2',
    port: number = 0,
    coap: Partial<CoapEndpointOptions> = {},
  ): Promise<RawDevice> {
    const device = new RawDevice(network, udpPeer(server.address, server.port), coap);
    const shell: Shell = await network.binding(address, port).open(device);
    if (!(shell instanceof SimulatedShell)) throw new Error('a simulated network gives simulated shells');
    device.#shell = shell;
    return device;
  }

  get shell(): SimulatedShell {
    if (this.#shell === undefined) throw new Error('not open');
    return this.#shell;
  }

  get now(): Instant {
    return this.#network.clock.now;
  }

  get deadline(): Instant | undefined {
    return this.endpoint.deadline;
  }

  handle(datagram: Uint8Array, peer: Peer, now: Instant): void {
    this.endpoint.handle(datagram, peer, now);
  }

  wake(now: Instant): void {
    this.endpoint.wake(now);
  }

  poll(): OutgoingDatagram | undefined {
    for (;;) {
      const output = this.endpoint.poll();
      if (output === undefined || output.kind === 'transmit') return output;
      this.#take(output);
    }
  }

  /** Sends a request and gives its response, or why there is none. */
  request(request: Request, options?: RequestOptions): Promise<IncomingResponse | string> {
    const id = this.endpoint.request(this.#server, request, this.now, options);
    const { promise, resolve } = Promise.withResolvers<IncomingResponse | string>();
    this.#answers.set(id, resolve);
    this.shell.flush();
    return promise;
  }

  /** Sends a request and lets time pass until it is answered. */
  async exchange(request: Request, options?: RequestOptions): Promise<IncomingResponse> {
    let outcome: IncomingResponse | string | undefined;
    void this.request(request, options).then((each) => (outcome = each));
    await this.#network.runUntil(() => outcome !== undefined, milliseconds(300_000));
    if (outcome === undefined || typeof outcome === 'string') throw new Error(`no response: ${outcome}`);
    return outcome;
  }

  /** `POST /rd?…` with an object list. */
  register(query: readonly string[], links: string, more: Partial<Request> = {}): Promise<IncomingResponse> {
    return this.exchange({
      method: Method.post,
      uriPath: ['rd'],
      uriQuery: query,
      contentFormat: 40,
      payload: utf8Encode(links),
      ...more,
    });
  }

  /** Registers as one would and gives the location. */
  async registered(endpoint: string, links = '</1/0>,</3/0>', lifetime = 300): Promise<readonly string[]> {
    const query = [`ep=${endpoint}`, `lt=${lifetime}`, 'lwm2m=1.0', 'b=U'];
    const { locationPath } = await this.register(query, links);
    if (locationPath === undefined) throw new Error('the Register was refused');
    return locationPath;
  }

  /** Answers a request that `behaviour` left open. */
  respond(exchange: ExchangeId, response: Response, observe = false): void {
    const relation = this.endpoint.respond(exchange, response, this.now, { observe });
    if (relation !== undefined) this.relations.push(relation);
    this.shell.flush();
  }

  notify(relation: RelationId | undefined, response: Response, isConfirmable = false): void {
    if (relation === undefined) throw new Error('nobody observes');
    this.endpoint.notify(relation, response, this.now, { isConfirmable });
    this.shell.flush();
  }

  #take(output: CoapOutput): void {
    switch (output.kind) {
      case 'request':
        this.#takeRequest(output.exchange, output.request);
        return;
      case 'response':
        this.#answers.get(output.request)?.(output.response);
        return;
      case 'request-failed':
        this.#answers.get(output.request)?.(output.reason);
        return;
      case 'relation-ended':
        this.endedRelations.push({ relation: output.relation, reason: output.reason });
        return;
      case 'transmit':
      case 'notification':
      case 'observation-ended':
      case 'notification-acknowledged':
      case 'pong':
    }
  }

  #takeRequest(exchange: ExchangeId, request: IncomingRequest): void {
    this.received.push({ exchange, request });
    const response = this.behaviour(request);
    if (response === 'silence') {
      this.endpoint.ignore(exchange, this.now);
    } else if (response !== undefined) {
      const observe = request.observe === 'register' && response.code >> 5 === 2;
      const relation = this.endpoint.respond(exchange, response, this.now, { observe });
      if (relation === undefined) return;
      this.relations.push(relation);
      this.observers.set(`/${request.uriPath.join('/')}`, relation);
    }
  }
}
