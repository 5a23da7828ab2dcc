import type { Instant } from '@dunlin/base';

import type { CarrierTrouble } from '../../carrier.ts';

/** When and why a session is tried again; it is misconfigured where the message centre does not know the account as it is. */
export interface Retry extends CarrierTrouble {
  readonly retryAt: Instant;
}

/** What a session is at. `until` is when it gives up waiting. */
export type SessionState =
  | { readonly kind: 'stopped' }
  | { readonly kind: 'opening'; readonly until: Instant }
  | { readonly kind: 'binding'; readonly until: Instant }
  | { readonly kind: 'bound'; readonly since: Instant; readonly messageCentre: string }
  /** Shut down, and waiting for the answers to what was submitted. */
  | { readonly kind: 'draining'; readonly until: Instant }
  | { readonly kind: 'unbinding'; readonly until: Instant }
  /** The stream is being closed; with `next`, the session is tried again. */
  | { readonly kind: 'closing'; readonly next: Retry | undefined }
  | ({ readonly kind: 'waiting' } & Retry);

/** What a session is at, for people and programs that watch over it. */
export type SmppStatus =
  /** Not started, or shut down. */
  | { readonly kind: 'stopped' }
  /** The stream is being opened, or the account is being let in. */
  | { readonly kind: 'connecting' }
  /** `messageCentre` is how it calls itself. */
  | { readonly kind: 'bound'; readonly since: Instant; readonly messageCentre: string }
  /** It is being shut down. */
  | { readonly kind: 'ending' }
  | ({ readonly kind: 'waiting' } & Retry);

/** What of a state is of interest to others. */
export function statusOf(state: SessionState): SmppStatus {
  switch (state.kind) {
    case 'opening':
    case 'binding':
      return { kind: 'connecting' };
    case 'draining':
    case 'unbinding':
      return { kind: 'ending' };
    case 'closing':
      return state.next === undefined ? { kind: 'ending' } : { kind: 'waiting', ...state.next };
    case 'stopped':
    case 'bound':
    case 'waiting':
      return state;
  }
}

/** Counts of a session since it was made; each message is one part. */
export interface SmppCounts {
  /** Submissions that were written; after a pause, again. */
  submitted: number;
  accepted: number;
  refused: number;
  unknown: number;
  /** Submissions that the message centre gave back since it wanted a pause. */
  throttled: number;
  /** Messages that were handed up. */
  received: number;
  /** Messages that were refused for the time being. */
  busy: number;
  dropped: number;
  receipts: number;
  /** Receipts that can be about no message. */
  unmatchedReceipts: number;
  /** Commands that could not be read. */
  malformed: number;
  /** How often the session was lost, or could not be had. */
  failures: number;
}

/** The counts, and how many messages are on their way at the moment. */
export interface SmppStatistics extends Readonly<SmppCounts> {
  /** Messages that wait to be submitted. */
  readonly queued: number;
  /** Submissions that wait for their answer. */
  readonly unanswered: number;
}

/** Nothing counted yet. */
export function newCounts(): SmppCounts {
  return {
    submitted: 0,
    accepted: 0,
    refused: 0,
    unknown: 0,
    throttled: 0,
    received: 0,
    busy: 0,
    dropped: 0,
    receipts: 0,
    unmatchedReceipts: 0,
    malformed: 0,
    failures: 0,
  };
}
