import { type Milliseconds, milliseconds, type Seconds, seconds } from '@dunlin/base';

/** What a server takes on at most. */
export interface ServerLimits {
  /** Registrations in all. More are refused with 5.03. */
  readonly registrations: number;
  /** Registrations from one IP address; fleets behind a translator share one. More are refused with 5.03. */
  readonly registrationsPerAddress: number;
  /** Length of an endpoint name in bytes of UTF-8. */
  readonly endpointNameLength: number;
  /** Length of the object list in bytes; longer ones are refused with 4.13. */
  readonly linksLength: number;
  /** Shortest lifetime. Shorter ones are refused with 4.00. */
  readonly minimumLifetime: Seconds;
  /** Longest lifetime. Longer ones are refused with 4.00. */
  readonly maximumLifetime: Seconds;
  /** Query parameters that the enabler does not define, per registration. */
  readonly additionalParameters: number;
  /** Requests to one device that are under way or wait for their turn. */
  readonly requestsPerDevice: number;
  /** Observations of one device. */
  readonly observationsPerDevice: number;
  /** Notifications that an `Observation` keeps for a consumer that is slow; older ones are dropped and counted. */
  readonly bufferedNotifications: number;
  /** Expired registrations that are taken out in one step, so that a mass expiry does not hold up everything else. */
  readonly expiriesPerStep: number;
  /** Max-Age of a 5.03: when a device may try again (RFC 7252 §5.9.3.4). */
  readonly retryAfter: Seconds;
  /** How long an active cancellation may take. */
  readonly cancellationTimeout: Milliseconds;
}

export const serverLimitsDefaults: ServerLimits = {
  /** A million devices are what one node is meant for. */
  registrations: 1_000_000,
  /** A carrier-grade translator may hide a whole fleet. */
  registrationsPerAddress: 1_000_000,
  /** The longest value that fits into one Uri-Query option (RFC 7252 §5.10). */
  endpointNameLength: 252,
  /** Some 2,000 instances. */
  linksLength: 32_768,
  /** 1.0 §5.3 demands only that there is one; 0 would end at once. */
  minimumLifetime: seconds(1),
  /** 136 years: the largest unsigned 32-bit number, which devices use for `never`. */
  maximumLifetime: seconds(4_294_967_295),
  additionalParameters: 16,
  requestsPerDevice: 100,
  observationsPerDevice: 256,
  /** Enough for a pause of the consumer, little enough for whoever never iterates. */
  bufferedNotifications: 100,
  expiriesPerStep: 1000,
  retryAfter: seconds(30),
  /** MAX_TRANSMIT_WAIT (RFC 7252 §4.8.2). */
  cancellationTimeout: milliseconds(93_000),
};
