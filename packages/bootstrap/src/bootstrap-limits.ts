import { type Milliseconds, milliseconds, type Seconds, seconds } from '@dunlin/base';

/** What a Bootstrap-Server takes on at most. */
export interface BootstrapLimits {
  /** Sessions under way; one more is refused with 5.03. */
  readonly sessions: number;
  /** Bootstrap-Requests whose identity and configuration are being looked up; one more is refused with 5.03. */
  readonly pendingRequests: number;
  /** Length of an endpoint name in bytes of UTF-8. */
  readonly endpointNameLength: number;
  /** How long the answer to one operation may take. */
  readonly stepTimeout: Milliseconds;
  /** How long a whole session may take. */
  readonly sessionTimeout: Milliseconds;
  /** Operations of one session. */
  readonly stepsPerSession: number;
  /** Sessions that are over and remembered, and the steps of all of them together. */
  readonly loggedSessions: number;
  readonly loggedSteps: number;
  /** Max-Age of a 5.03: when a device may try again (RFC 7252 §5.9.3.4). */
  readonly retryAfter: Seconds;
}

/** What a Bootstrap-Server does when nothing else is said, each with its reason. */
export const bootstrapLimitsDefaults: BootstrapLimits = {
  /** A whole fleet that comes at once after a power failure waits its turn. */
  sessions: 10_000,
  pendingRequests: 1000,
  /** The longest value that fits into one Uri-Query option (RFC 7252 §5.10). */
  endpointNameLength: 252,
  /** MAX_TRANSMIT_WAIT (RFC 7252 §4.8.2); the device itself gives up after 247 s. */
  stepTimeout: milliseconds(93_000),
  /** Some hundred steps over a slow network. */
  sessionTimeout: milliseconds(900_000),
  /** An access control entry for each of a thousand instances, and what else a configuration may hold. */
  stepsPerSession: 2000,
  /** A day of a fleet of a thousand devices; some 20 MB at most. */
  loggedSessions: 1000,
  loggedSteps: 100_000,
  retryAfter: seconds(30),
};
