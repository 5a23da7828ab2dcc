import { addDuration, durationBetween, type Instant, type Milliseconds } from '@dunlin/base';

/** What rests when it is not used. */
interface Resting {
  /** True while it waits to fall idle; `RestSchedule` alone writes to it. */
  isAwake: boolean;
  /** When it was used last; `undefined` when there is nothing to rest any more. */
  readonly lastActiveAt: Instant | undefined;
  /** Gives back what is held only for speed. */
  rest(): void;
}

/**
 * Lets what was used rest when it falls idle. Looked at all at once and seldom, so that use costs no more than to
 * see that it is awake.
 */
export class RestSchedule<T extends Resting> {
  readonly #restAfter: Milliseconds;
  #awake: T[] = [];
  #deadline: Instant | undefined;

  /** After so long without use; at most twice as long. */
  constructor(restAfter: Milliseconds) {
    this.#restAfter = restAfter;
  }

  /** When `restIdle` has something to look at. */
  get deadline(): Instant | undefined {
    return this.#deadline;
  }

  /** It is used. */
  wake(item: T, now: Instant): void {
    if (item.isAwake) return;
    item.isAwake = true;
    this.#awake.push(item);
    this.#deadline ??= addDuration(now, this.#restAfter);
  }

  /** Lets all rest that were not used for long enough. */
  restIdle(now: Instant): void {
    if (this.#deadline === undefined || now < this.#deadline) return;
    this.#awake = this.#awake.filter((item) => {
      const { lastActiveAt } = item;
      item.isAwake = lastActiveAt !== undefined && durationBetween(lastActiveAt, now) < this.#restAfter;
      if (!item.isAwake) item.rest();
      return item.isAwake;
    });
    this.#deadline = this.#awake.length === 0 ? undefined : addDuration(now, this.#restAfter);
  }
}
