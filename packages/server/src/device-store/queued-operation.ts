import type { Instant } from '@dunlin/base';
import type { Content, DiscoverLink, ObjectInstancePath } from '@dunlin/lwm2m';

import type { OperationRequest } from './operation-request.ts';

/** What a device gave back. */
export type OperationResult =
  | { readonly kind: 'content'; readonly content: Content }
  | { readonly kind: 'links'; readonly links: readonly DiscoverLink[] }
  | { readonly kind: 'created'; readonly path: ObjectInstancePath }
  /** It did what was asked, and has nothing to say. */
  | { readonly kind: 'done' }
  /** It did what was asked; what it said is longer than what is kept of an operation. */
  | { readonly kind: 'too-long'; readonly length: number };

/**
 * Why an operation failed: `refused` (the device answered with an error), `misbehaved` (its answer made no sense),
 * `rejected` (it answered with Reset), `no-answer` (it did not answer, however often it was asked),
 * `outcome-unknown` (it did not answer, and may have done what must not be asked twice), `unusable` (it cannot be
 * asked of this device, such as in no format that it has).
 */
export type OperationFailureReason =
  | 'refused'
  | 'misbehaved'
  | 'rejected'
  | 'no-answer'
  | 'outcome-unknown'
  | 'unusable';

/** Why a queued operation did not succeed. */
export interface OperationFailure {
  readonly reason: OperationFailureReason;
  /** What happened, in one sentence. */
  readonly message: string;
  /** Of a refusal, like `4.05`. */
  readonly coapCode?: string | undefined;
  /** The text that came with a refusal, '' when there was none. */
  readonly diagnostic?: string | undefined;
}

/** Where an operation stands. `waiting` and `sent` are open; the others are final. */
export type OperationState =
  | { readonly kind: 'waiting' }
  | { readonly kind: 'sent'; readonly at: Instant }
  | { readonly kind: 'done'; readonly at: Instant; readonly result: OperationResult }
  | { readonly kind: 'failed'; readonly at: Instant; readonly failure: OperationFailure }
  /** Its time was over while it waited. */
  | { readonly kind: 'expired'; readonly at: Instant }
  | { readonly kind: 'cancelled'; readonly at: Instant };

/** Where a queued operation stands. */
export type OperationStateKind = OperationState['kind'];

/** An operation that was accepted for a device: a snapshot. */
export interface QueuedOperation {
  readonly endpointName: string;
  /** Counted from 1 for each device; none comes twice. Operations are sent in the order of their ids. */
  readonly id: number;
  readonly request: OperationRequest;
  readonly queuedAt: Instant;
  /** Until when it may begin. */
  readonly expiresAt: Instant;
  /** How often it was sent. */
  readonly attempts: number;
  readonly state: OperationState;
}

/** True when nothing will happen to it any more. */
export function isFinished({ state }: Pick<QueuedOperation, 'state'>): boolean {
  return state.kind !== 'waiting' && state.kind !== 'sent';
}
