import type { Driven, OutgoingDatagram, Peer } from '@dunlin/coap';

/** Sends back what it hears and remembers nobody: what it is driven by is all there is. */
export class EchoRole implements Driven {
  readonly deadline = undefined;
  readonly #out: OutgoingDatagram[] = [];

  handle(datagram: Uint8Array, peer: Peer): void {
    this.#out.push({ datagram: datagram.slice(), peer });
  }

  wake(): void {
    // Nothing is ever due.
  }

  poll(): OutgoingDatagram | undefined {
    return this.#out.shift();
  }
}
