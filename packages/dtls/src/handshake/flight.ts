import {
  addDuration,
  durationBetween,
  type Instant,
  milliseconds,
  type Milliseconds,
  type Random,
} from '@dunlin/base';

import type { RecordLayer, SealRefusal } from '../record-layer/record-layer.ts';
import { type FlightItem, minDatagramLength, packFlight, type Packing } from './fragmentation.ts';

/** How flights are sent and sent again; see `flightOptionsDefaults`. */
export interface FlightOptions {
  /** The time before the first retransmission; doubled with each (RFC 6347 §4.2.4.1). */
  readonly initialTimeout: Milliseconds;
  /** The longest time between two retransmissions. */
  readonly maxTimeout: Milliseconds;
  /** Each timeout is made longer by a random part of up to this fraction of it, from 0 to 1. */
  readonly jitter: number;
  /** How many times a flight is sent again before the handshake is given up. */
  readonly maxRetransmissions: number;
  /** The most bytes of a datagram, 140 or more. */
  readonly maxDatagramLength: number;
  /** After so many retransmissions each message goes into datagrams of its own, and these get smaller. */
  readonly retransmissionsUntilBackOff: number;
}

/**
 * 1 s and 60 s: RFC 6347 §4.2.4.1. Jitter: so that devices that lost power together do not stay in step (RFC 7252 §4.2
 * does the same). Five retransmissions: given up after 63 s and jitter, a bit more than a CoAP exchange. 1,200 bytes
 * pass on all paths in practice.
 */
export const flightOptionsDefaults: FlightOptions = {
  initialTimeout: milliseconds(1000),
  maxTimeout: milliseconds(60_000),
  jitter: 0.25,
  maxRetransmissions: 5,
  maxDatagramLength: 1200,
  retransmissionsUntilBackOff: 2,
};

/** Datagram lengths to fall back to when retransmissions stay without answer: the path may not carry more
 * (RFC 6347 §4.1.1.1). 548 bytes are what every IPv4 host takes. */
const fallBackLengths = [548, 256] as const;

/** What a flight wants done. */
export type FlightStep =
  | { readonly kind: 'send'; readonly datagrams: readonly Uint8Array[] }
  | { readonly kind: 'wait' }
  /** No answer after all retransmissions: the handshake has failed. */
  | { readonly kind: 'given-up' }
  | SealRefusal;

/**
 * Messages that are sent together and, until the peer's answer shows that they came through, sent again
 * (RFC 6347 §4.2.4). The last flight of a handshake waits for no answer and has no timer: it is sent again only
 * because the peer repeats its own, and not more often than the timer would have.
 */
export class Flight {
  readonly #items: readonly FlightItem[];
  readonly #isAnswered: boolean;
  readonly #options: FlightOptions;
  readonly #random: Random;
  #retransmissions = 0;
  #sentAt: Instant | undefined;
  #deadline: Instant | undefined;

  /** `isAnswered` is false for the last flight of a handshake. */
  constructor(
    items: readonly FlightItem[],
    isAnswered: boolean,
    random: Random,
    options: FlightOptions = flightOptionsDefaults,
  ) {
    this.#items = items;
    this.#isAnswered = isAnswered;
    this.#random = random;
    this.#options = options;
  }

  /** When `expire` is to be called; `undefined` when no timer runs. */
  get deadline(): Instant | undefined {
    return this.#deadline;
  }

  /** How many times the flight was sent again. */
  get retransmissions(): number {
    return this.#retransmissions;
  }

  /** Sends the flight for the first time. */
  send(records: RecordLayer, now: Instant): FlightStep {
    return this.#transmit(records, now);
  }

  /** The timer ran out: sends the flight again, or gives up. Before the deadline, nothing happens. */
  expire(records: RecordLayer, now: Instant): FlightStep {
    if (this.#deadline === undefined || now < this.#deadline) return { kind: 'wait' };
    if (this.#retransmissions >= this.#options.maxRetransmissions) {
      this.stop();
      return { kind: 'given-up' };
    }
    this.#retransmissions += 1;
    return this.#transmit(records, now);
  }

  /**
   * The peer repeated the flight that this one answers: it has not got all of it. It is sent again, unless that was
   * just done: each repeated record of one flight, and timers of both sides in step, must not multiply datagrams.
   */
  repeat(records: RecordLayer, now: Instant): FlightStep {
    const isTooSoon =
      this.#sentAt !== undefined && durationBetween(this.#sentAt, now) < this.#options.initialTimeout / 2;
    if (isTooSoon || this.#retransmissions >= this.#options.maxRetransmissions) return { kind: 'wait' };
    this.#retransmissions += 1;
    return this.#transmit(records, now);
  }

  /** The peer answered, or the handshake ended: the timer stops. */
  stop(): void {
    this.#deadline = undefined;
  }

  #transmit(records: RecordLayer, now: Instant): FlightStep {
    const datagrams = packFlight(this.#items, records, this.#packing());
    if ('kind' in datagrams) {
      this.stop();
      return datagrams;
    }
    this.#sentAt = now;
    if (this.#isAnswered) this.#deadline = addDuration(now, this.#timeout());
    return { kind: 'send', datagrams };
  }

  #timeout(): Milliseconds {
    const { initialTimeout, maxTimeout, jitter } = this.#options;
    const timeout = Math.min(maxTimeout, initialTimeout * 2 ** this.#retransmissions);
    return milliseconds(timeout * (1 + jitter * this.#random.fraction()));
  }

  #packing(): Packing {
    const { maxDatagramLength, retransmissionsUntilBackOff } = this.#options;
    const steps = this.#retransmissions - retransmissionsUntilBackOff;
    const fallBack = steps > 0 ? fallBackLengths[Math.min(steps, fallBackLengths.length) - 1] : undefined;
    return {
      maxDatagramLength: Math.max(minDatagramLength, Math.min(maxDatagramLength, fallBack ?? Infinity)),
      isOneMessagePerDatagram: steps > 0,
    };
  }
}
