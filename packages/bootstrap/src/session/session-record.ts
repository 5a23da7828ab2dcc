import type { Instant } from '@dunlin/base';
import type { PeerSecurity } from '@dunlin/coap';
import type { BootstrapOperationName } from '@dunlin/lwm2m';

import type { BootstrapTarget } from '../configuration/bootstrap-target.ts';

/** One message of a session and what came of it. Never holds what was written: that has keys in it. */
export interface BootstrapStep {
  readonly operation: 'bootstrap-request' | BootstrapOperationName;
  /** Like `/0/1`; absent for Bootstrap-Request and Finish. */
  readonly path?: string | undefined;
  /** Of a Write. */
  readonly contentFormat?: number | undefined;
  /** Bytes of the payload of a Write. */
  readonly length?: number | undefined;
  readonly startedAt: Instant;
  /** Absent while the answer is awaited, and when none came. */
  readonly answer?: BootstrapStepAnswer | undefined;
}

/** What a device answered to a step of its bootstrap. */
export interface BootstrapStepAnswer {
  readonly at: Instant;
  /** Like `2.04`. */
  readonly coapCode: string;
  /** The text that came with a refusal, '' when there was none. */
  readonly diagnostic: string;
}

/**
 * Why a session failed: `refused` (the device refused something that it cannot do without, or what it has does not fit
 * the configuration), `no-answer`, `rejected` (a Reset), `misbehaved` (an answer that makes no sense), `superseded` (by
 * a later Bootstrap-Request), `timed-out` (it took too long in all), `association-ended`, `closed` (this server was).
 */
export type SessionFailureKind =
  | 'refused'
  | 'no-answer'
  | 'rejected'
  | 'misbehaved'
  | 'superseded'
  | 'timed-out'
  | 'association-ended'
  | 'closed';

/** Why a bootstrap did not come to its end. */
export interface SessionFailure {
  readonly kind: SessionFailureKind;
  /** A sentence without a full stop. */
  readonly reason: string;
}

/** A session as it is told and kept. */
export interface BootstrapSessionRecord {
  readonly id: string;
  readonly endpointName: string;
  readonly initiatedBy: 'client' | 'server';
  /** Where the device is: an IP address and port. */
  readonly address: string;
  readonly port: number;
  readonly security: PeerSecurity['kind'];
  /** Whose configuration it is given. */
  readonly target: BootstrapTarget;
  readonly startedAt: Instant;
  readonly endedAt?: Instant | undefined;
  readonly outcome: 'running' | 'finished' | 'failed';
  /** Set when it failed. The device has what it had before. */
  readonly failure?: SessionFailure | undefined;
  readonly steps: readonly BootstrapStep[];
}
