import type { MaybePromise } from './registration-store.ts';

/** Goes on with a result at once when it is there, and when it comes otherwise. */
export function andThen<T, R>(result: MaybePromise<T>, next: (value: T) => MaybePromise<R>): MaybePromise<R> {
  // oxlint-disable-next-line promise/no-callback-in-promise -- this is what "at once or later" means
  return result instanceof Promise ? result.then(next) : next(result);
}

/**
 * Runs tasks with the same key one after the other. A task that is done at once, while nothing with its
 * key is under way, costs a map look-up.
 */
export class SerialTasks {
  readonly #tails = new Map<string, Promise<unknown>>();

  /** True while a task with this key is under way. */
  isBusy(key: string): boolean {
    return this.#tails.size > 0 && this.#tails.has(key);
  }

  run<T>(key: string, task: () => MaybePromise<T>): MaybePromise<T> {
    const tail = this.#tails.size === 0 ? undefined : this.#tails.get(key);
    const result = tail === undefined ? task() : tail.then(task, task);
    if (!(result instanceof Promise)) return result;
    this.#tails.set(key, result);
    const release = (): void => {
      if (this.#tails.get(key) === result) this.#tails.delete(key);
    };
    result.then(release, release);
    return result;
  }
}
