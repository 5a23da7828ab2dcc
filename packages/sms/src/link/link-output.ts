import type { ShortMessageId, OutgoingShortMessage } from '../short-message.ts';
import type { BudgetName, BudgetShortage } from './budgets.ts';
import type { OutboxEntry } from './outbox.ts';

/** Why a short message or datagram that came is dropped. */
export type DropReason =
  | 'unknown-sender'
  | 'malformed-header'
  | 'other-port'
  | 'empty'
  | 'too-many-parts'
  | 'contradiction'
  | 'parts-missing'
  | 'repeated-part'
  | 'repeated-request'
  /** The carrier could not make a message of it. */
  | 'carrier';

/** What comes out of a `DatagramLink`. */
export type LinkOutput =
  /** For the carrier. */
  | { readonly kind: 'submit'; readonly message: OutgoingShortMessage }
  | { readonly kind: 'acknowledge'; readonly id: ShortMessageId; readonly answer: 'taken' | 'busy' }
  /** A whole datagram; the bytes may be kept. */
  | { readonly kind: 'received'; readonly from: string; readonly datagram: Uint8Array }
  /** The way of a datagram is over, as far as will ever be known: its state is final, or `submitted` without a receipt in time. */
  | { readonly kind: 'settled'; readonly entry: OutboxEntry }
  | { readonly kind: 'state'; readonly isUp: boolean; readonly reason?: string }
  /** A budget for all numbers is used up; told once an hour at most. */
  | { readonly kind: 'alarm'; readonly budget: BudgetName; readonly limit: number }
  /** The memory of what was sent or received cannot be written: nothing is sent or executed that it would have to know. */
  | { readonly kind: 'store-failed'; readonly reason: string }
  | { readonly kind: 'dropped'; readonly reason: DropReason; readonly from?: string; readonly text?: string };

/** Why a datagram is not sent: nothing of it was, and nothing was spent. */
export type LinkRefusal =
  | {
      readonly kind: 'refused';
      readonly reason: 'too-long';
      readonly parts: number;
      readonly maxParts: number;
    }
  | { readonly kind: 'refused'; readonly reason: 'queue-full'; readonly limit: number }
  | { readonly kind: 'refused'; readonly reason: 'store-failed' }
  | ({ readonly kind: 'refused'; readonly reason: 'budget'; readonly parts: number } & BudgetShortage);

/** What became of the wish to send a datagram. */
export type SendOutcome = { readonly kind: 'queued'; readonly entry: OutboxEntry } | LinkRefusal;

/** A refusal in words that say which limit it is. */
export function describeRefusal(refusal: LinkRefusal, to: string): string {
  switch (refusal.reason) {
    case 'too-long':
      return `it would take ${refusal.parts} short messages, and at most ${refusal.maxParts} are sent for one datagram`;
    case 'queue-full':
      return `${refusal.limit} datagrams wait to be sent as short messages already`;
    case 'store-failed':
      return 'what is sent cannot be noted, and so nothing is sent';
    case 'budget': {
      const { parts, left, limit } = refusal;
      return `it takes ${countOf(parts)}, and of ${budgetText(refusal.budget, to)}, ${limit} in 24 hours, ${left} ${left === 1 ? 'is' : 'are'} left`;
    }
  }
}

function countOf(parts: number): string {
  return parts === 1 ? '1 short message' : `${parts} short messages`;
}

function budgetText(budget: BudgetName, to: string): string {
  switch (budget) {
    case 'day':
      return 'the budget for all numbers';
    case 'device-day':
      return `the budget for the number ${to}`;
    case 'answers-day':
      return 'the budget for answers to all numbers';
    case 'answers-device-day':
      return `the budget for answers to the number ${to}`;
    case 'purpose-day:request':
    case 'purpose-day:trigger':
    case 'purpose-day:response':
    case 'purpose-day:notification':
    case 'purpose-day:handshake':
      return `the budget for each ${budget.slice('purpose-day:'.length)}`;
  }
}
