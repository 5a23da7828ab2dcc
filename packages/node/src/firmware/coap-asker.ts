import type { Instant } from '@dunlin/base';
import {
  type Binding,
  CoapEndpoint,
  type CoapEndpointOptions,
  type CoapOutput,
  type Driven,
  type IncomingResponse,
  type OutgoingDatagram,
  type Peer,
  type Request,
  type RequestId,
  type RequestOptions,
  type Shell,
} from '@dunlin/coap';

import type { FirmwareError } from '@dunlin/client';

import { lost } from './download-failure.ts';

/** Who waits for an answer. */
interface Waiting {
  readonly peer: Peer;
  readonly answer: PromiseWithResolvers<IncomingResponse>;
}

/** A CoAP client on a binding of its own: sends requests and waits for the answers. */
export class CoapAsker implements Driven, AsyncDisposable {
  readonly #waiting = new Map<RequestId, Waiting>();
  #endpoint: CoapEndpoint | undefined;
  #shell: Shell | undefined;
  #isClosed = false;

  static async open(binding: Binding, tuning: Omit<CoapEndpointOptions, 'random'> = {}): Promise<CoapAsker> {
    const asker = new CoapAsker();
    const shell = await binding.open(asker);
    asker.#shell = shell;
    asker.#endpoint = new CoapEndpoint({ ...tuning, random: shell.random });
    return asker;
  }

  get deadline(): Instant | undefined {
    return this.#endpoint?.deadline;
  }

  /** See `Shell`. */
  resolve(host: string, port: number): Promise<Peer> {
    return this.#open.resolve(host, port);
  }

  /** Rejects with a `FirmwareError`, connection lost, when there is no answer. */
  ask(peer: Peer, request: Request, options: Readonly<RequestOptions>): Promise<IncomingResponse> {
    const shell = this.#open;
    if (this.#isClosed) return Promise.reject(ended());
    const answer = Promise.withResolvers<IncomingResponse>();
    const id = this.#endpoint?.request(peer, request, shell.now(), options);
    if (id !== undefined) this.#waiting.set(id, { peer, answer });
    shell.flush();
    return answer.promise;
  }

  handle(datagram: Uint8Array, peer: Peer, now: Instant): void {
    this.#endpoint?.handle(datagram, peer, now);
  }

  wake(now: Instant): void {
    this.#endpoint?.wake(now);
  }

  poll(): OutgoingDatagram | undefined {
    for (let output = this.#endpoint?.poll(); output !== undefined; output = this.#endpoint?.poll()) {
      if (output.kind === 'transmit') return output;
      this.#take(output);
    }
    return undefined;
  }

  peerLost(peer: Peer): void {
    for (const waiting of this.#waiting.values()) {
      if (waiting.peer.key === peer.key) waiting.answer.reject(lost('The secure association has ended.'));
    }
  }

  /** Ends it from where nobody can wait: a socket that does not close is no concern of a download that is over. */
  close(): void {
    this[Symbol.asyncDispose]().catch(() => undefined);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    for (const { answer } of this.#waiting.values()) answer.reject(ended());
    this.#waiting.clear();
    await this.#shell?.[Symbol.asyncDispose]();
  }

  get #open(): Shell {
    if (this.#shell === undefined) throw new Error('the binding is not open');
    return this.#shell;
  }

  #take(output: CoapOutput): void {
    switch (output.kind) {
      case 'response':
        this.#settle(output.request)?.resolve(output.response);
        break;
      case 'request-failed':
        this.#settle(output.request)?.reject(lost(`There was no usable answer (${output.reason}).`));
        break;
      case 'request':
        // It serves nothing; whoever asks finds nobody.
        this.#endpoint?.ignore(output.exchange, this.#open.now());
        break;
      case 'transmit':
      case 'notification':
      case 'observation-ended':
      case 'relation-ended':
      case 'notification-acknowledged':
      case 'pong':
        break;
    }
  }

  #settle(request: RequestId): PromiseWithResolvers<IncomingResponse> | undefined {
    const waiting = this.#waiting.get(request);
    this.#waiting.delete(request);
    return waiting?.answer;
  }
}

function ended(): FirmwareError {
  return lost('The download was ended.');
}
