import { type Milliseconds, milliseconds } from '@dunlin/base';

/**
 * What governs retransmission, pacing and sizes toward one peer (RFC 7252 §4.8); SMS and NB-IoT need other values than
 * UDP.
 */
export interface TransmissionParameters {
  /** First wait for an acknowledgement. Default 2 s; not below 1 s without a measured round trip (RFC 7252 §4.8.1). */
  readonly ackTimeout: Milliseconds;
  /** The first wait is drawn from `ackTimeout` to `ackTimeout × ackRandomFactor`. Default 1.5; not below 1. */
  readonly ackRandomFactor: number;
  /** Retransmissions after the first transmission. Default 4; 0 for transports that deliver by themselves. */
  readonly maxRetransmit: number;
  /** Simultaneous outstanding interactions toward one peer. Default 1 (RFC 7252 §4.7). */
  readonly nstart: number;
  /** Average rate toward a peer that does not respond, in bytes per second. Default 1 (RFC 7252 §4.7). */
  readonly probingRate: number;
  /** The longest time a datagram is expected to be on its way. Default 100 s (RFC 7252 §4.8.2). */
  readonly maxLatency: Milliseconds;
  /**
   * How long a response may take before an empty acknowledgement goes ahead (RFC 7252 §5.2.2). Default: a quarter of
   * `ackTimeout`, 500 ms at most. `Infinity`: never, as where each message costs; the response is waited for.
   */
  readonly piggybackWindow: Milliseconds | 'from-ack-timeout';
  /** The largest block in bytes: 16, 32, … 1024. Default 1024; the smaller one of this and that of the endpoint counts. */
  readonly blockSize: number;
  /** True: a body that fits into one message goes whole, even when it is larger than a block. Default false. */
  readonly fillsMessages: boolean;
  /** The longest message in bytes. Default without limit; the smaller one of this and that of the endpoint counts. */
  readonly maxMessageSize: number;
  /** The longest body in bytes that is sent or fetched. Default without limit beside those of the endpoint. */
  readonly maxBodySize: number;
  /** Resets in an hour to one source address. Default without limit beside those of the endpoint. */
  readonly resetsPerHour: number;
}

/** The defaults of RFC 7252 §4.8, table 2, and of MAX_LATENCY in §4.8.2. */
export const transmissionDefaults: TransmissionParameters = {
  ackTimeout: milliseconds(2000),
  ackRandomFactor: 1.5,
  maxRetransmit: 4,
  nstart: 1,
  probingRate: 1,
  maxLatency: milliseconds(100_000),
  piggybackWindow: 'from-ack-timeout',
  blockSize: 1024,
  fillsMessages: false,
  maxMessageSize: Infinity,
  maxBodySize: Infinity,
  resetsPerHour: Infinity,
};

/** What follows from the parameters (RFC 7252 §4.8.2, table 3). */
export interface TransmissionTiming extends TransmissionParameters {
  /** From the first transmission of a confirmable message to its last: 45 s. */
  readonly maxTransmitSpan: Milliseconds;
  /** From the first transmission to giving up: 93 s. */
  readonly maxTransmitWait: Milliseconds;
  /** The time a peer takes before it acknowledges: `ackTimeout`, 2 s. */
  readonly processingDelay: Milliseconds;
  /** The longest round trip: 202 s. */
  readonly maxRtt: Milliseconds;
  /** How long a confirmable message's id may not be used again: 247 s. */
  readonly exchangeLifetime: Milliseconds;
  /** How long a non-confirmable message's id may not be used again: 145 s. */
  readonly nonLifetime: Milliseconds;
  /** How long a response may take before an empty acknowledgement goes ahead: 500 ms at most (RFC 7252 §5.2.2). */
  readonly piggybackWindow: Milliseconds;
}

/** The longest wait for a piggybacked response, well below any peer's first retransmission. */
const longestPiggybackWindow = 500;

/** Derives the times of RFC 7252 §4.8.2 from the parameters. */
export function transmissionTiming(parameters: TransmissionParameters): TransmissionTiming {
  const { ackTimeout, ackRandomFactor, maxRetransmit, maxLatency, piggybackWindow } = parameters;
  const shortWindow = milliseconds(Math.min(ackTimeout / 4, longestPiggybackWindow));
  const maxTransmitSpan = ackTimeout * (2 ** maxRetransmit - 1) * ackRandomFactor;
  return {
    ...parameters,
    maxTransmitSpan: milliseconds(maxTransmitSpan),
    maxTransmitWait: milliseconds(ackTimeout * (2 ** (maxRetransmit + 1) - 1) * ackRandomFactor),
    processingDelay: ackTimeout,
    maxRtt: milliseconds(2 * maxLatency + ackTimeout),
    exchangeLifetime: milliseconds(maxTransmitSpan + 2 * maxLatency + ackTimeout),
    nonLifetime: milliseconds(maxTransmitSpan + maxLatency),
    piggybackWindow: piggybackWindow === 'from-ack-timeout' ? shortWindow : piggybackWindow,
  };
}
