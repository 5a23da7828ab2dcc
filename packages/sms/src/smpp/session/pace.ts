import { addDuration, type Instant, instantFrom, milliseconds, type Random } from '@dunlin/base';

import { Backoff } from './backoff.ts';
import type { SmppLimits } from './smpp-options.ts';

/** When the next submission may leave: not more in a second than agreed, and none while the message centre wants a pause. */
export class Pace {
  readonly #limits: SmppLimits;
  readonly #pauses: Backoff;
  #nextAt: Instant = instantFrom(0);
  #pausedUntil: Instant = instantFrom(0);

  constructor(limits: SmppLimits, random: Random) {
    this.#limits = limits;
    this.#pauses = new Backoff(limits.firstThrottlePause, limits.longestThrottlePause, random);
  }

  /** When the next submission may leave. */
  get mayAt(): Instant {
    return this.#nextAt > this.#pausedUntil ? this.#nextAt : this.#pausedUntil;
  }

  sent(now: Instant): void {
    this.#nextAt = addDuration(now, milliseconds(1000 / this.#limits.transactionsPerSecond));
  }

  /** The message centre took one: it wants no more pauses. */
  accepted(): void {
    this.#pauses.reset();
  }

  /** The message centre wants a pause. What it says during one, of the rest of the window, is about the same pause. */
  throttled(now: Instant): void {
    if (now >= this.#pausedUntil) this.#pausedUntil = addDuration(now, this.#pauses.next());
  }
}
