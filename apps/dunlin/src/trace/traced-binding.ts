import type { Instant } from '@dunlin/base';
import type { Binding, DeliveryFailure, Driven, OutgoingDatagram, Peer, Shell } from '@dunlin/coap';

import type { TraceService } from './trace-record.ts';

/** What is told of the messages of a binding. */
export interface MessageObserver {
  /** True while somebody wants to be told: else a message costs one look at this. */
  readonly isWatching: boolean;
  passed(passing: Passing): void;
}

/** A message that passes a binding, decrypted. */
export interface Passing {
  readonly direction: 'in' | 'out';
  /** Its bytes, during the call only. */
  readonly datagram: Uint8Array;
  readonly peer: Peer;
  readonly local: string;
  readonly service: TraceService;
}

/** The same binding, whose messages are told to an observer. */
export function tracedBinding(binding: Binding, observer: MessageObserver, service: TraceService): Binding {
  return {
    async open(driven): Promise<Shell> {
      const traced = new TracedDriven(driven, observer, service);
      const shell = await binding.open(traced);
      traced.local = shell.local.uri;
      return shell;
    },
  };
}

class TracedDriven implements Driven {
  local = '';
  readonly #driven: Driven;
  readonly #observer: MessageObserver;
  readonly #service: TraceService;

  constructor(driven: Driven, observer: MessageObserver, service: TraceService) {
    this.#driven = driven;
    this.#observer = observer;
    this.#service = service;
  }

  get deadline(): Instant | undefined {
    return this.#driven.deadline;
  }

  handle(datagram: Uint8Array, peer: Peer, now: Instant): void {
    if (this.#observer.isWatching) this.#tell('in', datagram, peer);
    this.#driven.handle(datagram, peer, now);
  }

  wake(now: Instant): void {
    this.#driven.wake(now);
  }

  poll(): OutgoingDatagram | undefined {
    const outgoing = this.#driven.poll();
    if (outgoing !== undefined && this.#observer.isWatching)
      this.#tell('out', outgoing.datagram, outgoing.peer);
    return outgoing;
  }

  peerLost(peer: Peer, now: Instant): void {
    this.#driven.peerLost?.(peer, now);
  }

  undelivered(peer: Peer, datagram: Uint8Array, failure: DeliveryFailure, now: Instant): void {
    this.#driven.undelivered?.(peer, datagram, failure, now);
  }

  packetPassed(direction: 'sent' | 'received', bytes: number): void {
    this.#driven.packetPassed?.(direction, bytes);
  }

  #tell(direction: 'in' | 'out', datagram: Uint8Array, peer: Peer): void {
    this.#observer.passed({ direction, datagram, peer, local: this.local, service: this.#service });
  }
}
