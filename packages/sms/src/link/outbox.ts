import { DunlinError, type Instant, type Milliseconds } from '@dunlin/base';

import type { Purpose } from './purpose.ts';

/**
 * Where a datagram is on its way out. `queued`: nothing of it was sent. `submitting`: a part may have been sent.
 * `submitted`: the message centre has all parts. The others are final. After a crash `submitting` is `unknown`, and
 * `queued` is `failed`, as who asked for it is gone; neither is ever sent (again).
 */
export type OutboxState =
  | 'queued'
  | 'submitting'
  | 'submitted'
  | 'delivered'
  | 'failed'
  | 'expired'
  | 'unknown';

/** A datagram on its way out, as it is remembered; its bytes are not, as it is never sent by another process. */
export interface OutboxEntry {
  /** Ascending, over restarts as well. */
  readonly id: number;
  readonly to: string;
  readonly purpose: Purpose;
  /** Short messages that it takes. */
  readonly parts: number;
  /** Short messages that are paid for, or may be. */
  readonly spent: number;
  readonly queuedAt: Instant;
  readonly validity: Milliseconds;
  readonly state: OutboxState;
  /** When `state` was reached. */
  readonly changedAt: Instant;
  /** What the message centre calls the parts that it accepted and did not tell the end of. */
  readonly references: readonly string[];
  /** Why it failed, for people. */
  readonly reason?: string;
}

/**
 * The memory of what was sent, which outlives the process. Synchronous, as a short message may go out only after it is
 * noted: that costs a write to the disk, of which there are few at the speed of short messages.
 */
export interface OutboxStore {
  /** Adds an entry or replaces the one of the same id; it is on the disk when this returns. Throws a `StorageError`. */
  put(entry: OutboxEntry): void;
  /** All entries in the order of their ids. */
  load(): Iterable<OutboxEntry>;
  /** Forgets the entries that were queued before. */
  forget(before: Instant): void;
}

/** True for a state that is followed by another. */
export function isOpen(state: OutboxState): boolean {
  return state === 'queued' || state === 'submitting' || state === 'submitted';
}

/** True for what a store throws that cannot keep something. */
export function isStorageError(error: unknown): error is DunlinError {
  return DunlinError.is(error) && error.code === 'storage';
}

/** An outbox that is gone with the process: for tests, and where budgets may begin anew at each start. */
export function memoryOutbox(): OutboxStore {
  const entries = new Map<number, OutboxEntry>();
  return {
    put: (entry) => void entries.set(entry.id, entry),
    load: () => [...entries.values()],
    forget: (before) => {
      for (const { id, queuedAt } of entries.values()) if (queuedAt < before) entries.delete(id);
    },
  };
}
