/** What an endpoint has done since it was made: ever-growing counters for metrics. */
export interface EndpointStatistics {
  readonly received: number;
  readonly sent: number;
  /** Datagrams that were no message (RFC 7252 §3). */
  readonly malformed: number;
  /** Repetitions of messages that had been received before (RFC 7252 §4.5). */
  readonly duplicates: number;
  readonly retransmissions: number;
  readonly resetsSent: number;
  /** Answers that were not sent because a limit per source was reached (CR-11.2, CR-11.3). */
  readonly suppressed: number;
  /** Echo challenges to peers whose address was not validated (RFC 9175 §2.4). */
  readonly challenges: number;
  /** Datagrams, requests or peers that were refused because a table was full. */
  readonly overloads: number;
}

/** The counters as their owner keeps them. */
export type Counters = { -readonly [K in keyof EndpointStatistics]: EndpointStatistics[K] };

/** All counters at zero. */
export function newCounters(): Counters {
  return {
    received: 0,
    sent: 0,
    malformed: 0,
    duplicates: 0,
    retransmissions: 0,
    resetsSent: 0,
    suppressed: 0,
    challenges: 0,
    overloads: 0,
  };
}

/** How much an endpoint remembers right now; all zero when nothing is under way. */
export interface EndpointSizes {
  readonly peers: number;
  readonly receivedMessages: number;
  /** Received requests without an answer yet. */
  readonly exchanges: number;
  /** Requests of ours without a response yet. */
  readonly requests: number;
  readonly tokens: number;
  readonly observations: number;
  readonly relations: number;
  /** Bodies that come or go in blocks. */
  readonly transfers: number;
  readonly timers: number;
}
