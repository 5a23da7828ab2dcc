import assert from 'node:assert/strict';

import { equalBytes, type Instant, instantFrom, seededRandom } from '@dunlin/base';
import {
  CoapEndpoint,
  type CoapEndpointOptions,
  type CoapOutput,
  decodeMessage,
  type IncomingRequest,
  type Message,
  type Peer,
  type RelationId,
  type Response,
  udpPeer,
} from '@dunlin/coap';

type Side = 'client' | 'server';
type Result = Exclude<CoapOutput, { kind: 'transmit' } | { kind: 'request' }>;

/** A datagram that went over the wire, or was lost on it. */
export interface Crossing {
  readonly from: Side;
  readonly at: number;
  readonly message: Message;
  readonly datagram: Uint8Array;
  readonly isLost: boolean;
}

/** What a server of a test does with a request: answer now, later (by the milliseconds), or not at all. */
export interface Answer {
  readonly response: Response;
  readonly after?: number;
  readonly observe?: boolean;
}

/** Two endpoints on one wire and one virtual clock: the client asks, the server answers. */
export class Pair {
  readonly client: CoapEndpoint;
  readonly server: CoapEndpoint;
  readonly clientPeer: Peer = udpPeer('192.0.2.1', 50_001);
  readonly serverPeer: Peer = udpPeer('192.0.2.2', 5683);
  /** Everything that was sent, in order. */
  readonly wire: Crossing[] = [];
  readonly clientResults: Result[] = [];
  readonly serverResults: Result[] = [];
  readonly requests: IncomingRequest[] = [];
  readonly relations: RelationId[] = [];
  now: Instant = instantFrom(5_000_000);
  /** One way, in milliseconds. */
  delay = 10;
  /** True for a datagram that gets lost: asked with how many that side sent before it. */
  lose: (from: Side, count: number, message: Message) => boolean = () => false;
  handler: (request: IncomingRequest) => Answer = () => ({ response: { code: 0x45 } });
  readonly #counts = { client: 0, server: 0 };
  readonly #pending: { readonly at: number; readonly act: () => void }[] = [];

  constructor(
    options: { client?: Partial<CoapEndpointOptions>; server?: Partial<CoapEndpointOptions> } = {},
  ) {
    this.client = new CoapEndpoint({ random: seededRandom(11), ...options.client });
    this.server = new CoapEndpoint({ random: seededRandom(22), ...options.server });
  }

  /** Runs a command of the client. */
  ask<T>(command: (client: CoapEndpoint, now: Instant) => T): T {
    const result = command(this.client, this.now);
    this.#drain();
    return result;
  }

  /** Runs a command of the server. */
  tell<T>(command: (server: CoapEndpoint, now: Instant) => T): T {
    const result = command(this.server, this.now);
    this.#drain();
    return result;
  }

  /** Lets time pass. */
  advance(milliseconds: number): void {
    const end = this.now + milliseconds;
    for (;;) {
      const next = Math.min(
        this.client.deadline ?? Infinity,
        this.server.deadline ?? Infinity,
        this.#pending[0]?.at ?? Infinity,
      );
      if (next > end) break;
      this.now = instantFrom(Math.max(this.now, next));
      while ((this.#pending[0]?.at ?? Infinity) <= this.now) this.#pending.shift()?.act();
      this.client.wake(this.now);
      this.server.wake(this.now);
      this.#drain();
    }
    this.now = instantFrom(end);
  }

  /** The next result of the client, which must be of this kind. */
  result<K extends Result['kind']>(kind: K): Extract<Result, { kind: K }> {
    const next = this.clientResults.shift();
    assert.ok(next?.kind === kind, `expected ${kind}, got ${JSON.stringify(next)}`);
    return next as Extract<Result, { kind: K }>;
  }

  /** Messages of one side since the last call. */
  sentBy(from: Side): readonly Message[] {
    return this.wire.filter((crossing) => crossing.from === from).map(({ message }) => message);
  }

  /** A message that goes out again under its id goes out in the same bytes (RFC 7252 §4.2). */
  assertRepetitionsAreIdentical(): void {
    for (const [index, crossing] of this.wire.entries()) {
      for (const later of this.wire.slice(index + 1)) {
        const isAgain =
          later.from === crossing.from &&
          later.message.messageId === crossing.message.messageId &&
          later.message.type === crossing.message.type;
        if (isAgain) assert.ok(equalBytes(later.datagram, crossing.datagram));
      }
    }
  }

  assertEmptyInTheEnd(): void {
    this.advance(300_000);
    for (const endpoint of [this.client, this.server]) {
      assert.deepEqual(
        Object.entries(endpoint.sizes).filter(([, size]) => size !== 0),
        [],
      );
    }
  }

  #drain(): void {
    for (let isBusy = true; isBusy;) {
      isBusy = false;
      for (let output = this.client.poll(); output !== undefined; output = this.client.poll()) {
        isBusy = true;
        this.#take('client', output);
      }
      for (let output = this.server.poll(); output !== undefined; output = this.server.poll()) {
        isBusy = true;
        this.#take('server', output);
      }
    }
  }

  #take(side: Side, output: CoapOutput): void {
    if (output.kind === 'transmit') this.#transmit(side, output.datagram);
    else if (output.kind !== 'request')
      (side === 'client' ? this.clientResults : this.serverResults).push(output);
    else this.#answer(output);
  }

  #answer({ exchange, request }: Extract<CoapOutput, { kind: 'request' }>): void {
    this.requests.push(request);
    const { response, after, observe } = this.handler(request);
    const act = (): void => {
      const relation = this.server.respond(exchange, response, this.now, { observe: observe ?? false });
      if (relation !== undefined) this.relations.push(relation);
    };
    if (after === undefined) act();
    else this.#later(after, act);
  }

  #transmit(from: Side, datagram: Uint8Array): void {
    const message = decodeMessage(datagram.slice());
    assert.ok(message.kind === 'message');
    const count = this.#counts[from];
    this.#counts[from] += 1;
    const isLost = this.lose(from, count, message);
    this.wire.push({ from, at: this.now, message, datagram: datagram.slice(), isLost });
    if (isLost) return;
    this.#later(this.delay, () => {
      if (from === 'client') this.server.handle(datagram, this.clientPeer, this.now);
      else this.client.handle(datagram, this.serverPeer, this.now);
    });
  }

  #later(after: number, act: () => void): void {
    this.#pending.push({ at: this.now + after, act });
    this.#pending.sort((a, b) => a.at - b.at);
  }
}
