import { type Instant, type Milliseconds, milliseconds } from '@dunlin/base';
import type { DataType, Value } from '@dunlin/lwm2m';

import type { ValueOrigin } from '../device-store/known-value.ts';
import type { MaybePromise } from '../registration-store.ts';

/** A value that a Resource, or one of its instances, had. */
export interface HistorySample {
  /** When it was measured if the device said so, else when it came to be known. */
  readonly at: Instant;
  readonly type: DataType;
  readonly value: Value;
  readonly origin: ValueOrigin;
}

/** A sample and what it is of. */
export interface NewHistorySample extends HistorySample {
  readonly endpointName: string;
  /** Of a Resource, or of a Resource Instance of a multiple one: `/3303/0/5700`, `/3/0/7/1`. */
  readonly path: string;
}

/** What there is of one path of a device. */
export interface HistorySeries {
  readonly path: string;
  /** Of the newest sample. */
  readonly type: DataType;
  readonly first: Instant;
  readonly last: Instant;
}

/** Which samples of a path: those at `from` and after, before `to`. */
export interface HistoryRange {
  readonly endpointName: string;
  readonly path: string;
  readonly from: Instant;
  readonly to: Instant;
}

/** The samples of a part of time as one. Minimum, maximum and mean are of the numbers among them; absent without any. */
export interface HistoryBucket {
  /** When it begins; a multiple of its length since the Unix epoch. */
  readonly at: Instant;
  readonly count: number;
  readonly minimum?: number | undefined;
  readonly maximum?: number | undefined;
  readonly mean?: number | undefined;
  readonly last: HistorySample;
}

/** How much is kept. */
export interface HistoryLimits {
  /** How long a sample is kept. */
  readonly age: Milliseconds;
  /** Samples of one path; the oldest go first, a little later. */
  readonly samplesPerPath: number;
  /** Paths of one device; values of more are not kept. */
  readonly pathsPerDevice: number;
  /** Characters of a value as JSON; longer ones are not kept. */
  readonly valueLength: number;
}

const day = 86_400_000;

/** How much history is kept when nothing else is said, each with its reason. */
export const historyLimitsDefaults: HistoryLimits = {
  /** The longest range that the console shows. */
  age: milliseconds(30 * day),
  /** A value every half minute for a month. */
  samplesPerPath: 100_000,
  /** As many as last known values. */
  pathsPerDevice: 1000,
  /** Texts that people read; no images and certificates. */
  valueLength: 1024,
};

/**
 * Port: the values that devices had, for charts. Methods may answer at once or later; what they promise holds when they
 * answer. A method that cannot keep its promise throws or rejects with a `StorageError` and has changed nothing.
 */
export interface HistoryStore extends AsyncDisposable {
  /**
   * Keeps samples within the limits; of two of one path with the same time the later one. Reads see them at once; they may
   * become durable up to a second later. Never fails: what cannot be written is told elsewhere and lost.
   */
  append(samples: readonly NewHistorySample[]): void;
  /** The oldest samples of a range, at most `limit`, in the order of their times. */
  samples(range: HistoryRange, limit: number): MaybePromise<readonly HistorySample[]>;
  /** The samples of a range by parts of time of the given length, in the order of their times; parts without samples are left out. */
  buckets(range: HistoryRange, length: Milliseconds): MaybePromise<readonly HistoryBucket[]>;
  /** The paths of which there are samples, in the order of the paths. */
  series(endpointName: string): MaybePromise<readonly HistorySeries[]>;
  /** Forgets a device. Durable when answered. */
  remove(endpointName: string): MaybePromise<void>;
  /** Forgets some of what is too old at `now`: called now and then, it gets to all of it. */
  sweep(now: Instant): MaybePromise<void>;
}
