import type { ReceiptState } from '../carrier.ts';

/** What a message is at (SMPP 3.4 §5.2.28). */
export const MessageState = {
  enroute: 1,
  delivered: 2,
  expired: 3,
  deleted: 4,
  undeliverable: 5,
  accepted: 6,
  unknown: 7,
  rejected: 8,
} as const;
export type MessageState = (typeof MessageState)[keyof typeof MessageState];

/** What became of a message, or `undefined` where that is not certain yet. */
export function receiptStateOf(state: number): ReceiptState | undefined {
  switch (state) {
    case MessageState.delivered:
      return 'delivered';
    case MessageState.expired:
      return 'expired';
    case MessageState.deleted:
    case MessageState.undeliverable:
      return 'failed';
    case MessageState.rejected:
      return 'rejected';
    default:
      // On its way, accepted by somebody for the recipient, or lost sight of.
      return undefined;
  }
}

/** The words of `stat:` in the text of a receipt (SMPP 3.4 appendix B). */
const stateWords: Readonly<Record<MessageState, string>> = {
  1: 'ENROUTE',
  2: 'DELIVRD',
  3: 'EXPIRED',
  4: 'DELETED',
  5: 'UNDELIV',
  6: 'ACCEPTD',
  7: 'UNKNOWN',
  8: 'REJECTD',
};

/** The state of a word, of which message centres abbreviate as they like; `undefined` for others. */
export function stateOfWord(word: string): number | undefined {
  const start = word.toUpperCase().slice(0, 5);
  const found = Object.entries(stateWords).find(([, known]) => known.startsWith(start) && start.length === 5);
  return found === undefined ? undefined : Number(found[0]);
}
