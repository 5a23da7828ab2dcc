import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';

/** Which datagrams a relay lets through, by their number in their direction, from 0. */
export type Passes = (index: number) => boolean;

/** Loses three of ten datagrams, and never two in a row: what is sent often enough comes through. */
export const losesThirtyPercent: Passes = (index) => ![1, 4, 8].includes(index % 10);

/** What went along a path in each direction. */
export interface PerDirection<Item> {
  readonly toServer: readonly Item[];
  readonly toClient: readonly Item[];
}

/** A path on the loopback interface between clients and a server, which loses datagrams and remembers all. */
export class UdpRelay implements AsyncDisposable {
  readonly #toServer: Uint8Array[] = [];
  readonly #toClient: Uint8Array[] = [];
  readonly #front: Socket;
  /** The socket towards the server for each client, by the client's port. */
  readonly #ways = new Map<number, Socket>();
  readonly #serverPort: number;
  readonly #passes: Passes;

  static async open(serverPort: number, passes: Passes = () => true): Promise<UdpRelay> {
    const front = createSocket('udp4');
    front.bind(0, '127.0.0.1');
    await once(front, 'listening');
    return new UdpRelay(front, serverPort, passes);
  }

  private constructor(front: Socket, serverPort: number, passes: Passes) {
    this.#front = front;
    this.#serverPort = serverPort;
    this.#passes = passes;
    front.on('message', (datagram, { port }) => this.#forward(datagram, port));
  }

  /** Where clients find the server. */
  get port(): number {
    return this.#front.address().port;
  }

  /** All datagrams that came, lost ones too. */
  get datagrams(): PerDirection<Uint8Array> {
    return { toServer: this.#toServer, toClient: this.#toClient };
  }

  /** The lengths of the datagrams. */
  get lengths(): PerDirection<number> {
    const lengthOf = ({ length }: Uint8Array): number => length;
    return { toServer: this.#toServer.map(lengthOf), toClient: this.#toClient.map(lengthOf) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of [this.#front, ...this.#ways.values()]) {
      const closed = once(socket, 'close');
      socket.close();
      await closed;
    }
  }

  #forward(datagram: Uint8Array, clientPort: number): void {
    const index = this.#toServer.push(datagram) - 1;
    if (this.#passes(index)) this.#wayOf(clientPort).send(datagram, this.#serverPort, '127.0.0.1');
  }

  #wayOf(clientPort: number): Socket {
    const known = this.#ways.get(clientPort);
    if (known !== undefined) return known;
    const way = createSocket('udp4');
    way.on('message', (datagram) => {
      const index = this.#toClient.push(datagram) - 1;
      if (this.#passes(index)) this.#front.send(datagram, clientPort, '127.0.0.1');
    });
    // A server that is gone shows as an error of the socket; to the client it is a loss.
    way.on('error', () => undefined);
    this.#ways.set(clientPort, way);
    return way;
  }
}
