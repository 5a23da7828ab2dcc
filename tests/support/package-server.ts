import { once } from 'node:events';
import {
  createServer as createHttpServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createHttpsServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';

/** What a server answers to one request; `undefined` leaves it to the default: the body, or the range that was asked for. */
export type Answer = (request: IncomingMessage, response: ServerResponse) => boolean;

/** An HTTP server on the loopback interface with one package, which cuts connections and misbehaves when told to. */
export class PackageServer implements AsyncDisposable {
  /** `GET /fw bytes=100- "v1"`: the range and its condition where there are any. */
  readonly requests: string[] = [];
  body: Uint8Array;
  etag: string | undefined = '"v1"';
  lastModified: string | undefined;
  /** How many bytes of a body are sent before `cut` is to be called; of the next request all. */
  cutAfter: number | undefined;
  /** Answers in place of the default when it gives true. */
  answer: Answer = () => false;
  #cutResponse: ServerResponse | undefined;
  readonly #server: Server;
  readonly #scheme: string;

  static async open(body: Uint8Array, tls?: ServerOptions): Promise<PackageServer> {
    const server = tls === undefined ? createHttpServer() : createHttpsServer(tls);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new PackageServer(server, body, tls === undefined ? 'http' : 'https');
  }

  private constructor(server: Server, body: Uint8Array, scheme: string) {
    this.#server = server;
    this.#scheme = scheme;
    this.body = body;
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      const { method, url, headers } = request;
      const conditions = [headers.range, headers['if-range']].filter((header) => header !== undefined);
      this.requests.push([method, url, ...conditions].join(' '));
      if (!this.answer(request, response)) this.#serve(request, response);
    });
  }

  get port(): number {
    const { port }: AddressInfo = this.#server.address() as AddressInfo;
    return port;
  }

  uri(path = '/fw', host = '127.0.0.1'): string {
    return `${this.#scheme}://${host}:${this.port}${path}`;
  }

  /** Cuts the connection, when somebody has read what came: he loses with it what he has not. */
  cut(): void {
    this.#cutResponse?.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    const { range, 'if-range': condition } = request.headers;
    const [, first] = /^bytes=(\d+)-$/.exec(range ?? '') ?? [];
    const isSame = condition !== undefined && (condition === this.etag || condition === this.lastModified);
    const offset = first !== undefined && isSame ? Number(first) : 0;
    const { length } = this.body;
    if (this.etag !== undefined) response.setHeader('etag', this.etag);
    if (this.lastModified !== undefined) response.setHeader('last-modified', this.lastModified);
    if (offset >= length && offset > 0) {
      response.writeHead(416, { 'content-range': `bytes */${length}` }).end();
      return;
    }
    if (offset > 0) response.setHeader('content-range', `bytes ${offset}-${length - 1}/${length}`);
    response.writeHead(offset > 0 ? 206 : 200, { 'content-length': length - offset });
    const cut = this.cutAfter;
    this.cutAfter = undefined;
    if (cut === undefined) {
      response.end(this.body.subarray(offset));
      return;
    }
    this.#cutResponse = response;
    response.write(this.body.subarray(offset, offset + cut));
  }
}
