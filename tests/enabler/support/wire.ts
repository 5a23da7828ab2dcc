import { type Instant, utf8Decode } from '@dunlin/base';
import {
  decodeMessage,
  formatCode,
  isRequestCode,
  isResponseCode,
  type Message,
  MessageType,
  OptionNumber,
} from '@dunlin/coap';
import type { SimulatedNetwork } from '@dunlin/simulation';

/** What an answer or a notification said. */
export interface WireResponse {
  readonly at: Instant;
  /** Like `2.05`. */
  readonly code: string;
  readonly isConfirmable: boolean;
  readonly contentFormat: number | undefined;
  readonly observe: number | undefined;
  /** Like `/rd/1`; absent when there is none. */
  readonly location: string | undefined;
  readonly payload: Uint8Array;
}

/** A request as it was sent for the first time, with all that came back for it. */
export interface WireExchange {
  readonly at: Instant;
  readonly from: string;
  /** Like `POST /rd`. */
  readonly line: string;
  readonly query: readonly string[];
  readonly observe: number | undefined;
  readonly accept: number | undefined;
  readonly contentFormat: number | undefined;
  readonly token: string;
  readonly payload: Uint8Array;
  readonly text: string;
  readonly responses: WireResponse[];
}

const methods: Readonly<Record<number, string>> = { 1: 'GET', 2: 'POST', 3: 'PUT', 4: 'DELETE' };

/** Everything that travels on a network, sorted into requests and what answers them: the eye of the verdicts. */
export class Wire {
  readonly exchanges: WireExchange[] = [];
  /** Resets by address of their sender. */
  readonly resets: { readonly at: Instant; readonly from: string }[] = [];
  readonly #byToken = new Map<string, WireExchange>();
  readonly #seen = new Set<string>();

  constructor(network: SimulatedNetwork) {
    network.watch(({ at, from, to, datagram }) => {
      const message = decodeMessage(datagram);
      if (message.kind === 'malformed') return;
      if (message.type === MessageType.reset) this.resets.push({ at, from: from.address });
      if (isRequestCode(message.code)) this.#request(message, at, from.address, to.address);
      else if (isResponseCode(message.code)) this.#response(message, at, from.address, to.address);
    });
  }

  /** The requests that an address sent. */
  from(address: string): readonly WireExchange[] {
    return this.exchanges.filter((exchange) => exchange.from === address);
  }

  #request(message: Message, at: Instant, from: string, to: string): void {
    const id = `${from}>${to} ${message.messageId}`;
    if (this.#seen.has(id)) return;
    this.#seen.add(id);
    const path = textsOf(message, OptionNumber.uriPath).join('/');
    const exchange: WireExchange = {
      at,
      from,
      line: `${methods[message.code] ?? message.code} /${path}`,
      query: textsOf(message, OptionNumber.uriQuery),
      observe: uintOf(message, OptionNumber.observe),
      accept: uintOf(message, OptionNumber.accept),
      contentFormat: uintOf(message, OptionNumber.contentFormat),
      token: message.tokenKey,
      payload: message.copyPayload(),
      text: utf8Decode(message.payload) ?? '',
      responses: [],
    };
    this.exchanges.push(exchange);
    this.#byToken.set(`${from}<${to} ${message.tokenKey}`, exchange);
  }

  #response(message: Message, at: Instant, from: string, to: string): void {
    const id = `${from}>${to} ${message.messageId}`;
    if (message.type !== MessageType.acknowledgement) {
      if (this.#seen.has(id)) return;
      this.#seen.add(id);
    }
    const exchange = this.#byToken.get(`${to}<${from} ${message.tokenKey}`);
    const location = textsOf(message, OptionNumber.locationPath);
    exchange?.responses.push({
      at,
      code: formatCode(message.code),
      isConfirmable: message.type === MessageType.confirmable,
      contentFormat: uintOf(message, OptionNumber.contentFormat),
      observe: uintOf(message, OptionNumber.observe),
      location: location.length === 0 ? undefined : `/${location.join('/')}`,
      payload: message.copyPayload(),
    });
  }
}

function indicesOf(message: Message, number: number): readonly number[] {
  return Array.from({ length: message.options.size }, (_, index) => index).filter(
    (index) => message.options.numberAt(index) === number,
  );
}

function textsOf(message: Message, number: number): readonly string[] {
  return indicesOf(message, number).map((index) => message.options.textAt(index) ?? '');
}

function uintOf(message: Message, number: number): number | undefined {
  const [index] = indicesOf(message, number);
  return index === undefined ? undefined : message.options.uintAt(index);
}
