import {
  type Binding,
  ContentFormat,
  type IncomingResponse,
  Method,
  type Peer,
  type Request,
  type Response,
  ResponseCode,
} from '@dunlin/coap';

import { utf8 } from './checks.ts';
import { CoapParty, type Received } from './coap-party.ts';
import { NotApplicable } from './conformance-case.ts';
import type { Pace } from './pace.ts';

/** What the operator of a Server is asked to do; the arguments are those of the operation. */
export type Operation =
  | { readonly name: 'read' | 'discover' | 'observe' | 'execute' | 'delete'; readonly path: string }
  | { readonly name: 'write' | 'create'; readonly path: string; readonly value: string }
  | { readonly name: 'attributes'; readonly path: string; readonly value: string };

/** Makes the Server carry out an operation on the device of the runner; rejects when it cannot. */
export type Operator = (endpointName: string, operation: Operation) => Promise<void>;

/** A Server under test: the runner is its device. */
export class ServerUnderTest implements AsyncDisposable {
  readonly party: CoapParty;
  readonly pace: Pace;
  readonly endpointName: string;
  readonly #operator: Operator | undefined;
  #peer: Peer | undefined;
  location: readonly string[] | undefined;

  constructor(pace: Pace, endpointName: string, operator: Operator | undefined) {
    this.pace = pace;
    this.endpointName = endpointName;
    this.#operator = operator;
    this.party = new CoapParty(pace);
    this.party.answer = (received) => answerAsDevice(received);
  }

  /** Opens the binding and finds the Server. */
  async open(binding: Binding, host: string, port: number): Promise<void> {
    await this.party.open(binding);
    this.#peer = await this.party.shell.resolve(host, port);
  }

  get log(): string[] {
    return this.party.log;
  }

  get security(): Peer['security'] {
    return this.#server.security;
  }

  send(request: Request): Promise<IncomingResponse> {
    return this.party.request(this.#server, request);
  }

  /** Register; a success gives the location. */
  async register(query: readonly string[] = this.parameters()): Promise<IncomingResponse> {
    const response = await this.send({
      method: Method.post,
      uriPath: ['rd'],
      uriQuery: query,
      contentFormat: ContentFormat.linkFormat,
      payload: utf8('</1/0>,</3/0>,</5/0>'),
    });
    if (response.code === ResponseCode.created) this.location = response.locationPath ?? [];
    return response;
  }

  /** The parameters of a good Register. */
  parameters(lifetime = 300): readonly string[] {
    return [`ep=${this.endpointName}`, `lt=${lifetime}`, 'lwm2m=1.0', 'b=U'];
  }

  update(query: readonly string[] = []): Promise<IncomingResponse> {
    return this.send({ method: Method.post, uriPath: this.location ?? ['rd', 'unknown'], uriQuery: query });
  }

  deregister(): Promise<IncomingResponse> {
    return this.send({ method: Method.delete, uriPath: this.location ?? ['rd', 'unknown'] });
  }

  /** Makes the Server do something, and gives the request that comes of it. */
  async operate(operation: Operation, isIt: (received: Received) => boolean): Promise<Received> {
    if (this.#operator === undefined)
      throw new NotApplicable('say how to operate the server: --operator COMMAND');
    const since = this.party.received.length;
    // Its own outcome is of no interest where the request has come as it should.
    const done = this.#operator(this.endpointName, operation).then(
      () => undefined,
      (error: unknown) => error,
    );
    const received = await this.party.next(since, operation.name, isIt, 30);
    await done;
    return received;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.party[Symbol.asyncDispose]();
  }

  get #server(): Peer {
    if (this.#peer === undefined) throw new Error('the server was not found');
    return this.#peer;
  }
}

/** What a small device says: some text to a Read, success to everything else. */
function answerAsDevice({ request }: Received): Response {
  if (request.method === Method.get) {
    return request.accept === ContentFormat.linkFormat
      ? {
          code: ResponseCode.content,
          contentFormat: ContentFormat.linkFormat,
          payload: utf8('</3/0>,</3/0/0>'),
        }
      : { code: ResponseCode.content, contentFormat: ContentFormat.text, payload: utf8('conformance') };
  }
  if (request.method === Method.delete) return { code: ResponseCode.deleted };
  return request.uriPath.length === 1
    ? { code: ResponseCode.created, locationPath: [...request.uriPath, '1'] }
    : { code: ResponseCode.changed };
}
