import type { ReplayWindowState } from './replay-window.ts';

/** The bounds of one association's record layer; see `recordLayerLimitsDefaults`. */
export interface RecordLayerLimits {
  /** How many records of the protected epoch are kept until its keys are there. */
  readonly maxEarlyRecords: number;
  /** How many bytes these records may have together. */
  readonly maxEarlyBytes: number;
}

/**
 * A Finished that overtakes the flight's other records comes in one record, or in a few when a small MTU cuts it;
 * early application data may follow at once. All the rest is retransmitted anyway.
 */
export const recordLayerLimitsDefaults: RecordLayerLimits = { maxEarlyRecords: 8, maxEarlyBytes: 4096 };

/** What a record layer of an association goes on from after it was saved; keys and connection ids come extra. */
export interface RecordLayerState {
  /** The sequence number of the next record that is written in epoch 1, 0 to 2^48 − 1. */
  readonly writeSequenceNumber: number;
  /** The replay window of epoch 1. */
  readonly replayWindow: ReplayWindowState;
  /** How many records of epoch 1 were not authentic. */
  readonly macErrors: number;
  /** The most content the peer takes in a record, in bytes. */
  readonly writeLimit: number;
  /** The most content this side takes in a record, in bytes. */
  readonly readLimit: number;
}
