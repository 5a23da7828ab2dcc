import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';

import { now, systemRandom } from '@dunlin/node';

import { type CentreAccount, type CentreBehaviour, MessageCentre } from './message-centre.ts';

/** The message centre for tests on a TCP port of the loopback interface, or over TLS. */
export class MessageCentreServer implements AsyncDisposable {
  readonly centre: MessageCentre;
  readonly #sockets = new Map<number, Socket>();
  readonly #server: Server;
  readonly #isSecure: boolean;
  #lastId = 0;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  private constructor(centre: MessageCentre, tls: ServerTls | undefined) {
    this.centre = centre;
    this.#isSecure = tls !== undefined;
    const accept = (socket: Socket): void => this.#accept(socket);
    this.#server = tls === undefined ? createServer(accept) : createTlsServer(tls, accept);
    // A client that does not trust the certificate ends the handshake: its test looks at the client.
    this.#server.on('tlsClientError', () => undefined);
  }

  static async open(
    accounts: readonly CentreAccount[],
    options: { readonly behaviour?: Partial<CentreBehaviour>; readonly tls?: ServerTls } = {},
  ): Promise<MessageCentreServer> {
    const centre = new MessageCentre(accounts, systemRandom(), options.behaviour);
    const server = new MessageCentreServer(centre, options.tls);
    server.#server.listen(0, '127.0.0.1');
    await once(server.#server, 'listening');
    return server;
  }

  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('The message centre has no port.');
    return address.port;
  }

  get url(): string {
    return `${this.#isSecure ? 'smpps' : 'smpp'}://127.0.0.1:${this.port}`;
  }

  /** Loses all connections, as a message centre that is killed and started again. */
  restart(): void {
    this.centre.restart(now());
    this.#drain();
  }

  /** Sends raw bytes to everybody. */
  say(bytes: Uint8Array): void {
    this.centre.say(bytes);
    this.#drain();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    for (const socket of this.#sockets.values()) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #accept(socket: Socket): void {
    this.#lastId += 1;
    const id = this.#lastId;
    this.#sockets.set(id, socket);
    this.centre.connected(id);
    socket.on('data', (bytes) => {
      this.centre.handle(id, bytes, now());
      this.#drain();
    });
    // Tests cut connections on purpose; that it closed is what counts.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.#sockets.delete(id);
      this.centre.disconnected(id, now());
      this.#drain();
    });
  }

  #drain(): void {
    for (let out = this.centre.poll(); out !== undefined; out = this.centre.poll()) {
      const socket = this.#sockets.get(out.connection);
      if (out.kind === 'close') socket?.destroy();
      else socket?.write(out.bytes);
    }
    clearTimeout(this.#timer);
    const { deadline } = this.centre;
    if (deadline === undefined || this.#isClosed) return;
    this.#timer = setTimeout(
      () => {
        this.centre.wake(now());
        this.#drain();
      },
      Math.max(0, deadline - now()),
    );
  }
}

/** What a server needs for TLS, in PEM. */
export interface ServerTls {
  readonly key: string;
  readonly cert: string;
}
