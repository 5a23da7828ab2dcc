import { type Instant, milliseconds, utf8Encode } from '@dunlin/base';
import {
  CoapEndpoint,
  type CoapOutput,
  ContentFormat,
  type Driven,
  type IncomingRequest,
  type IncomingResponse,
  Method,
  type OutgoingDatagram,
  type RelationId,
  type Request,
  type RequestId,
  type Response,
  ResponseCode,
  type Shell,
  udpPeer,
} from '@dunlin/coap';
import { LwM2mServer } from '@dunlin/server';
import { SimulatedNetwork } from '@dunlin/simulation';

import { definitions } from './configurations.ts';
import { deviceAddress, endpointName, serverAddress } from './places.ts';
import { Wire, type WireExchange } from './wire.ts';

/** How the device answers a request of the Server. */
export type Behaviour = (request: IncomingRequest) => Response;

/** A device of plain CoAP, and our server, which a case asks to manage it. */
export class RawDeviceWorld implements Driven, AsyncDisposable {
  readonly network: SimulatedNetwork = new SimulatedNetwork(1);
  readonly wire: Wire = new Wire(this.network);
  readonly relations: RelationId[] = [];
  readonly ended: RelationId[] = [];
  behaviour: Behaviour = () => ({ code: ResponseCode.notFound });
  readonly #answers = new Map<RequestId, (response: IncomingResponse | string) => void>();
  #server: LwM2mServer | undefined;
  #coap: CoapEndpoint | undefined;
  #shell: Shell | undefined;

  static async open(): Promise<RawDeviceWorld> {
    const world = new RawDeviceWorld();
    const listen = [world.network.binding(serverAddress, 5683)];
    world.#server = await LwM2mServer.open({ listen, definitions });
    const shell = await world.network.binding(deviceAddress, 5683).open(world);
    world.#shell = shell;
    world.#coap = new CoapEndpoint({ random: shell.random });
    return world;
  }

  get server(): LwM2mServer {
    if (this.#server === undefined) throw new Error('the server is not open');
    return this.#server;
  }

  /** The last request of the Server. */
  get lastAsked(): WireExchange {
    const exchange = this.wire.from(serverAddress).at(-1);
    if (exchange === undefined) throw new Error('the server asked nothing');
    return exchange;
  }

  get now(): Instant {
    return this.network.clock.now;
  }

  get deadline(): Instant | undefined {
    return this.#coap?.deadline;
  }

  handle(datagram: Uint8Array, peer: Parameters<Driven['handle']>[1], now: Instant): void {
    this.#coap?.handle(datagram, peer, now);
  }

  wake(now: Instant): void {
    this.#coap?.wake(now);
  }

  poll(): OutgoingDatagram | undefined {
    for (;;) {
      const output = this.#coap?.poll();
      if (output === undefined || output.kind === 'transmit') return output;
      this.#take(output);
    }
  }

  /** Lets virtual seconds pass. */
  async pass(duration: number): Promise<void> {
    await this.network.run(milliseconds(duration * 1000));
  }

  /** Lets time pass until a promise settles. */
  async settled<T>(promise: Promise<T>): Promise<T> {
    let isSettled = false;
    const mark = (): void => {
      isSettled = true;
    };
    promise.then(mark, mark);
    await this.network.runUntil(() => isSettled, milliseconds(600_000));
    return await promise;
  }

  /** Sends a request to the Server. */
  async send(request: Request): Promise<IncomingResponse> {
    const { promise, resolve } = Promise.withResolvers<IncomingResponse | string>();
    this.#answers.set(this.#endpoint().request(udpPeer(serverAddress, 5683), request, this.now), resolve);
    this.#shell?.flush();
    const response = await this.settled(promise);
    if (typeof response === 'string') throw new Error(`no answer: ${response}`);
    return response;
  }

  /** Registers with a query and a list. */
  register(
    query: readonly string[] = registration,
    links: string = '</1/0>,</3/0>',
  ): Promise<IncomingResponse> {
    const payload = utf8Encode(links);
    const contentFormat = ContentFormat.linkFormat;
    return this.send({ method: Method.post, uriPath: ['rd'], uriQuery: query, contentFormat, payload });
  }

  /** Tells an observer a new state. */
  notify(relation: RelationId | undefined, response: Response, isConfirmable: boolean): void {
    if (relation === undefined) throw new Error('nobody observes');
    this.#endpoint().notify(relation, response, this.now, { isConfirmable });
    this.#shell?.flush();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server?.close();
    await this.#shell?.[Symbol.asyncDispose]();
  }

  #take(output: Exclude<CoapOutput, { kind: 'transmit' }>): void {
    switch (output.kind) {
      case 'request': {
        const response = this.behaviour(output.request);
        const observe = output.request.observe === 'register';
        const relation = this.#endpoint().respond(output.exchange, response, this.now, { observe });
        if (relation !== undefined) this.relations.push(relation);
        break;
      }
      case 'response':
        this.#answers.get(output.request)?.(output.response);
        break;
      case 'request-failed':
        this.#answers.get(output.request)?.(output.reason);
        break;
      case 'relation-ended':
        this.ended.push(output.relation);
        break;
      case 'notification':
      case 'observation-ended':
      case 'notification-acknowledged':
      case 'pong':
        break;
    }
  }

  #endpoint(): CoapEndpoint {
    if (this.#coap === undefined) throw new Error('the device is not open');
    return this.#coap;
  }
}

/** The query of an ordinary Register. */
export const registration: readonly string[] = [`ep=${endpointName}`, 'lt=86400', 'lwm2m=1.0', 'b=U'];
