import type { Instant, Random } from '@dunlin/base';

import { now } from '../clock.ts';
import { DeadlineTimer } from '../deadline-timer.ts';
import { systemRandom } from '../entropy.ts';

/** A timer that follows a deadline. */
export interface FollowingTimer extends Disposable {
  /** Waits for `deadline` from now on, `undefined` for none. */
  arm(deadline: Instant | undefined): void;
}

/** The clock, the timers and the randomness of a binding for short messages: those of the system, or simulated ones. */
export interface SmsSurroundings {
  readonly random: Random;
  now(): Instant;
  /** A timer that calls `due` when its deadline has come, or somewhat earlier. */
  timer(due: (at: Instant) => void): FollowingTimer;
}

/** Those of the system. */
export function systemSurroundings(): SmsSurroundings {
  return { random: systemRandom(), now, timer: (due) => new DeadlineTimer(due) };
}
