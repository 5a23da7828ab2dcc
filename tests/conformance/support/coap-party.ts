import type { Instant } from '@dunlin/base';
import { utf8Decode } from '@dunlin/base';
import {
  type Binding,
  CoapEndpoint,
  type CoapOutput,
  type Driven,
  formatCode,
  type IncomingRequest,
  type IncomingResponse,
  Method,
  type ObservationId,
  type OutgoingDatagram,
  type Peer,
  type Request,
  type RequestId,
  type Response,
  ResponseCode,
  type Shell,
} from '@dunlin/coap';

import type { Pace } from './pace.ts';

/** A request that came in, and what it was answered with. */
export interface Received {
  readonly peer: Peer;
  readonly request: IncomingRequest;
  /** Like `POST /rd`. */
  readonly line: string;
  readonly at: number;
  response?: Response | undefined;
}

/** An observation by the runner. */
export interface Watch {
  readonly id: ObservationId;
  readonly notifications: { readonly at: number; readonly response: IncomingResponse }[];
  isOver: boolean;
}

/** How long an answer is waited for, in seconds: MAX_TRANSMIT_WAIT and a little (RFC 7252 §4.8.2). */
const patience = 100;

/**
 * One side of a conversation, made of a CoAP endpoint and nothing else: it sends what a case says byte by byte, answers
 * as it is told, and keeps a log of all of it.
 */
export class CoapParty implements Driven, AsyncDisposable {
  readonly received: Received[] = [];
  /** Lines such as `→ GET /3/0/0` and `← 2.05 "Acme"`: the evidence of a case. */
  readonly log: string[] = [];
  /** What requests are answered with; `undefined` is silence. */
  answer: (received: Received) => Response | undefined = () => ({ code: ResponseCode.notFound });
  /** Whose datagrams are heard; from others there is silence on both sides. */
  hears: (peer: Peer) => boolean = () => true;
  readonly #pace: Pace;
  readonly #answers = new Map<RequestId, (outcome: IncomingResponse | string) => void>();
  readonly #watches = new Map<ObservationId, Watch>();
  #coap: CoapEndpoint | undefined;
  #shell: Shell | undefined;

  constructor(pace: Pace) {
    this.#pace = pace;
  }

  async open(binding: Binding): Promise<void> {
    const shell = await binding.open(this);
    this.#shell = shell;
    this.#coap = new CoapEndpoint({ random: shell.random });
  }

  get shell(): Shell {
    if (this.#shell === undefined) throw new Error('the party is not open');
    return this.#shell;
  }

  get deadline(): Instant | undefined {
    return this.#coap?.deadline;
  }

  handle(datagram: Uint8Array, peer: Peer, now: Instant): void {
    if (this.hears(peer)) this.#coap?.handle(datagram, peer, now);
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

  /** Sends a request, and gives the response. Throws when there is none. */
  async request(peer: Peer, request: Request): Promise<IncomingResponse> {
    this.log.push(`→ ${describeRequest(request)}`);
    let outcome: IncomingResponse | string | undefined;
    const id = this.#endpoint.request(peer, request, this.shell.now());
    this.#answers.set(id, (value) => {
      outcome = value;
    });
    this.shell.flush();
    await this.#pace.until(() => outcome !== undefined, patience);
    if (typeof outcome !== 'object')
      throw new Error(`no answer to ${describeRequest(request)}: ${outcome ?? 'silence'}`);
    return outcome;
  }

  /** Begins an observation and waits for its first response. */
  async observe(peer: Peer, request: Request): Promise<Watch> {
    this.log.push(`→ ${describeRequest(request)} Observe 0`);
    const watch: Watch = {
      id: this.#endpoint.observe(peer, request, this.shell.now()),
      notifications: [],
      isOver: false,
    };
    this.#watches.set(watch.id, watch);
    this.shell.flush();
    await this.#pace.until(() => watch.notifications.length > 0 || watch.isOver, patience);
    return watch;
  }

  /** Ends an observation: by Observe 1, or by a Reset to its next notification. */
  cancel(watch: Watch, way: 'active' | 'passive'): void {
    this.log.push(`→ cancel ${way === 'active' ? 'by Observe 1' : 'by Reset'}`);
    this.#endpoint.cancelObservation(watch.id, way, this.shell.now());
    this.shell.flush();
  }

  /** The next request that came after the first `since`, and matches; throws when none does in time. */
  async next(
    since: number,
    what: string,
    isIt: (received: Received) => boolean,
    seconds: number,
  ): Promise<Received> {
    const find = (): Received | undefined => this.received.slice(since).find(isIt);
    await this.#pace.until(() => find() !== undefined, seconds);
    const found = find();
    if (found === undefined) throw new Error(`no ${what} within ${seconds} s`);
    return found;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#shell?.[Symbol.asyncDispose]();
  }

  get #endpoint(): CoapEndpoint {
    if (this.#coap === undefined) throw new Error('the party is not open');
    return this.#coap;
  }

  #take(output: Exclude<CoapOutput, { kind: 'transmit' }>): void {
    switch (output.kind) {
      case 'request': {
        const { peer, request, exchange } = output;
        const received: Received = { peer, request, line: lineOf(request), at: this.#pace.elapsed() };
        this.received.push(received);
        this.log.push(`← ${received.line}${query(request.uriQuery)}${body(request)}`);
        const response = this.answer(received);
        received.response = response;
        const now = this.shell.now();
        if (response === undefined) this.#endpoint.ignore(exchange, now);
        else {
          this.log.push(`→ ${formatCode(response.code)}`);
          this.#endpoint.respond(exchange, response, now);
        }
        break;
      }
      case 'response':
        this.log.push(`← ${formatCode(output.response.code)}${body(output.response)}`);
        this.#answers.get(output.request)?.(output.response);
        break;
      case 'request-failed':
        this.log.push(`← ${output.reason}`);
        this.#answers.get(output.request)?.(output.reason);
        break;
      case 'notification':
        this.log.push(`← ${formatCode(output.response.code)} notification${body(output.response)}`);
        this.#watches
          .get(output.observation)
          ?.notifications.push({ at: this.#pace.elapsed(), response: output.response });
        break;
      case 'observation-ended': {
        const watch = this.#watches.get(output.observation);
        if (watch === undefined) break;
        watch.isOver = true;
        this.log.push('← the observation is over');
        break;
      }
      case 'relation-ended':
      case 'notification-acknowledged':
      case 'pong':
        break;
    }
  }
}

const methodNames: Readonly<Record<number, string>> = {
  [Method.get]: 'GET',
  [Method.post]: 'POST',
  [Method.put]: 'PUT',
  [Method.delete]: 'DELETE',
};

function lineOf({ method, uriPath }: IncomingRequest): string {
  return `${methodNames[method] ?? method} /${uriPath.join('/')}`;
}

function describeRequest({ method, uriPath, uriQuery = [], payload }: Request): string {
  return `${methodNames[method] ?? method} /${uriPath.join('/')}${query(uriQuery)}${body({ payload })}`;
}

function query(parts: readonly string[]): string {
  return parts.length === 0 ? '' : `?${parts.join('&')}`;
}

/** At most 60 characters of a payload, as text where it is some. */
function body({ payload }: Pick<Request, 'payload'>): string {
  if (!(payload instanceof Uint8Array) || payload.length === 0) return '';
  const text = utf8Decode(payload);
  const shown =
    text !== undefined && /^[\x20-\x7e]*$/.test(text)
      ? JSON.stringify(text)
      : Buffer.from(payload).toString('hex');
  return ` ${shown.length > 60 ? `${shown.slice(0, 60)}…` : shown}`;
}
