import { instantFrom, UsageError } from '@dunlin/base';
import { type Content, type TimestampedContent, unixTimeOf } from '@dunlin/lwm2m';

import type { NotificationFacts } from './active-observation.ts';
import type { NotificationConsumer } from './notification-consumer.ts';
import type { Notification, Observation } from './observation.ts';
import { AbortListener } from './pending-request.ts';

/** What reading a content as a value gives: the value, or why it is none. */
export type ContentReading<T> =
  | { readonly kind: 'value'; readonly value: T }
  | { readonly kind: 'unreadable'; readonly reason: string };

interface Waiter<T> {
  readonly resolve: (result: IteratorResult<Notification<T>, undefined>) => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * The notifications of one observation as an async iterable. Keeps a bounded number for a slow consumer:
 * when it is full the oldest goes and is counted, as a newer state is worth more than an older one.
 */
export class ObservationStream<T> implements Observation<T>, NotificationConsumer {
  readonly path: string;
  readonly #read: (content: Content) => ContentReading<T>;
  readonly #capacity: number;
  readonly #cancel: () => void;
  readonly #abort: AbortListener;
  readonly #start = Promise.withResolvers<Notification<T>>();
  #buffer: Notification<T>[] = [];
  readonly #waiters: Waiter<T>[] = [];
  #first: Notification<T> | undefined;
  #end: { readonly error?: unknown } | undefined;
  #dropped = 0;

  constructor(facts: {
    readonly path: string;
    readonly read: (content: Content) => ContentReading<T>;
    readonly capacity: number;
    /** Called once, when the consumer or its signal is the one who ends it. */
    readonly cancel: () => void;
    readonly signal: AbortSignal | undefined;
  }) {
    this.path = facts.path;
    this.#read = facts.read;
    this.#capacity = facts.capacity;
    this.#cancel = facts.cancel;
    this.#abort = new AbortListener(facts.signal, (reason) => {
      if (this.#end !== undefined) return;
      this.fail(reason);
      this.#cancel();
    });
    // Whoever does not ask for `started` learns of a failure from `next`.
    this.#start.promise.catch(() => {});
  }

  get dropped(): number {
    return this.#dropped;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<Notification<T>, undefined>> {
    const buffered = this.#buffer.shift();
    if (buffered !== undefined) return Promise.resolve({ done: false, value: buffered });
    if (this.#end !== undefined) return this.#result(this.#end);
    const { promise, resolve, reject } = Promise.withResolvers<IteratorResult<Notification<T>, undefined>>();
    this.#waiters.push({ resolve, reject });
    return promise;
  }

  return(): Promise<IteratorResult<Notification<T>, undefined>> {
    const isOver = this.#end !== undefined;
    this.#buffer = [];
    this.finish();
    if (!isOver) this.#cancel();
    return Promise.resolve({ done: true, value: undefined });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  started(): Promise<Notification<T>> {
    return this.#start.promise;
  }

  deliver(contents: readonly TimestampedContent[], facts: NotificationFacts): string | undefined {
    const notifications: Notification<T>[] = [];
    for (const [index, timestamped] of contents.entries()) {
      const reading = this.#read(timestamped.content);
      if (reading.kind === 'unreadable') return reading.reason;
      notifications.push({
        value: reading.value,
        time:
          timestamped.time === undefined
            ? facts.time
            : instantFrom(unixTimeOf(timestamped, facts.time / 1000) * 1000),
        isFresh: facts.isFresh && index === 0,
      });
    }
    this.#first ??= notifications[0];
    for (const notification of notifications.reverse()) this.#push(notification);
    return undefined;
  }

  begun(): void {
    if (this.#first !== undefined) this.#start.resolve(this.#first);
  }

  finish(): void {
    this.#close({});
  }

  fail(reason: unknown): void {
    this.#close({ error: reason });
  }

  #push(notification: Notification<T>): void {
    if (this.#end !== undefined) return;
    const waiter = this.#waiters.shift();
    if (waiter !== undefined) {
      waiter.resolve({ done: false, value: notification });
      return;
    }
    this.#buffer.push(notification);
    if (this.#buffer.length <= this.#capacity) return;
    this.#buffer.shift();
    this.#dropped += 1;
  }

  #close(end: { readonly error?: unknown }): void {
    if (this.#end !== undefined) return;
    this.#end = end;
    this.#abort[Symbol.dispose]();
    const failure =
      'error' in end ? end.error : new UsageError('the observation was cancelled before it began');
    this.#start.reject(failure);
    const waiters = this.#waiters.splice(0);
    for (const { resolve, reject } of waiters) {
      if ('error' in end) reject(end.error);
      else resolve({ done: true, value: undefined });
    }
  }

  /** An error is told once; afterwards there is simply nothing more. */
  #result(end: { readonly error?: unknown }): Promise<IteratorResult<Notification<T>, undefined>> {
    if (!('error' in end)) return Promise.resolve({ done: true, value: undefined });
    this.#end = {};
    return Promise.reject(end.error);
  }
}
