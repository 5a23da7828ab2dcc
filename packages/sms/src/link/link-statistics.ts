import type { DropReason } from './link-output.ts';
import { type Purpose, purposes } from './purpose.ts';

/** What became of a short message that was to be sent. */
export type SentResult = 'accepted' | 'delivered' | 'failed' | 'expired' | 'unknown' | 'refused';

/** Counts since the start of the process, in short messages: each part of a concatenated one counts. */
export interface LinkStatistics {
  /** `accepted` are those that the centre took; what it tells of them later counts once more. `refused` were never sent. */
  readonly sent: Readonly<Record<Purpose, Readonly<Record<SentResult, number>>>>;
  /** `taken` includes what was dropped afterwards; `busy` will come again. */
  readonly received: { readonly taken: number; readonly busy: number };
  readonly dropped: Readonly<Record<DropReason, number>>;
}

/** The same, to count in. */
export interface LinkCounters {
  readonly sent: Record<Purpose, Record<SentResult, number>>;
  readonly received: { taken: number; busy: number };
  readonly dropped: Record<DropReason, number>;
}

/** All at zero. */
export function newLinkCounters(): LinkCounters {
  const none = { accepted: 0, delivered: 0, failed: 0, expired: 0, unknown: 0, refused: 0 };
  return {
    sent: {
      request: { ...none },
      trigger: { ...none },
      response: { ...none },
      notification: { ...none },
      handshake: { ...none },
    },
    received: { taken: 0, busy: 0 },
    dropped: {
      'unknown-sender': 0,
      'malformed-header': 0,
      'other-port': 0,
      empty: 0,
      'too-many-parts': 0,
      contradiction: 0,
      'parts-missing': 0,
      'repeated-part': 0,
      'repeated-request': 0,
      carrier: 0,
    },
  };
}

/** A copy that is not written to any more. */
export function copyOfCounters({ sent, received, dropped }: LinkCounters): LinkStatistics {
  const copy = newLinkCounters();
  for (const purpose of purposes) Object.assign(copy.sent[purpose], sent[purpose]);
  return { sent: copy.sent, received: { ...received }, dropped: { ...dropped } };
}
