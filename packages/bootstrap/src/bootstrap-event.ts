import type { Instant } from '@dunlin/base';
import type { Peer } from '@dunlin/coap';

import type { BootstrapSessionRecord, BootstrapStep } from './session/session-record.ts';

/** A session began. */
export interface BootstrapStartedEvent {
  readonly session: BootstrapSessionRecord;
}

/** The device answered an operation of a session. */
export interface BootstrapStepEvent {
  readonly sessionId: string;
  readonly endpointName: string;
  readonly step: BootstrapStep;
}

/** The device has its configuration. */
export interface BootstrapFinishedEvent {
  readonly session: BootstrapSessionRecord;
}

/** A session failed; its `failure` says why. The device has what it had before. */
export interface BootstrapFailedEvent {
  readonly session: BootstrapSessionRecord;
}

/** What an operator wants to know and nobody is answered: for the log and the metrics, never for control. */
export type BootstrapDiagnostic =
  /** A request of a device was refused. */
  | {
      readonly kind: 'request-refused';
      readonly time: Instant;
      readonly peer: Peer;
      readonly operation: 'bootstrap' | 'other';
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
  /** A store, or the look-up of an identity, failed. What was asked of it did not happen. */
  | {
      readonly kind: 'store-failed';
      readonly time: Instant;
      readonly doing: string;
      readonly error: unknown;
    };
