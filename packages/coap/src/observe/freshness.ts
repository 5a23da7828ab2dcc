import type { Instant } from '@dunlin/base';

/** After this time a smaller sequence number is newer too: the counter may have come round (RFC 7641 §3.4). */
const longestReordering = 128_000;
const halfOfSequence = 2 ** 23;

/** Sequence numbers have 24 bits (RFC 7641 §2). */
export const sequenceMask = 0xff_ffff;

/** By what notifications of one observation are told old from new: the sequence number and the arrival of one. */
export interface NotificationOrder {
  readonly sequence: number;
  readonly at: Instant;
}

/**
 * True when a notification with sequence number `sequence` that arrives at `now` is newer than one with
 * `lastSequence` that arrived at `lastAt` (RFC 7641 §3.4, CR-8.2).
 */
export function isNewer(sequence: number, now: Instant, lastSequence: number, lastAt: Instant): boolean {
  if (lastSequence < sequence && sequence - lastSequence < halfOfSequence) return true;
  if (lastSequence > sequence && lastSequence - sequence > halfOfSequence) return true;
  return now > lastAt + longestReordering;
}
