import { type Socket, createSocket } from 'node:dgram';
import { once } from 'node:events';

/** A datagram that went through a relay. */
export interface Relayed {
  readonly towards: 'server' | 'client';
  readonly datagram: Uint8Array;
}

/** Between one client and a server, as a NAT is: it can give the client another address, and sees every datagram. */
export class NatRelay implements AsyncDisposable {
  readonly relayed: Relayed[] = [];
  /** Datagrams for which it is false are lost. */
  passes: (relayed: Relayed) => boolean = () => true;
  readonly #serverPort: number;
  readonly #inner: Socket;
  #outer: Socket;
  #clientPort = 0;

  static async open(serverPort: number): Promise<NatRelay> {
    return new NatRelay(serverPort, await bound(), await bound());
  }

  private constructor(serverPort: number, inner: Socket, outer: Socket) {
    this.#serverPort = serverPort;
    this.#inner = inner;
    this.#outer = outer;
    inner.on('message', (datagram, { port }) => {
      this.#clientPort = port;
      if (this.#takes('server', datagram)) this.#outer.send(datagram, this.#serverPort, '127.0.0.1');
    });
    this.#listen();
  }

  /** Where clients send to. */
  get port(): number {
    return this.#inner.address().port;
  }

  /** The port from which the server hears the client. */
  get outerPort(): number {
    return this.#outer.address().port;
  }

  /** From now on the server hears the client from another port, and answers to the old one are lost. */
  async changeAddress(): Promise<void> {
    const renewed = await bound();
    this.#outer.close();
    this.#outer = renewed;
    this.#listen();
  }

  /** Sends bytes to the server as if they came from the client. */
  inject(datagram: Uint8Array): void {
    this.#outer.send(datagram, this.#serverPort, '127.0.0.1');
  }

  /** The content types of the first records of what was relayed towards somebody (RFC 5246 §6.2.1). */
  firstTypes(towards: Relayed['towards']): readonly (number | undefined)[] {
    return this.relayed.filter((each) => each.towards === towards).map(({ datagram }) => datagram[0]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = [this.#inner, this.#outer].map((socket) => once(socket, 'close'));
    this.#inner.close();
    this.#outer.close();
    await Promise.all(ended);
  }

  #listen(): void {
    this.#outer.on('message', (datagram) => {
      if (this.#takes('client', datagram)) this.#inner.send(datagram, this.#clientPort, '127.0.0.1');
    });
  }

  #takes(towards: Relayed['towards'], datagram: Uint8Array): boolean {
    const relayed = { towards, datagram: Uint8Array.from(datagram) };
    this.relayed.push(relayed);
    return this.passes(relayed);
  }
}

async function bound(): Promise<Socket> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return socket;
}
