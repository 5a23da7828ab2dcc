import { milliseconds, utf8Encode } from '@dunlin/base';
import { type Binding, Method, type Peer, ResponseCode, type Shell } from '@dunlin/coap';

import { CoapRole } from './coap-role.ts';

/** A request that came in. */
export interface ReceivedRequest {
  readonly from: Peer;
  readonly path: string;
  readonly payload: string;
}

/** Over loopback an answer takes a millisecond; who gets none is not to wait for long. */
const ackTimeout = milliseconds(40);

/**
 * Bare CoAP on a binding that is open: it answers every request with its path and payload, and gives what comes back to
 * requests of its own.
 */
export class EchoRole implements AsyncDisposable {
  readonly received: readonly ReceivedRequest[];
  readonly shell: Shell;
  readonly #role: CoapRole;

  static async open(binding: Binding): Promise<EchoRole> {
    const received: ReceivedRequest[] = [];
    const role = new CoapRole((request, from) => {
      const path = request.uriPath.join('/');
      const payload = new TextDecoder().decode(request.payload);
      received.push({ from, path, payload });
      return { code: ResponseCode.content, contentFormat: 0, payload: utf8Encode(`${path}: ${payload}`) };
    }, ackTimeout);
    return new EchoRole(role, await binding.open(role), received);
  }

  private constructor(role: CoapRole, shell: Shell, received: readonly ReceivedRequest[]) {
    this.#role = role;
    this.shell = shell;
    this.received = received;
  }

  /** The peers whose association has ended. */
  get lost(): readonly Peer[] {
    return this.#role.lost;
  }

  /** From where the last request came. */
  get lastSource(): Peer {
    const from = this.received.at(-1)?.from;
    if (from === undefined) throw new Error('Nothing was received.');
    return from;
  }

  /** Posts a payload and gives the text of the answer, or why there is none. */
  async ask(peer: Peer, path: string, payload = '', patience = 10_000): Promise<string> {
    const request = {
      method: Method.post,
      uriPath: path.split('/'),
      payload: utf8Encode(payload),
      contentFormat: 0,
    };
    const options = { timeout: milliseconds(patience) };
    return await this.#role.ask(this.shell, peer, request, options).then(
      (response) => new TextDecoder().decode(response.payload),
      (error: Error) => String(error.cause),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.shell[Symbol.asyncDispose]();
  }
}
