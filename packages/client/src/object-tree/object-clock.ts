import type { Instant } from '@dunlin/base';

/** What an Object does of its own accord when its time has come. */
export interface ObjectClock {
  /** When `wake` has something to do; `undefined` for never. */
  readonly deadline: Instant | undefined;
  /** Does what is due. */
  wake(now: Instant): void;
}
