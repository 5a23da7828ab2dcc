import type { Instant } from '@dunlin/base';
import type { Peer } from '@dunlin/coap';
import type { TimestampedContent } from '@dunlin/lwm2m';

import type { KnownValue } from './device-store/known-value.ts';
import type { Registration } from './registration.ts';

/** A device registered; `replaced` is its registration of before, which is void with all its observations. */
export interface RegisteredEvent {
  readonly registration: Registration;
  readonly replaced?: Registration | undefined;
}

/** A device updated its registration. */
export interface UpdatedEvent {
  readonly registration: Registration;
  readonly previous: Registration;
}

/** A device left, or was removed by `deregister`. */
export interface DeregisteredEvent {
  readonly registration: Registration;
}

/** A registration's lifetime ended without an Update. */
export interface ExpiredEvent {
  readonly registration: Registration;
}

/** A notification, the first content of an observation included. */
export interface NotifiedEvent {
  readonly endpoint: string;
  /** Without alternate root, like `/3/0/9`. */
  readonly path: string;
  /** When it arrived. */
  readonly time: Instant;
  /** Newest first; entries without a time are current. */
  readonly content: readonly TimestampedContent[];
  /** False when a newer notification was delivered before (RFC 7641 §3.4). */
  readonly isFresh: boolean;
}

/** Values of a device came to be known: it was asked, told them by itself, or took them from us. */
export interface ValuesKnownEvent {
  readonly endpoint: string;
  readonly values: readonly KnownValue[];
  /** Older ones that came with them. */
  readonly older: readonly KnownValue[];
}

/**
 * Why an observation is over: `cancelled` (by us), `replaced` (observed again), `refused` (the device did not
 * take it), `ended-by-device` (an error notification), `no-answer` (the device did not answer), `reregistered`,
 * `deregistered`, `expired`.
 */
export type ObservationEndReason =
  | 'cancelled'
  | 'replaced'
  | 'refused'
  | 'ended-by-device'
  | 'no-answer'
  | 'reregistered'
  | 'deregistered'
  | 'expired';

/** An observation ended, and will not come back by itself unless it is wished for. */
export interface ObservationEndedEvent {
  readonly endpoint: string;
  readonly path: string;
  readonly reason: ObservationEndReason;
  /** Of the error that ended it, like `4.04`, when it is `ended-by-device`. */
  readonly coapCode?: string | undefined;
}

/** What an operator wants to know and nobody is answered: for the log and the metrics, never for control. */
export type ServerDiagnostic =
  /** A request of a device was refused. */
  | {
      readonly kind: 'request-refused';
      readonly time: Instant;
      readonly peer: Peer;
      readonly operation: 'register' | 'update' | 'deregister' | 'other';
      /** When it is known. */
      readonly endpointName?: string | undefined;
      /** Like `4.00`. */
      readonly coapCode: string;
      readonly reason: string;
    }
  /** A request of a device broke a rule and was accepted all the same. */
  | {
      readonly kind: 'tolerated';
      readonly time: Instant;
      readonly peer: Peer;
      readonly endpointName: string;
      readonly reason: string;
    }
  /** A notification could not be decoded; its observation goes on. */
  | {
      readonly kind: 'undecodable-notification';
      readonly time: Instant;
      readonly endpointName: string;
      readonly path: string;
      readonly reason: string;
    }
  /** An observation was cancelled and the device did not confirm it. */
  | {
      readonly kind: 'cancellation-failed';
      readonly time: Instant;
      readonly endpointName: string;
      readonly path: string;
      readonly error: unknown;
    }
  /** A device that sleeps was sent a short message to wake it. */
  | {
      readonly kind: 'trigger-sent';
      readonly time: Instant;
      readonly endpointName: string;
      readonly number: string;
      /** Like `/1/0/8`. */
      readonly path: string;
    }
  /** A device that sleeps cannot be woken by a short message, or did not react to one; told once for each reason. */
  | {
      readonly kind: 'trigger-failed';
      readonly time: Instant;
      readonly endpointName: string;
      readonly reason: string;
    }
  /** The store failed. What was asked of it did not happen. */
  | {
      readonly kind: 'store-failed';
      readonly time: Instant;
      readonly doing: string;
      readonly error: unknown;
    };
