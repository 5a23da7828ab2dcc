import { type Instant, type Random, TransmissionError } from '@dunlin/base';
import type { Binding, Driven, OutgoingDatagram, Peer, Shell } from '@dunlin/coap';

import type { ServerUri } from '../registration/server-uri.ts';

/** What bindings of a client drive. */
export interface ListeningDriven extends Driven {
  /** Called before `handle` with the peer of a binding that listens for the Bootstrap-Server. */
  bootstrapServerArrived(peer: Peer, now: Instant): void;
}

/** A binding, and for which peers it is. */
export interface ClientBinding {
  /** True when it waits for handshakes of the Bootstrap-Server and makes none: its peers are all that. */
  readonly isListener?: boolean;
  readonly transport: 'udp' | 'sms';
  /** For peers with security, or for those without. */
  readonly isSecure: boolean;
  readonly binding: Binding;
}

/** The bindings of a client as one: whatever drives it, each datagram leaves on the binding of its peer. */
export class ClientTransport implements AsyncDisposable {
  readonly #carriers: readonly Carrier[];

  /** At least one binding. Rejects with a `TransmissionError` when one cannot be opened; then none is. */
  static async open(bindings: readonly ClientBinding[]): Promise<ClientTransport> {
    const carriers: Carrier[] = [];
    try {
      for (const each of bindings) carriers.push(await Carrier.open(each, carriers));
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

  /** Where the first binding listens. */
  get local(): Shell['local'] {
    return this.#main.local;
  }

  now(): Instant {
    return this.#main.now();
  }

  /** Lets the bindings drive the client; what arrives before is dropped. */
  attach(client: ListeningDriven): void {
    for (const carrier of this.#carriers) carrier.client = client;
  }

  /** Sends what there is to send, on all bindings. */
  flush(): void {
    this.#main.flush();
  }

  /** Finds the peer at a host, with security reaches it: see `Shell`. */
  resolve({ transport, isSecure, host, port }: ServerUri): Promise<Peer> {
    const carrier = this.#carriers.find((candidate) => candidate.isFor(transport, isSecure));
    if (carrier !== undefined) return carrier.shell.resolve(host, port);
    const scheme = `${isSecure ? 'coaps' : 'coap'}${transport === 'sms' ? '+sms' : ''}`;
    const place = transport === 'sms' ? host : `${host}:${port}`;
    const message = `This device has no binding for ${scheme}:// and cannot reach ${place}.`;
    return Promise.reject(new TransmissionError('not-sent', message));
  }

  /** Ends the association with a peer. */
  disconnect(peer: Peer): void {
    this.#carriers.find((carrier) => carrier.isOf(peer))?.shell.disconnect?.(peer);
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
  client: ListeningDriven | undefined;
  readonly #isListener: boolean;
  readonly #transport: ClientBinding['transport'];
  readonly #isSecure: boolean;
  readonly #all: readonly Carrier[];
  readonly #passedOn: OutgoingDatagram[] = [];
  /** Of a listener: who came last. */
  #guest: string | undefined;
  #shell: Shell | undefined;

  static async open(of: ClientBinding, all: readonly Carrier[]): Promise<Carrier> {
    const carrier = new Carrier(of, all);
    carrier.#shell = await of.binding.open(carrier);
    return carrier;
  }

  private constructor({ transport, isSecure, isListener = false }: ClientBinding, all: readonly Carrier[]) {
    this.#isListener = isListener;
    this.#transport = transport;
    this.#isSecure = isSecure;
    this.#all = all;
  }

  isFor(transport: Peer['transport'], isSecure: boolean): boolean {
    return !this.#isListener && this.#transport === transport && this.#isSecure === isSecure;
  }

  isOf({ transport, security, key }: Peer): boolean {
    if (this.#isListener) return this.#guest === key;
    const isOfAnother = this.#all.some((other) => other.#guest === key);
    return !isOfAnother && this.isFor(transport, security.kind !== 'none');
  }

  get deadline(): Instant | undefined {
    return this.client?.deadline;
  }

  get shell(): Shell {
    if (this.#shell === undefined) throw new Error('The binding is not open.');
    return this.#shell;
  }

  handle(...[datagram, peer, now]: Parameters<Driven['handle']>): void {
    if (this.#isListener) {
      this.#guest = peer.key;
      this.client?.bootstrapServerArrived(peer, now);
    }
    this.client?.handle(datagram, peer, now);
  }

  wake(now: Instant): void {
    this.client?.wake(now);
  }

  peerLost(peer: Peer, now: Instant): void {
    this.client?.peerLost?.(peer, now);
  }

  undelivered(...[peer, datagram, failure, now]: Parameters<NonNullable<Driven['undelivered']>>): void {
    this.client?.undelivered?.(peer, datagram, failure, now);
  }

  packetPassed(...[direction, bytes]: Parameters<NonNullable<Driven['packetPassed']>>): void {
    this.client?.packetPassed?.(direction, bytes);
  }

  poll(): OutgoingDatagram | undefined {
    const passedOn = this.#passedOn.shift();
    if (passedOn !== undefined) return passedOn;
    for (let out = this.#pollClient(); out !== undefined; out = this.#pollClient()) {
      const { peer } = out;
      if (this.isOf(peer)) return out;
      // At once, so that what the client does when its answers have left comes after this one.
      this.#passOnTo(
        this.#all.find((carrier) => carrier.isOf(peer)),
        out,
      );
    }
    return this.#passedOn.shift();
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
