import type { ApiErrorWord, AuditActorKind, AuditOutcome } from '@dunlin/api';
import type { Instant } from '@dunlin/base';

/** Something that somebody did, or was not allowed to do. It has no values in it: those may be secret. */
export interface AuditEntry {
  readonly time: Instant;
  readonly actorKind: AuditActorKind;
  readonly actor: string | undefined;
  readonly from: string | undefined;
  /** The name of the operation. */
  readonly action: string;
  readonly endpoint: string | undefined;
  readonly path: string | undefined;
  readonly subject: string | undefined;
  readonly outcome: AuditOutcome;
  readonly status: number | undefined;
  readonly error: ApiErrorWord | undefined;
}

/** An entry with the number it got. */
export interface KeptAuditEntry extends AuditEntry {
  readonly id: number;
}

/** What is looked for. */
export interface AuditFilter {
  readonly actor?: string | undefined;
  readonly action?: string | undefined;
  readonly endpoint?: string | undefined;
  readonly outcome?: AuditOutcome | undefined;
  readonly since?: Instant | undefined;
  readonly until?: Instant | undefined;
  /** Only entries with lower numbers. */
  readonly before?: number | undefined;
  readonly limit: number;
}

/** Keeps who did what, for a time. */
export interface AuditLog extends AsyncDisposable {
  append(entry: AuditEntry): Promise<void>;
  /** The newest first. */
  find(filter: AuditFilter): Promise<readonly KeptAuditEntry[]>;
}

/** How much is kept. */
export interface AuditLimits {
  /** Milliseconds. */
  readonly retention: number;
  /** The oldest give way beyond that: some 40 MB. */
  readonly entries: number;
}

export const auditLimitsDefaults: AuditLimits = { retention: 90 * 24 * 60 * 60 * 1000, entries: 200_000 };
