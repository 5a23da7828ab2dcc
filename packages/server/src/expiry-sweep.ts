import { addDuration, type Instant, toMilliseconds } from '@dunlin/base';

import { andThen } from './maybe-promise.ts';
import type { RegistrationRemovals } from './registration-removals.ts';
import type { MaybePromise, RemovedRegistration } from './registration-store.ts';
import type { ServerContext } from './server-context.ts';

/**
 * Removes registrations when their lifetime ends. The store knows which; this knows when to ask.
 * A refresh does not move the deadline: when it comes too early, the store names the next one.
 */
export class ExpirySweep {
  readonly #context: ServerContext;
  readonly #removals: RegistrationRemovals;
  readonly #onDeadline: () => void;
  #deadline: Instant | undefined;
  #underWay: Promise<void> | undefined;

  /** `onDeadline` is called when the deadline changed outside of `wake` and `expect`. */
  constructor(context: ServerContext, removals: RegistrationRemovals, onDeadline: () => void) {
    this.#context = context;
    this.#removals = removals;
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
    let swept: MaybePromise<Sweep>;
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

  #sweep(now: Instant): MaybePromise<Sweep> {
    const { store, limits } = this.#context;
    return andThen(store.takeExpired(now, limits.expiriesPerStep), (removed) =>
      andThen(store.nextExpiry(), (next) => ({ removed, next })),
    );
  }

  #finish({ removed, next }: Sweep): void {
    if (next !== undefined) this.expect(next);
    for (const each of removed) this.#removals.expired(each);
  }

  /** What could not be removed is tried again after a while. */
  #fail(now: Instant, error: unknown): void {
    this.expect(addDuration(now, toMilliseconds(this.#context.limits.retryAfter)));
    const { diagnostics } = this.#context.signals;
    diagnostics.emit({ kind: 'store-failed', time: now, doing: 'expiry', error });
  }
}

interface Sweep {
  readonly removed: readonly RemovedRegistration[];
  readonly next: Instant | undefined;
}
