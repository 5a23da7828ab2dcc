import type { Instant, Random } from '@dunlin/base';
import type { Peer, Shell } from '@dunlin/coap';

import type { DtlsSocket } from './dtls-socket.ts';

/** An open binding with DTLS, as far as it is the same for servers and clients. */
export abstract class DtlsShell implements Shell {
  readonly #socket: DtlsSocket;

  constructor(socket: DtlsSocket) {
    this.#socket = socket;
  }

  abstract resolve(host: string, port: number): Promise<Peer>;

  get local(): Shell['local'] {
    return this.#socket.local;
  }

  get random(): Random {
    return this.#socket.random;
  }

  now(): Instant {
    return this.#socket.now();
  }

  flush(): void {
    this.#socket.flush();
  }

  peer(address: string, port: number): Peer {
    return this.#socket.peer(address, port);
  }

  securedPeer(address: string, port: number): Peer | undefined {
    return this.#socket.securedPeer(address, port);
  }

  disconnect(peer: Peer): void {
    this.#socket.disconnect(peer);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#socket[Symbol.asyncDispose]();
  }
}
