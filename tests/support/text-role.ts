import { utf8Encode } from '@dunlin/base';
import type { Driven, OutgoingDatagram, Peer } from '@dunlin/coap';

import { until } from './until.ts';

/** A role above a binding that speaks text: what it heard can be waited for. */
export class TextRole implements Driven {
  readonly deadline = undefined;
  readonly heard: { readonly text: string; readonly from: Peer }[] = [];
  readonly #out: OutgoingDatagram[] = [];
  readonly #answer: ((text: string) => string) | undefined;

  /** With `answer` it answers each text by another. */
  constructor(answer?: (text: string) => string) {
    this.#answer = answer;
  }

  /** Sends a text at the next flush of the binding. */
  say(text: string, peer: Peer): void {
    this.#out.push({ peer, datagram: utf8Encode(text) });
  }

  /** Waits until a text came that matches. */
  async waitFor(pattern: RegExp): Promise<string> {
    return await until(
      () => this.heard.map(({ text }) => text).find((text) => pattern.test(text)),
      () => `${pattern} among ${JSON.stringify(this.heard)}`,
    );
  }

  handle(datagram: Uint8Array, peer: Peer): void {
    const text = new TextDecoder().decode(datagram);
    this.heard.push({ text, from: peer });
    if (this.#answer !== undefined) this.say(this.#answer(text), peer);
  }

  wake(): void {
    // It has no timers.
  }

  poll(): OutgoingDatagram | undefined {
    return this.#out.shift();
  }
}
