import type { SmsOutboxEntryDocument } from '@dunlin/api';
import type { OutboxEntry } from '@dunlin/sms';

import { instantText } from './device-to-summary.ts';

/** An entry of the outbox, with the device that the number is provisioned for. */
export function smsEntryToDocument(
  { id, to, purpose, parts, spent, state, queuedAt, changedAt, reason }: OutboxEntry,
  owner: string | undefined,
): SmsOutboxEntryDocument {
  return {
    id,
    to,
    endpoint: owner ?? null,
    purpose,
    parts,
    spent,
    state,
    queuedAt: instantText(queuedAt),
    changedAt: instantText(changedAt),
    reason: reason ?? null,
  };
}
