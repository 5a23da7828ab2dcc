import { addDuration, type Instant, toMilliseconds } from '@dunlin/base';

import { andThen } from './maybe-promise.ts';
import type { MaybePromise } from './registration-store.ts';
import type { ServerContext } from './server-context.ts';

/** What expires: the store knows what and when. */
export interface Expiring<T> {
  /** What it is called when it fails. */
  readonly name: string;
  /** Takes out at most `limit` of what ends at `now` or before. */
  readonly take: (now: Instant, limit: number) => MaybePromise<readonly T[]>;
  /** An instant at which `take` may have something to do: never too late, perhaps too early. */
  readonly next: () => MaybePromise<Instant | undefined>;
  /** Something has expired. */
  readonly expired: (each: T) => void;
}

interface Sweep<T> {
  readonly taken: readonly T[];
  readonly next: Instant | undefined;
}

/**
 * Takes out of a store what expires, such as registrations when their lifetime ends. The store knows
 * which; this knows when to ask. A refresh does not move the deadline: when it comes too early, the store names
 * the next one.
 */
export class ExpirySweep<T> {
  readonly #context: ServerContext;
  readonly #expiring: Expiring<T>;
  readonly #onDeadline: () => void;
  #deadline: Instant | undefined;
  #underWay: Promise<void> | undefined;

  /** `onDeadline` is called when the deadline changed outside of `wake` and `expect`. */
  constructor(context: ServerContext, expiring: Expiring<T>, onDeadline: () => void) {
    this.#context = context;
    this.#expiring = expiring;
    this.#onDeadline = onDeadline;
  }

  get deadline(): Instant | undefined {
    return this.#underWay === undefined ? this.#deadline : undefined;
  }

  /**
   * The sweep that the store is busy with. The answer to a Register waits for it: otherwise the application
   * would hear that a device expired after it heard that the same device registered.
   */
  get underWay(): Promise<void> | undefined {
    return this.#underWay;
  }

  /** Something ends at this instant at the earliest. */
  expect(expiresAt: Instant): void {
    if (this.#deadline === undefined || expiresAt < this.#deadline) this.#deadline = expiresAt;
  }

  wake(now: Instant): void {
    if (this.#deadline === undefined || this.#deadline > now || this.#underWay !== undefined) return;
    this.#deadline = undefined;
    let swept: MaybePromise<Sweep<T>>;
    try {
      swept = this.#sweep(now);
    } catch (error) {
      this.#fail(now, error);
      return;
    }
    if (!(swept instanceof Promise)) {
      this.#finish(swept);
      return;
    }
    this.#underWay = swept.then(
      (sweep) => this.#finishLater(() => this.#finish(sweep)),
      (error: unknown) => this.#finishLater(() => this.#fail(now, error)),
    );
  }

  #finishLater(finish: () => void): void {
    this.#underWay = undefined;
    finish();
    this.#onDeadline();
  }

  #sweep(now: Instant): MaybePromise<Sweep<T>> {
    const { take, next } = this.#expiring;
    return andThen(take(now, this.#context.limits.expiriesPerStep), (taken) =>
      andThen(next(), (deadline) => ({ taken, next: deadline })),
    );
  }

  #finish({ taken, next }: Sweep<T>): void {
    if (next !== undefined) this.expect(next);
    for (const each of taken) this.#expiring.expired(each);
  }

  /** What could not be removed is tried again after a while. */
  #fail(now: Instant, error: unknown): void {
    this.expect(addDuration(now, toMilliseconds(this.#context.limits.retryAfter)));
    const { diagnostics } = this.#context.signals;
    diagnostics.emit({ kind: 'store-failed', time: now, doing: this.#expiring.name, error });
  }
}
