import { type Milliseconds, milliseconds, type Secret } from '@dunlin/base';

/** Limits of the dialogue with a modem. */
export interface AtModemLimits {
  /** How long the modem may take to ask for a PDU. */
  readonly promptTimeout: Milliseconds;
  /** How long the network may take with a message; after that nobody knows what became of it. */
  readonly submitTimeout: Milliseconds;
  /** How often a modem that is silent is set up anew and looked through. */
  readonly keepAlive: Milliseconds;
  /** The first wait before the port is opened again; it doubles each time up to the last one. */
  readonly firstReopening: Milliseconds;
  readonly lastReopening: Milliseconds;
  /** Messages that wait to be sent. */
  readonly maxQueued: number;
  /** Received messages that wait for their acknowledgement. */
  readonly maxUnacknowledged: number;
}

/** The limits when nothing else is said. */
export const atModemDefaults: AtModemLimits = {
  promptTimeout: milliseconds(10_000),
  // The network may take half a minute for each of its two steps (3GPP TS 24.011 §10, TR1M); modems add their own.
  submitTimeout: milliseconds(60_000),
  // A modem that lost its power has forgotten its settings, and one whose message was not acknowledged in time
  // gives no more of them (3GPP TS 27.005 §3.4.1): it may be deaf for this long.
  keepAlive: milliseconds(60_000),
  firstReopening: milliseconds(1000),
  lastReopening: milliseconds(60_000),
  // A modem takes seconds for each: more would be late when their turn comes.
  maxQueued: 16,
  maxUnacknowledged: 16,
};

/** What a modem is used with. */
export interface AtModemOptions {
  /** The PIN of the SIM card, 4 to 8 digits; tried once, because three wrong tries lock the card. */
  readonly pin?: Secret;
  /** The country code that national numbers of senders get. */
  readonly countryCode?: string;
  readonly limits?: Readonly<Partial<AtModemLimits>>;
}
