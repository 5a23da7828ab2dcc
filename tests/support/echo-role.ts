import { type Instant, milliseconds } from '@dunlin/base';
import {
  type Binding,
  CoapEndpoint,
  type Driven,
  type IncomingResponse,
  Method,
  type OutgoingDatagram,
  type Peer,
  type RequestFailure,
  type RequestId,
  ResponseCode,
  type Shell,
} from '@dunlin/coap';
import { systemRandom } from '@dunlin/node';

/** A request that came in. */
export interface ReceivedRequest {
  readonly from: Peer;
  readonly path: string;
  readonly payload: string;
}

type Answer = IncomingResponse | { readonly failure: RequestFailure };

/**
 * The least of a role above a shell: it answers every request with its path and payload, and gives what comes back to
 * requests of its own.
 */
export class EchoRole implements Driven, AsyncDisposable {
  readonly received: ReceivedRequest[] = [];
  readonly lost: Peer[] = [];
  readonly #endpoint = new CoapEndpoint({
    random: systemRandom(),
    // Over loopback an answer takes a millisecond; who gets none is not to wait for long.
    transmission: { ackTimeout: milliseconds(40) },
  });
  readonly #waiting = new Map<RequestId, (answer: Answer) => void>();
  #shell: Shell | undefined;

  static async open(binding: Binding): Promise<EchoRole> {
    const role = new EchoRole();
    role.#shell = await binding.open(role);
    return role;
  }

  get shell(): Shell {
    if (this.#shell === undefined) throw new Error('The role is not open yet.');
    return this.#shell;
  }

  /** From where the last request came. */
  get lastSource(): Peer {
    const from = this.received.at(-1)?.from;
    if (from === undefined) throw new Error('Nothing was received.');
    return from;
  }

  get deadline(): Instant | undefined {
    return this.#endpoint.deadline;
  }

  handle(datagram: Uint8Array, peer: Peer, now: Instant): void {
    this.#endpoint.handle(datagram, peer, now);
  }

  wake(now: Instant): void {
    this.#endpoint.wake(now);
  }

  peerLost(peer: Peer, now: Instant): void {
    this.lost.push(peer);
    this.#endpoint.forgetPeer(peer, now);
  }

  poll(): OutgoingDatagram | undefined {
    for (let output = this.#endpoint.poll(); output !== undefined; output = this.#endpoint.poll()) {
      switch (output.kind) {
        case 'transmit':
          return output;
        case 'request': {
          const { uriPath, payload } = output.request;
          const path = uriPath.join('/');
          this.received.push({ from: output.peer, path, payload: new TextDecoder().decode(payload) });
          const echo = new TextEncoder().encode(`${path}: ${new TextDecoder().decode(payload)}`);
          const response = { code: ResponseCode.content, contentFormat: 0, payload: echo };
          this.#endpoint.respond(output.exchange, response, this.shell.now());
          break;
        }
        case 'response':
          this.#settle(output.request, output.response);
          break;
        case 'request-failed':
          this.#settle(output.request, { failure: output.reason });
          break;
        case 'notification':
        case 'notification-acknowledged':
        case 'observation-ended':
        case 'relation-ended':
        case 'pong':
          break;
      }
    }
    return undefined;
  }

  /** Posts a payload and gives the text of the answer, or why there is none. */
  async ask(peer: Peer, path: string, payload = '', patience = 10_000): Promise<string> {
    const { promise, resolve } = Promise.withResolvers<Answer>();
    const body = new TextEncoder().encode(payload);
    const content = { method: Method.post, uriPath: path.split('/'), payload: body, contentFormat: 0 };
    const options = { timeout: milliseconds(patience) };
    const request = this.#endpoint.request(peer, content, this.shell.now(), options);
    this.#waiting.set(request, resolve);
    this.shell.flush();
    const answer = await promise;
    return 'failure' in answer ? answer.failure : new TextDecoder().decode(answer.payload);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#shell?.[Symbol.asyncDispose]();
  }

  #settle(request: RequestId, answer: Answer): void {
    this.#waiting.get(request)?.(answer);
    this.#waiting.delete(request);
  }
}
