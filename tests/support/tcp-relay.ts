import { EventEmitter, once } from 'node:events';
import { type AddressInfo, createConnection, createServer, type Server, type Socket } from 'node:net';

/** Bytes that a client sends on one connection before it is held up: more than requests without a file have. */
const holdAfter = 1024 * 1024;

/** A path between clients and a server that can hold up who sends much, and break what it holds up. */
export class TcpRelay implements AsyncDisposable {
  readonly #server: Server;
  readonly #clients = new Set<Socket>();
  readonly #held = new Set<Socket>();
  readonly #holding = new EventEmitter();
  #mode: 'pass' | 'hold' | 'break' = 'pass';

  static async open(port: number): Promise<TcpRelay> {
    const server = createServer();
    const relay = new TcpRelay(server, port);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return relay;
  }

  private constructor(server: Server, port: number) {
    this.#server = server;
    server.on('connection', (client) => this.#join(client, createConnection(port, '127.0.0.1')));
  }

  /** Where clients find the server by it. */
  get url(): string {
    const { port } = this.#server.address() as AddressInfo;
    return `http://127.0.0.1:${port}`;
  }

  /** From now on a connection is held up when much was sent on it; resolves when one is. */
  async holdUp(): Promise<void> {
    this.#mode = 'hold';
    await once(this.#holding, 'held');
  }

  /** Lets everything through. */
  letGo(): void {
    this.#mode = 'pass';
    for (const client of this.#held) client.resume();
    this.#held.clear();
  }

  /** Resets the connections that are held up, and those that would be: browsers try once more by themselves. */
  break(): void {
    this.#mode = 'break';
    for (const client of this.#held) client.resetAndDestroy();
    this.#held.clear();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const client of this.#clients) client.destroy();
    await closed;
  }

  #join(client: Socket, server: Socket): void {
    let sent = 0;
    this.#clients.add(client);
    client.on('data', (bytes) => {
      sent += bytes.length;
      server.write(bytes);
      if (this.#mode === 'pass' || sent < holdAfter) return;
      if (this.#mode === 'break') {
        client.resetAndDestroy();
        return;
      }
      this.#held.add(client);
      client.pause();
      this.#holding.emit('held');
    });
    server.pipe(client);
    // Whichever end is lost, the other end is told by its connection.
    client.on('error', () => server.destroy());
    server.on('error', () => client.destroy());
    client.on('close', () => {
      this.#clients.delete(client);
      this.#held.delete(client);
      server.destroy();
    });
  }
}
