import assert from 'node:assert/strict';

import { hexDecode, hexEncode, type Instant, instantFrom, type Random, seededRandom } from '@dunlin/base';

import {
  CoapEndpoint,
  type CoapEndpointOptions,
  type CoapOutput,
  codeClass,
  decodeMessage,
  encodeMessage,
  type ExchangeId,
  formatCode,
  type Message,
  MessageType,
  OptionNumber,
  type OutgoingOption,
  type Peer,
  type RelationId,
  type Response,
  type ResponseDelivery,
  udpPeer,
} from '@dunlin/coap';

const typeNames = { con: 0, non: 1, ack: 2, rst: 3 } as const;
export type TypeName = keyof typeof typeNames;

/** A message as scripts write it. `mid` and `token` may be the names of variables, see `LockStep`. */
export interface ScriptedMessage {
  readonly type: TypeName;
  /** `0.01`, `2.05`; absent for an empty message. */
  readonly code?: string;
  readonly mid?: number | string;
  /** Hexadecimal digits after `#`, or the name of a variable. */
  readonly token?: string;
  readonly options?: readonly OutgoingOption[];
  readonly path?: string;
  readonly observe?: number;
  readonly payload?: string | Uint8Array;
}

/** What a message must look like; what is absent may be anything, `false` means absent. */
export interface Pattern extends Omit<ScriptedMessage, 'observe'> {
  readonly observe?: number | false | 'any';
  /** Option numbers with values: a number for uint, hexadecimal text for bytes, `false` for absent. */
  readonly has?: Readonly<Record<number, number | string | false>>;
}

/** The answer to any request, or `wait` to answer by hand later. */
export type Handler = (request: Extract<CoapOutput, { kind: 'request' }>) => Response | 'wait';

/**
 * An endpoint under test beside a scripted raw peer, on virtual time. Variables: `send` sets none; `expect`
 * binds a name when it first appears as `mid` or `token` and compares afterwards; `send` reads them.
 */
export class LockStep {
  readonly endpoint: CoapEndpoint;
  readonly outputs: CoapOutput[] = [];
  readonly relations: RelationId[] = [];
  readonly variables = new Map<string, number | string>();
  now: Instant = instantFrom(1_000_000);
  peer: Peer = udpPeer('192.0.2.7', 40_000);
  handler: Handler = () => ({ code: 0x45, contentFormat: 0, payload: new TextEncoder().encode('ok') });
  handled = 0;
  isObservable = true;
  /** What is said of the answers of the handler. */
  delivery: ResponseDelivery = {};
  readonly #sent: { readonly to: Peer; readonly datagram: Uint8Array; readonly at: Instant }[] = [];

  constructor(options: Partial<CoapEndpointOptions> = {}) {
    this.endpoint = new CoapEndpoint({ random: fixedRandom(0), ...options });
  }

  /** Feeds raw bytes from the peer. */
  receive(datagram: Uint8Array | string, from: Peer = this.peer): void {
    const given = typeof datagram === 'string' ? hexDecode(datagram) : datagram;
    assert.ok(given !== undefined, 'not hexadecimal');
    // A copy that is overwritten afterwards: the endpoint may keep nothing of what it was lent.
    const lent = given.slice();
    this.endpoint.handle(lent, from, this.now);
    this.drain();
    lent.fill(0xee);
  }

  /** Feeds a message from the peer; gives its bytes for repetition. */
  send(message: ScriptedMessage, from: Peer = this.peer): Uint8Array {
    const datagram = this.encode(message);
    this.receive(datagram, from);
    return datagram;
  }

  encode(message: ScriptedMessage): Uint8Array {
    const options: OutgoingOption[] = [...(message.options ?? [])];
    for (const segment of (message.path ?? '').split('/').filter((part) => part !== '')) {
      options.push({ number: OptionNumber.uriPath, value: segment });
    }
    if (message.observe !== undefined) options.push({ number: OptionNumber.observe, value: message.observe });
    const payload =
      typeof message.payload === 'string' ? new TextEncoder().encode(message.payload) : message.payload;
    return encodeMessage(
      {
        type: typeNames[message.type],
        code: parseCode(message.code ?? '0.00'),
        messageId: Number(this.#resolve(message.mid ?? 0)),
        token: hexDecode(String(this.#resolve(message.token ?? '#')).replace('#', '')) ?? new Uint8Array(),
        options,
        payload,
      },
      { maxTokenLength: 8, maxMessageSize: 65_000 },
    );
  }

  /** The next datagram of the endpoint, which must match; gives it. */
  expect(pattern: Pattern): Message {
    const next = this.#sent.shift();
    assert.ok(next !== undefined, `nothing was sent, expected ${JSON.stringify(pattern)}`);
    const message = decodeMessage(next.datagram);
    assert.ok(message.kind === 'message', `sent something malformed: ${hexEncode(next.datagram)}`);
    const text = `in ${hexEncode(next.datagram)}`;
    assert.equal(message.type, typeNames[pattern.type], `type ${text}`);
    assert.equal(formatCode(message.code), pattern.code ?? '0.00', `code ${text}`);
    if (pattern.mid !== undefined) this.#match(pattern.mid, message.messageId, `message id ${text}`);
    if (pattern.token !== undefined)
      this.#match(pattern.token, `#${hexEncode(message.token)}`, `token ${text}`);
    this.#matchOptions(pattern, message, text);
    if (pattern.payload !== undefined) {
      const wanted =
        typeof pattern.payload === 'string' ? new TextEncoder().encode(pattern.payload) : pattern.payload;
      assert.equal(hexEncode(message.payload), hexEncode(wanted), `payload ${text}`);
    }
    return message;
  }

  /** Takes whatever was sent since. */
  take(): readonly { readonly to: Peer; readonly datagram: Uint8Array; readonly at: Instant }[] {
    return this.#sent.splice(0);
  }

  /** Nothing was sent that was not expected. */
  expectSilence(): void {
    const left = this.#sent.map(({ datagram }) => hexEncode(datagram));
    assert.deepEqual(left, []);
  }

  /** The next output of a kind that is no datagram and no request; others before it are an error. */
  output<K extends CoapOutput['kind']>(kind: K): Extract<CoapOutput, { kind: K }> {
    const next = this.outputs.shift();
    assert.ok(next?.kind === kind, `expected ${kind}, got ${JSON.stringify(next)}`);
    return next as Extract<CoapOutput, { kind: K }>;
  }

  expectNoOutput(): void {
    assert.deepEqual(this.outputs, []);
  }

  /** Lets time pass, waking the endpoint exactly when it asks to be. */
  advance(milliseconds: number): void {
    const end = this.now + milliseconds;
    for (;;) {
      const { deadline } = this.endpoint;
      if (deadline === undefined || deadline > end) break;
      this.now = instantFrom(Math.max(this.now, deadline));
      this.endpoint.wake(this.now);
      this.drain();
    }
    this.now = instantFrom(end);
  }

  /** Runs a command and drains what it leads to. */
  run<T>(command: (endpoint: CoapEndpoint, now: Instant) => T): T {
    const result = command(this.endpoint, this.now);
    this.drain();
    return result;
  }

  drain(): void {
    for (let output = this.endpoint.poll(); output !== undefined; output = this.endpoint.poll()) {
      if (output.kind === 'transmit') {
        this.#sent.push({ to: output.peer, datagram: output.datagram, at: this.now });
      } else if (output.kind === 'request') {
        this.#handle(output);
      } else {
        this.outputs.push(output);
      }
    }
  }

  /** After 300 s without traffic nothing may be left (CR-4.4). */
  expectEmptyInTheEnd(): void {
    this.advance(300_000);
    this.take();
    this.outputs.length = 0;
    const entries = Object.entries(this.endpoint.sizes).filter(([, size]) => size !== 0);
    assert.deepEqual(entries, []);
    assert.equal(this.endpoint.deadline, undefined);
  }

  /** Answers a request that the handler left waiting. */
  respond(exchange: ExchangeId, response: Response, observe = this.isObservable): RelationId | undefined {
    const relation = this.run((endpoint, now) => endpoint.respond(exchange, response, now, { observe }));
    if (relation !== undefined) this.relations.push(relation);
    return relation;
  }

  #handle(request: Extract<CoapOutput, { kind: 'request' }>): void {
    this.handled += 1;
    const response = this.handler(request);
    if (response === 'wait') {
      this.outputs.push(request);
      return;
    }
    const relation = this.endpoint.respond(request.exchange, response, this.now, {
      observe: this.isObservable,
      ...this.delivery,
    });
    if (relation !== undefined) this.relations.push(relation);
  }

  #matchOptions(pattern: Pattern, message: Message, text: string): void {
    if (pattern.observe === 'any')
      assert.notEqual(message.options.uint(OptionNumber.observe), undefined, text);
    else if (pattern.observe !== undefined) {
      const expected = pattern.observe === false ? undefined : pattern.observe;
      assert.equal(message.options.uint(OptionNumber.observe), expected, `Observe ${text}`);
    }
    if (pattern.path !== undefined) {
      const path = message.options
        .all()
        .filter(({ number }) => number === OptionNumber.uriPath)
        .map(({ value }) => new TextDecoder().decode(value));
      assert.equal(path.join('/'), pattern.path, `path ${text}`);
    }
    for (const [number, wanted] of Object.entries(pattern.has ?? {})) {
      const value = message.options.bytes(Number(number));
      const actual =
        value === undefined
          ? false
          : typeof wanted === 'number'
            ? message.options.uint(Number(number))
            : hexEncode(value);
      assert.equal(actual, wanted, `option ${number} ${text}`);
    }
  }

  #match(expected: number | string, actual: number | string, text: string): void {
    if (typeof expected === 'string' && !expected.startsWith('#')) {
      if (!this.variables.has(expected)) this.variables.set(expected, actual);
      assert.equal(actual, this.variables.get(expected), text);
      return;
    }
    assert.equal(actual, expected, text);
  }

  #resolve(value: number | string): number | string {
    if (typeof value === 'number' || value.startsWith('#')) return value;
    const bound = this.variables.get(value);
    assert.ok(bound !== undefined, `variable ${value} is not bound`);
    return bound;
  }
}

/** Seeded, but every `fraction` (the jitter of retransmission) is `jitter`. */
export function fixedRandom(jitter: number, seed = 1): Random {
  return { ...seededRandom(seed), fraction: () => jitter };
}

/** `2.05` as one byte. */
export function parseCode(text: string): number {
  const [classText, detail] = text.split('.');
  return (Number(classText) << 5) | Number(detail);
}

/** True for a message that is a response. */
export function isResponse(message: Message): boolean {
  return codeClass(message.code) >= 2 && message.type !== MessageType.reset;
}

/** The UTF-8 bytes of a text. */
export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
