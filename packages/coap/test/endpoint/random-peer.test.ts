import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { type Instant, instantFrom, type Random, seededRandom } from '@dunlin/base';
import {
  CoapEndpoint,
  type CoapOutput,
  codeClass,
  decodeMessage,
  encodeMessage,
  type ExchangeId,
  type Message,
  MessageType,
  OptionNumber,
  type OutgoingOption,
  type Peer,
  type RelationId,
  type RequestId,
  ResponseCode,
  udpPeer,
} from '@dunlin/coap';

const seeds = 300;
const stepsPerSeed = 120;

/** An endpoint under fire of a peer that sends anything, with ids and tokens from live exchanges; asserts invariants. */
class Storm {
  readonly random: Random;
  readonly endpoint: CoapEndpoint;
  readonly peer: Peer;
  now: Instant = instantFrom(1_000_000);
  /** The request that was handed to the role under an id, until another message has that id. */
  readonly #handled = new Map<number, { readonly bytes: string; readonly at: number }>();
  readonly #requests = new Map<RequestId, boolean>();
  readonly #waiting: ExchangeId[] = [];
  readonly #relations: RelationId[] = [];
  readonly #seenIds: number[] = [0];
  readonly #seenTokens: Uint8Array[] = [new Uint8Array()];
  readonly #history: Uint8Array[] = [new Uint8Array([0x40, 0, 0, 1])];
  /** Confirmable requests and notifications of the endpoint without an acknowledgement, with the time of their end. */
  readonly #open = new Map<number, { endsAt: number; isNotification: boolean; token: string }>();
  readonly #observers = new Set<string>();
  /** Tokens of observers whose first response was a message of its own. */
  readonly #early = new Set<string>();
  #received = 0;
  #sent = 0;
  /** True once the peer did what may validate its address. */
  #mayBeValidated = false;
  #currentId: number | undefined;
  #lastFed: Uint8Array = new Uint8Array();

  constructor(seed: number) {
    this.random = seededRandom(seed);
    this.endpoint = new CoapEndpoint({ random: seededRandom(seed ^ 0x5555) });
    this.peer = udpPeer('192.0.2.7', 1000 + (seed % 1000));
  }

  run(): void {
    for (let step = 0; step < stepsPerSeed; step += 1) {
      this.#act();
      if (this.#pick(4) === 0) this.#advance(this.#pick(3000));
      if (this.#pick(40) === 0) this.#advance(this.#pick(60_000));
    }
    this.#finish();
  }

  #act(): void {
    switch (this.#pick(10)) {
      case 0:
        this.#request();
        return;
      case 1:
        this.#answerWaiting();
        return;
      case 2:
        this.#notify();
        return;
      case 3:
        this.#feed(this.#choose(this.#history));
        return;
      case 4:
        this.#feed(this.#mutated());
        return;
      default:
        this.#feed(this.#message());
    }
  }

  #request(): void {
    const isObserve = this.#pick(4) === 0;
    const request = { method: 1 as const, uriPath: ['x'] };
    const isConfirmable = this.#pick(3) > 0;
    if (isObserve) this.endpoint.observe(this.peer, request, this.now, { isConfirmable });
    else this.#requests.set(this.endpoint.request(this.peer, request, this.now, { isConfirmable }), false);
    this.#drain();
  }

  #answerWaiting(): void {
    const exchange = this.#waiting.shift();
    if (exchange === undefined) return;
    this.#respond(exchange);
    this.#drain();
  }

  #notify(): void {
    if (this.#relations.length === 0) return;
    const relation = this.#choose(this.#relations);
    const code = this.#pick(10) === 0 ? ResponseCode.notFound : ResponseCode.content;
    const payload = new Uint8Array(this.#pick(60));
    if (code === ResponseCode.notFound) this.#close(true);
    this.endpoint.notify(relation, { code, contentFormat: 0, payload }, this.now, {
      isConfirmable: this.#pick(2) === 0,
    });
    this.#drain();
  }

  #respond(exchange: ExchangeId): void {
    const payload = new Uint8Array(this.#pick(this.#pick(4) === 0 ? 3000 : 40));
    const response = { code: ResponseCode.content, contentFormat: 0, payload };
    const relation = this.endpoint.respond(exchange, response, this.now, { observe: this.#pick(2) === 0 });
    if (relation !== undefined) this.#relations.push(relation);
  }

  #message(): Uint8Array {
    const codes = [
      0x00, 0x00, 0x01, 0x01, 0x02, 0x03, 0x05, 0x1f, 0x45, 0x45, 0x45, 0x5f, 0x84, 0xa0, 0x20, 0xe1,
    ];
    const code = this.#choose(codes);
    const options: OutgoingOption[] = [];
    if (code !== 0) {
      for (const number of [6, 11, 12, 23, 27, 60, 252, 258, 9998, 9999]) {
        if (this.#pick(number === 11 ? 2 : 6) > 0) continue;
        if (number === OptionNumber.uriPath) options.push({ number, value: 'x' });
        else if (number === OptionNumber.echo) options.push({ number, value: this.random.bytes(12) });
        else if (number === OptionNumber.noResponse)
          options.push({ number, value: this.#choose([0, 2, 8, 26]) });
        else options.push({ number, value: this.#pick(number === 12 ? 60 : 40) });
      }
    }
    const isEmpty = code === 0;
    const payload =
      isEmpty || this.#pick(2) === 0 ? undefined : new Uint8Array(this.#choose([1, 16, 16, 32, 64, 300]));
    return encodeMessage({
      type: this.#choose([0, 0, 1, 2, 2, 3] as const),
      code,
      messageId: this.#pick(3) === 0 ? this.#pick(0x1_0000) : this.#choose(this.#seenIds),
      token: isEmpty ? new Uint8Array() : this.#choose(this.#seenTokens),
      options,
      payload,
    });
  }

  #mutated(): Uint8Array {
    const datagram = this.#choose(this.#history).slice(0, this.#pick(80));
    const index = this.#pick(datagram.length);
    if (datagram.length > 0) datagram[index] = this.#pick(256);
    return datagram;
  }

  #feed(datagram: Uint8Array): void {
    if (this.#pick(3) === 0) this.#history.push(datagram);
    const message = decodeMessage(datagram);
    if (message.kind === 'message') this.#note(message);
    const isRequest =
      message.kind === 'message' && codeClass(message.code) === 0 && message.code !== 0 && message.type < 2;
    this.#received += Math.max(3 * datagram.length, isRequest ? 136 : 0);
    this.#currentId = message.kind === 'message' ? message.messageId : undefined;
    this.#lastFed = datagram;
    const id = this.#currentId ?? -1;
    if (this.#handled.get(id)?.bytes !== datagram.join()) this.#handled.delete(id);
    const sentBefore = this.#sent;
    const owed = this.#open.size + this.endpoint.sizes.requests;
    const lent = datagram.slice();
    this.endpoint.handle(lent, this.peer, this.now);
    lent.fill(0xaa);
    this.#drain();
    const type = ((datagram[0] ?? 0) >> 4) & 3;
    const isMessage = datagram.length >= 4 && (datagram[0] ?? 0) >> 6 === 1;
    const isUnrelated = owed === 0 && this.endpoint.sizes.relations === 0;
    if (isMessage && type >= 2 && isUnrelated)
      assert.equal(this.#sent, sentBefore, 'no answer to ACK or RST');
  }

  #note(message: Message): void {
    const isAnswer = message.type === MessageType.acknowledgement || message.type === MessageType.reset;
    const open = this.#open.get(message.messageId);
    // An answer to a message of ours, a token that we chose: whoever knows it receives what we send.
    if (isAnswer && open !== undefined) {
      this.#mayBeValidated = true;
      if (message.code === 0 || open.token === message.tokenKey) this.#open.delete(message.messageId);
    }
    if (message.token.length === 8) {
      this.#mayBeValidated = true;
      for (const [id, { token }] of this.#open) if (token === message.tokenKey) this.#open.delete(id);
    }
  }

  #drain(): void {
    for (let output = this.endpoint.poll(); output !== undefined; output = this.endpoint.poll())
      this.#take(output);
  }

  #take(output: CoapOutput): void {
    switch (output.kind) {
      case 'transmit':
        this.#transmitted(output.datagram);
        return;
      case 'request': {
        const id = this.#currentId ?? -1;
        const fed = this.#lastFed.join();
        const before = this.#handled.get(id);
        const isAgain = before?.bytes === fed && this.now < before.at + 145_000;
        assert.ok(!isAgain, 'the role runs once for a message');
        this.#handled.set(id, { bytes: fed, at: this.now });
        if (this.#pick(2) === 0) this.#waiting.push(output.exchange);
        else this.#respond(output.exchange);
        return;
      }
      case 'response':
      case 'request-failed':
        assert.equal(this.#requests.get(output.request), false, 'one result for a request');
        this.#requests.set(output.request, true);
        this.#close(false);
        return;
      case 'relation-ended': {
        this.#close(true);
        const index = this.#relations.indexOf(output.relation);
        if (index >= 0) this.#relations.splice(index, 1);
        return;
      }
      case 'notification':
      case 'observation-ended':
        this.#close(false);
        return;
      case 'notification-acknowledged':
      case 'pong':
    }
  }

  /** What is over no longer counts: with NSTART 1 it is the only one of its kind. */
  #close(isNotification: boolean): void {
    for (const [id, open] of this.#open) if (open.isNotification === isNotification) this.#open.delete(id);
  }

  #transmitted(datagram: Uint8Array): void {
    this.#sent += 1;
    const message = decodeMessage(datagram);
    assert.ok(message.kind === 'message', 'only well-formed messages are sent');
    this.#seenIds.push(message.messageId);
    if (message.token.length > 0) this.#seenTokens.push(message.token);
    const isOurRequest = codeClass(message.code) === 0 && message.code !== 0;
    if (!isOurRequest && !this.#mayBeValidated) {
      this.#received -= datagram.length;
      assert.ok(this.#received >= 0, 'an address in doubt gets a multiple of what it sent at most');
    }
    if (message.type !== MessageType.confirmable) return;
    const isNotification = message.options.uint(OptionNumber.observe) !== undefined && !isOurRequest;
    if (!isOurRequest && !isNotification) return;
    // A notification that is replaced while it is open goes on under another id.
    if (isNotification)
      for (const [id, open] of this.#open)
        if (open.token === message.tokenKey && open.isNotification) this.#open.delete(id);
    const isNew = !this.#open.has(message.messageId);
    // The first response to an observer is a response, which waits for nothing, and neither does what replaces it.
    if (isNotification && !this.#observers.has(message.tokenKey)) this.#early.add(message.tokenKey);
    if (isNotification) this.#observers.add(message.tokenKey);
    if (this.#early.has(message.tokenKey)) return;
    // Whatever fails without a word does so after 62 s at the earliest.
    for (const [id, { endsAt }] of this.#open) if (endsAt <= this.now) this.#open.delete(id);
    if (isNew) assert.equal(this.#open.size, 0, 'at most NSTART interactions are outstanding');
    this.#open.set(message.messageId, {
      endsAt: this.#open.get(message.messageId)?.endsAt ?? this.now + 62_000,
      isNotification,
      token: message.tokenKey,
    });
  }

  #advance(duration: number): void {
    const end = this.now + duration;
    for (;;) {
      const { deadline } = this.endpoint;
      if (deadline === undefined || deadline > end) break;
      assert.ok(deadline >= this.now - 1 || deadline <= this.now);
      this.now = instantFrom(Math.max(this.now, deadline));
      this.endpoint.wake(this.now);
      this.#drain();
    }
    this.now = instantFrom(end);
  }

  #finish(): void {
    for (const relation of this.#relations) this.endpoint.endRelation(relation);
    // What waits in queues toward a silent peer ends one after the other.
    for (let round = 0; round < 200 && this.endpoint.sizes.requests > 0; round += 1) this.#advance(300_000);
    this.#advance(600_000);
    const { observations, ...sizes } = this.endpoint.sizes;
    if (observations > 0) {
      this.endpoint.forgetPeer(this.peer, this.now);
      this.#drain();
      assert.equal(this.endpoint.sizes.observations, 0);
      this.#advance(300_000);
    } else {
      assert.deepEqual(
        Object.entries(sizes).filter(([, size]) => size !== 0),
        [],
        'all tables are empty in the end',
      );
    }
    assert.deepEqual(
      Object.entries(this.endpoint.sizes).filter(([, size]) => size !== 0),
      [],
    );
    assert.equal(this.endpoint.deadline, undefined);
    for (const isDone of this.#requests.values()) assert.ok(isDone, 'each request has a result');
  }

  #pick(count: number): number {
    return Math.floor(this.random.fraction() * count);
  }

  #choose<T>(items: readonly T[]): T {
    const item = items[this.#pick(items.length)];
    assert.ok(item !== undefined);
    return item;
  }
}

describe('A random peer (CR-4, CR-7.1, CR-8.13, CR-11.2, CR-11.4)', () => {
  test(`breaks no invariant over ${seeds} seeds`, () => {
    for (let seed = 1; seed <= seeds; seed += 1) {
      try {
        new Storm(seed).run();
      } catch (error) {
        throw new Error(`seed ${seed}`, { cause: error });
      }
    }
  });
});
