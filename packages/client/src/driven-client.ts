import type { Instant } from '@dunlin/base';
import type { DeliveryFailure, OutgoingDatagram, Peer } from '@dunlin/coap';

import type { ClientCore } from './client-core.ts';
import type { ListeningDriven } from './transport/client-transport.ts';

/** A client as its bindings see it. */
export class DrivenClient implements ListeningDriven {
  readonly #core: ClientCore;
  readonly poll: () => OutgoingDatagram | undefined;

  constructor(core: ClientCore, poll: () => OutgoingDatagram | undefined) {
    this.#core = core;
    this.poll = poll;
  }

  get deadline(): Instant | undefined {
    return this.#core.deadline;
  }

  handle(datagram: Uint8Array, peer: Peer, now: Instant): void {
    this.#core.handle(datagram, peer, now);
  }

  bootstrapServerArrived(peer: Peer, now: Instant): void {
    this.#core.bootstrapServerArrived(peer, now);
  }

  wake(now: Instant): void {
    this.#core.wake(now);
  }

  peerLost(peer: Peer, now: Instant): void {
    this.#core.peerLost(peer, now);
  }

  undelivered(peer: Peer, datagram: Uint8Array, failure: DeliveryFailure, now: Instant): void {
    this.#core.undelivered(peer, datagram, failure, now);
  }

  packetPassed(direction: 'sent' | 'received', bytes: number): void {
    this.#core.tree.packetPassed(direction, bytes);
  }
}
