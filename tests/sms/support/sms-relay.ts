import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';

import { milliseconds } from '@dunlin/base';
import { type CarrierShell, modem } from '@dunlin/node';

/** Datagrams that wait for the one that is being sent: more than any flight has. What comes above that is lost. */
const maxWaiting = 8;

/**
 * Puts UDP datagrams of a program on this machine into short messages, one each, and the other way round: so that a
 * program that knows nothing of short messages speaks by them.
 */
export class SmsRelay implements AsyncDisposable {
  /** The lengths of what went each way. */
  readonly lengths: { readonly toServer: number[]; readonly toClient: number[] } = {
    toServer: [],
    toClient: [],
  };
  readonly #socket: Socket;
  readonly #carrier: CarrierShell;
  readonly #to: string;
  #client: { readonly address: string; readonly port: number } | undefined;
  readonly #waiting: Uint8Array[] = [];
  #isSending = false;
  #lastId = 0;

  /** Over the modem at a serial port, to a number. */
  static async open(path: string, to: string): Promise<SmsRelay> {
    const socket = createSocket('udp4');
    const listening = once(socket, 'listening');
    socket.bind(0, '127.0.0.1');
    await listening;
    const relay = new SmsRelay(socket, modem({ path }), to);
    await relay.#start();
    return relay;
  }

  private constructor(socket: Socket, carrier: CarrierShell, to: string) {
    this.#socket = socket;
    this.#carrier = carrier;
    this.#to = to;
  }

  get port(): number {
    return this.#socket.address().port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#carrier[Symbol.asyncDispose]();
    this.#socket.close();
  }

  async #start(): Promise<void> {
    const { promise: up, resolve } = Promise.withResolvers<void>();
    this.#carrier.events.subscribe((event) => {
      if (event.kind === 'up') resolve();
      if (event.kind === 'accepted' || event.kind === 'refused' || event.kind === 'unknown') this.#sent();
      if (event.kind !== 'received') return;
      this.#carrier.acknowledge(event.message.id, 'taken');
      this.#toClient(event.message.userData);
    });
    this.#carrier.start();
    await up;
    this.#socket.on('message', (datagram: Uint8Array, client) => {
      this.#client = client;
      if (this.#waiting.length < maxWaiting) this.#waiting.push(Uint8Array.from(datagram));
      this.#sendNext();
    });
  }

  #sent(): void {
    this.#isSending = false;
    this.#sendNext();
  }

  #sendNext(): void {
    if (this.#isSending) return;
    const next = this.#waiting.shift();
    if (next !== undefined) this.#toServer(next);
  }

  #toServer(userData: Uint8Array): void {
    this.#isSending = true;
    this.lengths.toServer.push(userData.length);
    const validity = milliseconds(120_000);
    this.#lastId += 1;
    const message = { id: this.#lastId, to: this.#to, userData, hasHeader: false, validity };
    this.#carrier.submit({ ...message, wantsReceipt: false });
  }

  #toClient(userData: Uint8Array): void {
    this.lengths.toClient.push(userData.length);
    if (this.#client !== undefined) this.#socket.send(userData, this.#client.port, this.#client.address);
  }
}
