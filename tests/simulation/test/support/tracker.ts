import assert from 'node:assert/strict';

import { DunlinError, type Instant } from '@dunlin/base';

/** What a slow store may add to a time limit, in milliseconds. */
const storeLatency = 200;

interface Tracked {
  readonly name: string;
  readonly startedAt: Instant;
  /** When it must have settled. */
  readonly dueAt: number;
}

/** Watches that every promise settles, in time, and rejects only with errors that are meant to be. */
export class PromiseTracker {
  readonly #now: () => Instant;
  readonly #pending = new Set<Tracked>();
  readonly #violations: string[] = [];
  settled = 0;
  succeeded = 0;

  constructor(now: () => Instant) {
    this.#now = now;
  }

  /** `limit` in milliseconds; what it settles with goes to `done`. */
  track<T>(
    name: string,
    limit: number,
    promise: Promise<T>,
    done: (outcome: { readonly value: T } | { readonly error: Error }) => void = () => undefined,
  ): void {
    const startedAt = this.#now();
    const tracked: Tracked = { name, startedAt, dueAt: startedAt + limit };
    this.#pending.add(tracked);
    this.#follow(tracked, promise, done).catch((error: unknown) => {
      this.violation(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    });
  }

  /** Nobody waits any more for what is pending. */
  abandon(): void {
    this.#pending.clear();
  }

  /** Something that must not be. */
  violation(text: string): void {
    this.#violations.push(text);
  }

  /** Throws when a promise has not settled, settled late, or rejected with something odd. */
  check(): void {
    const hanging = [...this.#pending].map(
      ({ name, startedAt }) => `${name} (since ${(this.#now() - startedAt) / 1000} s)`,
    );
    assert.deepEqual(hanging, [], 'operations that never settle');
    assert.deepEqual(this.#violations, []);
  }

  async #follow<T>(
    tracked: Tracked,
    promise: Promise<T>,
    done: (outcome: { readonly value: T } | { readonly error: Error }) => void,
  ): Promise<void> {
    const outcome = await outcomeOf(promise);
    if (!this.#pending.has(tracked)) return;
    this.#settle(tracked);
    if ('error' in outcome) {
      if (!(outcome.error instanceof Error) || !DunlinError.is(outcome.error)) throw outcome.error;
      done({ error: outcome.error });
    } else {
      this.succeeded += 1;
      done(outcome);
    }
  }

  #settle(tracked: Tracked): void {
    this.#pending.delete(tracked);
    this.settled += 1;
    const late = this.#now() - tracked.dueAt;
    if (late > storeLatency) this.#violations.push(`${tracked.name} settles ${late} ms too late`);
  }
}

async function outcomeOf<T>(
  promise: Promise<T>,
): Promise<{ readonly value: T } | { readonly error: unknown }> {
  try {
    return { value: await promise };
  } catch (error) {
    return { error };
  }
}
