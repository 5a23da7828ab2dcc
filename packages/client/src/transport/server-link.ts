import type { Peer } from '@dunlin/coap';

/**
 * The way to one Server. A DTLS session that was resumed is the session that it was, so that requests and observations
 * go on; but the association is a new one, and so is its peer. CoAP therefore goes on knowing the Server as the peer
 * that it was when the client registered, and the link translates between that and the peer that the binding has now.
 */
export class ServerLink {
  #known: Peer | undefined;
  #carrier: Peer | undefined;

  /** The Server as CoAP knows it; absent before it was reached. */
  get peer(): Peer | undefined {
    return this.#known;
  }

  /** The Server as the binding knows it; absent while it cannot be reached. */
  get carrier(): Peer | undefined {
    return this.#carrier;
  }

  /** The Server was reached. `isContinued`: what CoAP and LwM2M agreed on with it before still holds. */
  connect(peer: Peer, isContinued: boolean): void {
    this.#carrier = peer;
    this.#known = isContinued && this.#known !== undefined ? { ...peer, key: this.#known.key } : peer;
  }

  /** The association is gone. */
  disconnect(): void {
    this.#carrier = undefined;
  }

  /** True when the binding's peer is this Server, over the association that counts. */
  isFrom(peer: Peer): boolean {
    return this.#carrier?.key === peer.key;
  }

  /** What CoAP knows the sender of a datagram as, at its newest address; `isFrom` holds for it. */
  arrived(from: Peer): Peer {
    this.#carrier = from;
    return this.#known === undefined || this.#known.key === from.key
      ? from
      : { ...from, key: this.#known.key };
  }
}
