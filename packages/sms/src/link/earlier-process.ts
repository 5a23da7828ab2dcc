import { addDuration, type Instant, type Milliseconds, milliseconds } from '@dunlin/base';

import type { LinkLimits } from './link-options.ts';
import { isOpen, type OutboxEntry } from './outbox.ts';
import type { Purpose, PurposeParameters } from './purpose.ts';

/** Receipts are on their way for some time after the centre has given up. */
const receiptGrace: Milliseconds = milliseconds(60_000);

/** When nobody waits for receipts of a datagram any more. */
export function receiptsUntil({ queuedAt, validity }: OutboxEntry): Instant {
  return addDuration(addDuration(queuedAt, validity), receiptGrace);
}

/** What became of an entry when its process ended: what may have been sent is never sent again. */
export function afterRestart(entry: OutboxEntry, now: Instant): OutboxEntry {
  const { state } = entry;
  if (!isOpen(state) || state === 'submitted') return entry;
  const reason = 'the program ended meanwhile';
  return { ...entry, state: state === 'queued' ? 'failed' : 'unknown', changedAt: now, reason };
}

/** The entries of an earlier process that receipts may still come of, as far as they are worth remembering. */
export function awaitedEntries(
  entries: Iterable<OutboxEntry>,
  {
    purposes,
    limits,
  }: { readonly purposes: Readonly<Record<Purpose, PurposeParameters>>; readonly limits: LinkLimits },
  now: Instant,
): readonly OutboxEntry[] {
  const awaited = [...entries].filter(
    (entry) =>
      entry.state === 'submitted' && purposes[entry.purpose].wantsReceipt && receiptsUntil(entry) > now,
  );
  return awaited.slice(-limits.maxAwaited);
}
