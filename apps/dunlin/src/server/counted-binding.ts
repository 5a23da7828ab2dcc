import type { Instant } from '@dunlin/base';
import {
  type Binding,
  decodeMessage,
  type DeliveryFailure,
  type Driven,
  type OutgoingDatagram,
  type Peer,
} from '@dunlin/coap';

/** Told of every datagram that passes a binding. */
export interface DatagramObserver {
  received(bytes: number): void;
  sent(bytes: number): void;
  /** A datagram that is no CoAP message, and which rule it breaks. */
  malformed(reason: string): void;
}

/** The same binding, with every datagram counted. */
export function countedBinding(binding: Binding, observer: DatagramObserver): Binding {
  return { open: (driven) => binding.open(new CountedDriven(driven, observer)) };
}

class CountedDriven implements Driven {
  readonly #driven: Driven;
  readonly #observer: DatagramObserver;

  constructor(driven: Driven, observer: DatagramObserver) {
    this.#driven = driven;
    this.#observer = observer;
  }

  get deadline(): Instant | undefined {
    return this.#driven.deadline;
  }

  handle(datagram: Uint8Array, peer: Peer, now: Instant): void {
    this.#observer.received(datagram.length);
    const message = decodeMessage(datagram);
    if (message.kind === 'malformed') this.#observer.malformed(message.reason);
    this.#driven.handle(datagram, peer, now);
  }

  wake(now: Instant): void {
    this.#driven.wake(now);
  }

  poll(): OutgoingDatagram | undefined {
    const outgoing = this.#driven.poll();
    if (outgoing !== undefined) this.#observer.sent(outgoing.datagram.length);
    return outgoing;
  }

  peerLost(peer: Peer, now: Instant): void {
    this.#driven.peerLost?.(peer, now);
  }

  undelivered(peer: Peer, datagram: Uint8Array, failure: DeliveryFailure, now: Instant): void {
    this.#driven.undelivered?.(peer, datagram, failure, now);
  }
}
