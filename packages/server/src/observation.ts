import type { Instant } from '@dunlin/base';

/** One notification as its consumer sees it. */
export interface Notification<T> {
  /** Typed for references; the newest `Content` for paths. */
  readonly value: T;
  /** When it was measured, as far as the device said; else when it arrived. */
  readonly time: Instant;
  /** False when a newer notification was delivered before (RFC 7641 §3.4), and for history. */
  readonly isFresh: boolean;
}

/** An observation of a device's Object, Object Instance or Resource. */
export interface Observation<T>
  extends AsyncIterableIterator<Notification<T>, undefined, void>, AsyncDisposable {
  readonly path: string;
  /** How many notifications were dropped because the consumer was slow. */
  readonly dropped: number;
  /** The first content, once the device observes; rejects when it does not. */
  started(): Promise<Notification<T>>;
  next(): Promise<IteratorResult<Notification<T>, undefined>>;
  return(): Promise<IteratorResult<Notification<T>, undefined>>;
}
