import { addDuration, type Instant, milliseconds, toMilliseconds } from '@dunlin/base';

import type { RegistrationFacts } from './registration-facts.ts';

/** What is known of a registration that a Server gave us. */
export interface Registration {
  /** Decoded segments, to be echoed one by one. */
  readonly location: readonly string[];
  readonly told: RegistrationFacts;
  /** When to send the next Update. */
  readonly refreshAt: Instant;
  /** When the Server forgets us; counted from our sending, so never later than on its side. */
  readonly expiresAt: Instant;
}

/** What follows a Deregister. */
export type Silence = { readonly kind: 'closed' } | { readonly kind: 'disabled'; readonly until: Instant };

/** Where the registration with a Server stands. */
export type State =
  | { readonly kind: 'idle' }
  /** With `kept`: the Server still has us registered, and an Update is enough if the association is resumed. */
  | { readonly kind: 'resolving'; readonly kept: Registration | undefined }
  | { readonly kind: 'registering'; readonly told: RegistrationFacts; readonly sentAt: Instant }
  | { readonly kind: 'registered'; readonly registration: Registration }
  | {
      readonly kind: 'updating';
      readonly registration: Registration;
      readonly telling: RegistrationFacts;
      readonly sentAt: Instant;
      /** An Update was asked for while this one was under way. */
      readonly isOneMoreAsked: boolean;
      /** It follows a resumption: when it fails as well, the registration is given up. */
      readonly isAfterResumption: boolean;
    }
  | { readonly kind: 'waiting'; readonly until: Instant; readonly kept: Registration | undefined }
  | { readonly kind: 'deregistering'; readonly next: Silence }
  | Silence;

/** The name of a state, for programs and people. */
export type RegistrationState = State['kind'];

/** MAX_TRANSMIT_WAIT (RFC 7252 §4.8.2): how long an Update may be under way before it is given up. */
const maxTransmitWait = milliseconds(93_000);

/**
 * The Update goes out MAX_TRANSMIT_WAIT before the end of the lifetime, so that all its retransmissions fit,
 * or at half of a lifetime that is too short for that.
 */
export function registrationFrom(
  location: readonly string[],
  told: RegistrationFacts,
  sentAt: Instant,
): Registration {
  const lifetime = toMilliseconds(told.lifetime);
  const margin = Math.min(lifetime / 2, maxTransmitWait);
  return {
    location,
    told,
    refreshAt: addDuration(sentAt, milliseconds(lifetime - margin)),
    expiresAt: addDuration(sentAt, lifetime),
  };
}

/** Like `/rd/5a3f`. */
export function locationText({ location }: Registration): string {
  return `/${location.join('/')}`;
}
