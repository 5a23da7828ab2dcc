import { performance } from 'node:perf_hooks';

import { type Instant, instantFrom } from '@dunlin/base';

/**
 * The time of this process: the wall clock as it was at the start of the process, moved on by the
 * monotonic clock, so that it never runs backwards.
 */
export function now(): Instant {
  return instantFrom(performance.timeOrigin + performance.now());
}
