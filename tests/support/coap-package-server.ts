import { utf8Encode } from '@dunlin/base';
import {
  type Binding,
  type IncomingRequest,
  Method,
  type Response,
  ResponseCode,
  type Shell,
} from '@dunlin/coap';
import { udp } from '@dunlin/node';

import { CoapRole } from './coap-role.ts';

/** A CoAP server with one package at `/fw`, served by our own stack. */
export class CoapPackageServer implements AsyncDisposable {
  body: Uint8Array;
  etag: string | undefined = 'v1';
  /** The requests so far: `GET /fw?q`. A block that the endpoint gives by itself is none. */
  readonly requests: string[] = [];
  /** Answers in place of the package when it gives something. */
  answer: (request: IncomingRequest) => Response | undefined = () => undefined;
  readonly #shell: Shell;

  static async open(
    body: Uint8Array,
    binding: Binding = udp({ address: '127.0.0.1', port: 0 }),
  ): Promise<CoapPackageServer> {
    const opened: { server?: CoapPackageServer } = {};
    const role = new CoapRole(
      (request) => opened.server?.respond(request) ?? { code: ResponseCode.serviceUnavailable },
    );
    const server = new CoapPackageServer(body, await binding.open(role));
    opened.server = server;
    return server;
  }

  private constructor(body: Uint8Array, shell: Shell) {
    this.body = body;
    this.#shell = shell;
  }

  get port(): number {
    return this.#shell.local.port;
  }

  get uri(): string {
    return `${this.#shell.local.uri}/fw`;
  }

  respond(request: IncomingRequest): Response {
    const query = request.uriQuery.map((part, index) => `${index === 0 ? '?' : '&'}${part}`).join('');
    this.requests.push(
      `${request.method === Method.get ? 'GET' : request.method} /${request.uriPath.join('/')}${query}`,
    );
    const answer = this.answer(request);
    if (answer !== undefined) return answer;
    if (request.uriPath.join('/') !== 'fw') return { code: ResponseCode.notFound };
    const { etag } = this;
    const facts = { code: ResponseCode.content, contentFormat: 42, payload: this.body };
    return etag === undefined ? facts : { ...facts, etag: utf8Encode(etag) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#shell[Symbol.asyncDispose]();
  }
}
