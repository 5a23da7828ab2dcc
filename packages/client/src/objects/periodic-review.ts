import {
  addDuration,
  type Instant,
  instantFrom,
  type Seconds,
  type Signal,
  SignalSource,
  toMilliseconds,
} from '@dunlin/base';
import type { ResourcePath } from '@dunlin/lwm2m';

import type { ObjectClock } from '../object-tree/object-clock.ts';

/** Lets values that nobody tells the changes of be looked at every now and then, so that their observers hear of them. */
export class PeriodicReview implements ObjectClock {
  readonly #paths: readonly ResourcePath[];
  readonly #interval: Seconds;
  readonly #changed = new SignalSource<readonly ResourcePath[]>();
  #deadline: Instant = instantFrom(0);

  constructor(paths: readonly ResourcePath[], interval: Seconds) {
    this.#paths = paths;
    this.#interval = interval;
  }

  /** Fires with all paths at each review; only what became another value is notified. */
  get changed(): Signal<readonly ResourcePath[]> {
    return this.#changed;
  }

  get deadline(): Instant {
    return this.#deadline;
  }

  wake(now: Instant): void {
    if (now < this.#deadline) return;
    this.#deadline = addDuration(now, toMilliseconds(this.#interval));
    this.#changed.emit(this.#paths);
  }
}
