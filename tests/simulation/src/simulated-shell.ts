import type { Instant, Random, Scheduled } from '@dunlin/base';
import { type Driven, packetSize, type Peer, type Shell, udpPeer } from '@dunlin/coap';

import type { SimulatedNetwork } from './simulated-network.ts';

interface ShellFacts {
  readonly local: Peer;
  readonly random: Random;
  readonly behindNat: boolean;
}

/** The shell of one core on a simulated network. */
export class SimulatedShell implements Shell {
  readonly local: { readonly address: string; readonly port: number; readonly uri: string };
  readonly random: Random;
  /** Its place among the timers of the network. */
  readonly alarm: Scheduled & { readonly shell: SimulatedShell } = {
    shell: this,
    dueAt: undefined,
    heapIndex: 0,
  };
  readonly #network: SimulatedNetwork;
  readonly #driven: Driven;
  readonly #behindNat: boolean;
  #here: Peer;
  #wakesAtThisInstant = 0;
  #lastWake: Instant | undefined;
  #isClosed = false;

  constructor(network: SimulatedNetwork, driven: Driven, facts: ShellFacts) {
    this.#network = network;
    this.#driven = driven;
    this.#here = facts.local;
    this.#behindNat = facts.behindNat;
    this.random = facts.random;
    const { address, port } = facts.local;
    this.local = { address, port, uri: `coap://${address}:${port}` };
  }

  /** The address under which others see this shell at the moment. */
  get peerHere(): Peer {
    return this.#here;
  }

  now(): Instant {
    return this.#network.clock.now;
  }

  peer(address: string, port: number): Peer {
    return udpPeer(address, port);
  }

  resolve(host: string, port: number): Promise<Peer> {
    return Promise.resolve(udpPeer(host, port));
  }

  flush(): void {
    if (this.#isClosed) return;
    for (let out = this.#driven.poll(); out !== undefined; out = this.#driven.poll()) {
      if (this.#behindNat && this.#network.drawsRebinding()) this.#here = this.#network.rebind(this);
      this.#driven.packetPassed?.('sent', packetSize(out.datagram.length, out.peer.address));
      this.#network.transmit(this.#here, out.peer, out.datagram);
    }
    this.arm();
  }

  /** Re-arms the timer. */
  arm(): void {
    this.#network.setAlarm(this, this.#isClosed ? undefined : this.#driven.deadline);
  }

  /** A datagram arrived. */
  receive(datagram: Uint8Array, from: Peer): void {
    if (this.#isClosed) return;
    this.#driven.packetPassed?.('received', packetSize(datagram.length, from.address));
    this.#driven.handle(datagram, from, this.now());
    this.flush();
  }

  /** The timer fired; `limit` is how often it may at one instant. */
  wake(limit: number): void {
    const now = this.now();
    this.#wakesAtThisInstant = this.#lastWake === now ? this.#wakesAtThisInstant + 1 : 0;
    this.#lastWake = now;
    if (this.#wakesAtThisInstant > limit)
      throw new Error(`the core at ${this.#here.key} makes no progress at ${now}`);
    this.#driven.wake(now);
    this.flush();
  }

  rebind(): Promise<void> {
    this.#here = this.#network.rebind(this);
    return Promise.resolve();
  }

  /** Ends at once and without a word, as a killed process does. */
  kill(): void {
    this.#isClosed = true;
    this.arm();
    this.#network.close(this);
  }

  [Symbol.asyncDispose](): Promise<void> {
    if (!this.#isClosed) this.kill();
    return Promise.resolve();
  }
}
