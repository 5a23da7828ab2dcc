import { type Instant, type Random, TransmissionError } from '@dunlin/base';
import type { Binding, Driven, OutgoingDatagram, Peer, Shell } from '@dunlin/coap';

import type { ServerUri } from '../registration/server-uri.ts';

/** The bindings that a client needs: for Servers without security, and for those with it. One at least. */
export interface ClientBindings {
  readonly plain: Binding | undefined;
  readonly secure: Binding | undefined;
}

/** The bindings of a client as one: whatever drives it, each datagram leaves on the binding of its peer. */
export class ClientTransport implements AsyncDisposable {
  readonly #carriers: readonly Carrier[];

  /** Rejects with a `TransmissionError` when a binding cannot be opened; then none is. */
  static async open(bindings: ClientBindings): Promise<ClientTransport> {
    const carriers: Carrier[] = [];
    try {
      for (const [isSecure, binding] of [
        [false, bindings.plain],
        [true, bindings.secure],
      ] as const) {
        if (binding !== undefined) carriers.push(await Carrier.open(binding, isSecure, carriers));
      }
      return new ClientTransport(carriers);
    } catch (error) {
      for (const { shell } of carriers) await shell[Symbol.asyncDispose]();
      throw error;
    }
  }

  private constructor(carriers: readonly Carrier[]) {
    this.#carriers = carriers;
  }

  get random(): Random {
    return this.#main.random;
  }

  /** Where the binding for Servers without security listens, or the other one when there is only that. */
  get local(): Shell['local'] {
    return this.#main.local;
  }

  now(): Instant {
    return this.#main.now();
  }

  /** Lets the bindings drive the client; what arrives before is dropped. */
  attach(client: Driven): void {
    for (const carrier of this.#carriers) carrier.client = client;
  }

  /** Sends what there is to send, on all bindings. */
  flush(): void {
    this.#main.flush();
  }

  /** Finds the peer at a host, with security reaches it: see `Shell`. */
  resolve({ isSecure, host, port }: ServerUri): Promise<Peer> {
    const carrier = this.#carriers.find((candidate) => candidate.isSecure === isSecure);
    if (carrier === undefined) {
      const scheme = isSecure ? 'coaps' : 'coap';
      const message = `This device has no binding for ${scheme}:// and cannot reach ${host}:${port}.`;
      return Promise.reject(new TransmissionError('not-sent', message));
    }
    return carrier.shell.resolve(host, port);
  }

  /** Ends the association with a peer. */
  disconnect(peer: Peer): void {
    for (const { isSecure, shell } of this.#carriers) if (isSecure) shell.disconnect?.(peer);
  }

  /** Takes new sockets where there are any. */
  async rebind(): Promise<void> {
    for (const { shell } of this.#carriers) await shell.rebind?.();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { shell } of this.#carriers) await shell[Symbol.asyncDispose]();
  }

  get #main(): Shell {
    const [main] = this.#carriers;
    if (main === undefined) throw new Error('A client has a binding at least.');
    return main.shell;
  }
}

/**
 * What one binding drives: the client, of whose datagrams it takes those for its own peers and passes the others on.
 * Each binding wakes the client when it is due, which is harmless when another one was first.
 */
class Carrier implements Driven {
  readonly isSecure: boolean;
  client: Driven | undefined;
  readonly #all: readonly Carrier[];
  readonly #passedOn: OutgoingDatagram[] = [];
  #shell: Shell | undefined;

  static async open(binding: Binding, isSecure: boolean, all: readonly Carrier[]): Promise<Carrier> {
    const carrier = new Carrier(isSecure, all);
    carrier.#shell = await binding.open(carrier);
    return carrier;
  }

  private constructor(isSecure: boolean, all: readonly Carrier[]) {
    this.isSecure = isSecure;
    this.#all = all;
  }

  get deadline(): Instant | undefined {
    return this.client?.deadline;
  }

  get shell(): Shell {
    if (this.#shell === undefined) throw new Error('The binding is not open.');
    return this.#shell;
  }

  handle(...[datagram, peer, now]: Parameters<Driven['handle']>): void {
    this.client?.handle(datagram, peer, now);
  }

  wake(now: Instant): void {
    this.client?.wake(now);
  }

  peerLost(peer: Peer, now: Instant): void {
    this.client?.peerLost?.(peer, now);
  }

  packetPassed(...[direction, bytes]: Parameters<NonNullable<Driven['packetPassed']>>): void {
    this.client?.packetPassed?.(direction, bytes);
  }

  poll(): OutgoingDatagram | undefined {
    const passedOn = this.#passedOn.shift();
    if (passedOn !== undefined) return passedOn;
    for (let out = this.#pollClient(); out !== undefined; out = this.#pollClient()) {
      const isSecure = out.peer.security.kind !== 'none';
      if (isSecure === this.isSecure) return out;
      // At once, so that what the client does when its answers have left comes after this one.
      this.#passOnTo(this.#other(isSecure), out);
    }
    return this.#passedOn.shift();
  }

  #other(isSecure: boolean): Carrier | undefined {
    return this.#all.find((carrier) => carrier.isSecure === isSecure);
  }

  #pollClient(): OutgoingDatagram | undefined {
    return this.client?.poll();
  }

  #passOnTo(carrier: Carrier | undefined, datagram: OutgoingDatagram): void {
    if (carrier === undefined) return;
    carrier.#passedOn.push(datagram);
    carrier.shell.flush();
  }
}
