import { addDuration, type Instant, type Milliseconds, milliseconds } from '@dunlin/base';

/** A client in queue mode fell asleep towards a Server, or woke up. */
export interface QueueModeEvent {
  readonly kind: 'asleep' | 'awake';
  readonly shortServerId: number;
}

/** MAX_TRANSMIT_WAIT (RFC 7252 §4.8.2): the shortest time that a client is awake after it sent something. */
export const awakeWindowDefault: Milliseconds = milliseconds(93_000);

/**
 * When a client in queue mode listens to a Server: so long after each message that it sent. In other binding
 * modes it always does.
 */
export class AwakeWindow {
  readonly #duration: Milliseconds;
  readonly #isQueueing: () => boolean;
  #endsAt: Instant | undefined;
  #isAsleep = false;

  /** `isQueueing`: whether the binding mode has a Q at the moment. */
  constructor(duration: Milliseconds, isQueueing: () => boolean) {
    this.#duration = duration;
    this.#isQueueing = isQueueing;
  }

  /** True while the client neither listens to the Server nor sends to it. */
  get isAsleep(): boolean {
    return this.#isAsleep;
  }

  /** When `review` has something to do. */
  get deadline(): Instant | undefined {
    return this.#isAsleep || !this.#isQueueing() ? undefined : this.#endsAt;
  }

  /** The client sent something: true when that woke it. */
  sent(now: Instant): boolean {
    const wasAsleep = this.#isAsleep;
    this.#isAsleep = false;
    this.#endsAt = addDuration(now, this.#duration);
    return wasAsleep;
  }

  /** Falls asleep when it is time, and wakes when the mode is another one: says what happened, if anything. */
  review(now: Instant): QueueModeEvent['kind'] | undefined {
    const isDue = this.#isQueueing() && this.#endsAt !== undefined && now >= this.#endsAt;
    if (isDue === this.#isAsleep) return undefined;
    this.#isAsleep = isDue;
    return isDue ? 'asleep' : 'awake';
  }
}
