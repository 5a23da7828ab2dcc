import { addDuration, type Instant, milliseconds, type Random, utf8Decode, utf8Encode } from '@dunlin/base';
import {
  CoapEndpoint,
  type CoapOutput,
  type Driven,
  type ExchangeId,
  type IncomingRequest,
  type IncomingResponse,
  Method,
  type ObservationId,
  type OutgoingDatagram,
  type Peer,
  type RelationId,
  type RequestId,
  type Response,
  ResponseCode,
} from '@dunlin/coap';
import { type SimulatedNetwork, SimulatedShell } from '@dunlin/simulation';

/** A request as its sender keeps it on record. */
export interface SentRequest {
  readonly id: number;
  readonly isConfirmable: boolean;
  readonly responseLength: number;
  outcomes: string[];
}

/** An observation as the observing side sees it. */
export interface Watched {
  readonly id: ObservationId;
  readonly to: EchoNode;
  readonly counter: number;
  newest: number;
  isOver: boolean;
}

/** A body that can be recognised: made of its number, so that no other body is equal to it. */
export function bodyOf(id: number, length: number): Uint8Array {
  const word = utf8Encode(`${id}.`);
  return Uint8Array.from({ length }, (_, index) => word[index % word.length] ?? 0);
}

/**
 * A CoAP endpoint of both roles. `PUT /echo/{id}/{length}/{delay}` counts its executions and answers, at once or
 * later, with a body of its own; `GET /counter/{n}` is observable, and its value only grows.
 */
export class EchoNode implements Driven {
  readonly executions = new Map<number, number>();
  readonly sent = new Map<number, SentRequest>();
  readonly watched = new Map<ObservationId, Watched>();
  readonly relations = new Map<RelationId, number>();
  readonly counters = [0, 0, 0];
  readonly violations: string[] = [];
  readonly name: string;
  readonly #network: SimulatedNetwork;
  readonly #random: Random;
  readonly #pending = new Map<RequestId, SentRequest>();
  #endpoint: CoapEndpoint | undefined;
  #shell: SimulatedShell | undefined;

  constructor(network: SimulatedNetwork, name: string, random: Random) {
    this.#network = network;
    this.name = name;
    this.#random = random;
  }

  async open(
    address: string,
    options: { readonly behindNat: boolean; readonly nstart: number },
  ): Promise<void> {
    const shell = await this.#network.binding(address, 5683, options).open(this);
    if (!(shell instanceof SimulatedShell)) throw new Error('a simulated network gives simulated shells');
    this.#shell = shell;
    this.#endpoint = new CoapEndpoint({ random: shell.random, transmission: { nstart: options.nstart } });
  }

  get endpoint(): CoapEndpoint {
    if (this.#endpoint === undefined) throw new Error('not open');
    return this.#endpoint;
  }

  get shell(): SimulatedShell {
    if (this.#shell === undefined) throw new Error('not open');
    return this.#shell;
  }

  /** Where others reach it at the moment. */
  get here(): Peer {
    return this.shell.peerHere;
  }

  /** Whether it ever had another address. */
  get hasMoved(): boolean {
    return this.here.port !== 5683;
  }

  rebind(): void {
    this.shell.rebind().catch(() => undefined);
  }

  get now(): Instant {
    return this.#network.clock.now;
  }

  get deadline(): Instant | undefined {
    return this.#endpoint?.deadline;
  }

  handle(datagram: Uint8Array, peer: Peer, now: Instant): void {
    this.endpoint.handle(datagram, peer, now);
  }

  wake(now: Instant): void {
    this.endpoint.wake(now);
  }

  poll(): OutgoingDatagram | undefined {
    for (;;) {
      const output = this.#endpoint?.poll();
      if (output === undefined || output.kind === 'transmit') return output;
      this.#take(output);
    }
  }

  /** Asks `to` to echo: a body of `length` bytes goes up, one of `responseLength` bytes comes down. */
  ask(to: EchoNode, id: number, question: EchoQuestion): void {
    const { isConfirmable, length, responseLength, delay, timeout, blockSize, reuseToken } = question;
    const sent: SentRequest = { id, isConfirmable, responseLength, outcomes: [] };
    this.sent.set(id, sent);
    const request = this.endpoint.request(
      to.here,
      {
        method: Method.put,
        uriPath: ['echo', String(id), String(responseLength), String(delay)],
        payload: bodyOf(id, length),
      },
      this.now,
      {
        isConfirmable,
        reuseToken,
        ...(blockSize > 0 && { preferredBlockSize: blockSize }),
        ...(timeout > 0 && { timeout: milliseconds(timeout) }),
      },
    );
    this.#pending.set(request, sent);
    this.shell.flush();
  }

  /** Gives up a request that has no answer yet. */
  giveUpOne(): void {
    const [request] = this.#pending.keys();
    if (request === undefined) return;
    this.endpoint.cancelRequest(request, this.now);
    this.shell.flush();
  }

  watch(to: EchoNode, counter: number): void {
    const id = this.endpoint.observe(
      to.here,
      { method: Method.get, uriPath: ['counter', String(counter)] },
      this.now,
    );
    this.watched.set(id, { id, to, counter, newest: -1, isOver: false });
    this.shell.flush();
  }

  unwatch(way: 'active' | 'passive'): void {
    const current = [...this.watched.values()].filter(({ isOver }) => !isOver);
    const watched = current[Math.floor(this.#random.fraction() * current.length)];
    if (watched === undefined) return;
    this.endpoint.cancelObservation(watched.id, way, this.now);
    this.shell.flush();
  }

  /** A counter grows, and whoever observes it is told. */
  count(counter: number, isConfirmable: boolean): void {
    const value = (this.counters[counter] ?? 0) + 1;
    this.counters[counter] = value;
    for (const [relation, observed] of this.relations) {
      if (observed === counter)
        this.endpoint.notify(relation, this.#counterResponse(counter), this.now, { isConfirmable });
    }
    this.shell.flush();
  }

  /** Ends all observations, ours and of us, without a word. */
  forgetAll(): void {
    for (const relation of this.relations.keys()) this.endpoint.endRelation(relation);
    this.relations.clear();
    for (const { id } of this.watched.values()) this.endpoint.cancelObservation(id, 'passive', this.now);
    this.shell.flush();
  }

  /** Drops what it keeps on record for tests. */
  forgetRecords(): void {
    this.sent.clear();
    this.executions.clear();
    this.watched.clear();
  }

  #take(output: Exclude<CoapOutput, { kind: 'transmit' }>): void {
    switch (output.kind) {
      case 'request':
        this.#serve(output.exchange, output.request);
        break;
      case 'response':
        this.#answered(output.request, output.response);
        break;
      case 'request-failed':
        this.#settle(output.request, output.reason);
        break;
      case 'notification':
        this.#notified(output.observation, output.response, output.isFresh);
        break;
      case 'observation-ended': {
        const watched = this.watched.get(output.observation);
        if (watched?.isOver !== false) this.violations.push('an observation ended twice');
        else watched.isOver = true;
        break;
      }
      case 'relation-ended':
        if (!this.relations.delete(output.relation)) this.violations.push('a relation ended that is unknown');
        break;
      case 'notification-acknowledged':
      case 'pong':
        break;
    }
  }

  #serve(exchange: ExchangeId, request: IncomingRequest): void {
    const [kind, first = '', length = '', delay = ''] = request.uriPath;
    if (kind === 'counter') {
      const counter = Number(first);
      const relation = this.endpoint.respond(exchange, this.#counterResponse(counter), this.now, {
        observe: request.observe === 'register',
      });
      if (relation !== undefined) this.relations.set(relation, counter);
      return;
    }
    const id = Number(first);
    this.executions.set(id, (this.executions.get(id) ?? 0) + 1);
    if (!isEqual(request.payload, bodyOf(id, request.payload.length)))
      this.violations.push(`the body of request ${id} arrived spoilt`);
    const response: Response = {
      code: ResponseCode.content,
      contentFormat: 42,
      payload: bodyOf(-id, Number(length)),
    };
    const wait = Number(delay);
    if (wait === 0) this.endpoint.respond(exchange, response, this.now);
    else if (wait > 0) {
      this.#network.at(addDuration(this.now, milliseconds(wait)), () => {
        this.endpoint.respond(exchange, response, this.now);
        this.shell.flush();
      });
    }
  }

  #answered(request: RequestId, response: IncomingResponse): void {
    const sent = this.#pending.get(request);
    if (sent !== undefined && response.code === ResponseCode.content) {
      if (!isEqual(response.payload, bodyOf(-sent.id, sent.responseLength)))
        this.violations.push(`request ${sent.id} got another answer than its own`);
    }
    this.#settle(request, response.code === ResponseCode.content ? 'answered' : 'refused');
  }

  #settle(request: RequestId, outcome: string): void {
    const sent = this.#pending.get(request);
    this.#pending.delete(request);
    if (sent === undefined) this.violations.push(`an outcome (${outcome}) of no request`);
    else sent.outcomes.push(outcome);
  }

  #notified(observation: ObservationId, response: IncomingResponse, isFresh: boolean): void {
    const watched = this.watched.get(observation);
    if (watched === undefined || watched.isOver) {
      this.violations.push('a notification of an observation that is over');
      return;
    }
    if (!isFresh) return;
    const value = Number(utf8Decode(response.payload));
    if (value < watched.newest) this.violations.push(`${value} is called fresh after ${watched.newest}`);
    watched.newest = value;
  }

  #counterResponse(counter: number): Response {
    return {
      code: ResponseCode.content,
      contentFormat: 0,
      payload: utf8Encode(String(this.counters[counter] ?? 0)),
    };
  }
}

/** What is asked of an echo. */
export interface EchoQuestion {
  readonly isConfirmable: boolean;
  readonly length: number;
  readonly responseLength: number;
  /** Milliseconds until the answer; −1 for none at all. */
  readonly delay: number;
  /** Milliseconds to wait; 0 for as long as CoAP does. */
  readonly timeout: number;
  /** The largest block of the answer to ask for; 0 for what the endpoint likes. */
  readonly blockSize: number;
  readonly reuseToken: boolean;
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
