import { performance } from 'node:perf_hooks';
import { setTimeout as wait } from 'node:timers/promises';

/** How time passes for a case: as it does, or as a simulated network says. */
export interface Pace {
  /** Lets so many seconds pass. */
  pass(seconds: number): Promise<void>;
  /** Waits until the condition holds, for so many seconds at most: whether it does. */
  until(condition: () => boolean, seconds: number): Promise<boolean>;
  /** Seconds from any beginning. */
  elapsed(): number;
}

/** How often a condition is looked at, in milliseconds. */
const interval = 20;

/** Real time. */
export const realPace: Pace = {
  pass: (seconds) => wait(seconds * 1000),
  elapsed: () => performance.now() / 1000,
  async until(condition, seconds) {
    const end = performance.now() + seconds * 1000;
    while (!condition()) {
      if (performance.now() > end) return false;
      await wait(interval);
    }
    return true;
  },
};
