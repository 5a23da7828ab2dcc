import type { Instant } from '@dunlin/base';

import type { MaybePromise } from '../registration-store.ts';

/** What is kept of a device to find it among many, registered or not. */
export interface FleetRecord {
  readonly endpointName: string;
  /** Words that operators gave it: sorted, each once. */
  readonly tags: readonly string[];
  /** `/3/0/0`, `/3/0/1` and `/3/0/3`, as they were last known. */
  readonly manufacturer?: string | undefined;
  readonly modelNumber?: string | undefined;
  readonly firmwareVersion?: string | undefined;
  /** When they were last asked for. */
  readonly factsAt?: Instant | undefined;
  /** When it first registered, and when it last was heard or registered. */
  readonly firstSeen: Instant;
  readonly lastSeen: Instant;
  /** Its last registration, once that has ended, in a form that the application chose. */
  readonly lastRegistration?: string | undefined;
}

/**
 * Port: what makes a fleet searchable. All of it is read at the start; after that it is only written. Methods may answer at
 * once or later; what they promise holds when they answer. A method that cannot keep its promise throws or rejects with a
 * `StorageError` and has changed nothing.
 */
export interface FleetStore extends AsyncDisposable {
  /** Every record, in any order. */
  all(): Iterable<FleetRecord>;
  /** Keeps records in place of those of the same devices, all or none. Durable when answered. */
  put(records: readonly FleetRecord[]): MaybePromise<void>;
  /** Forgets a device; false when nothing was kept of it. Durable when answered. */
  remove(endpointName: string): MaybePromise<boolean>;
}
