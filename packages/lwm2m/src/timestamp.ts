import type { TimestampedContent } from './content.ts';

/**
 * The Unix time of content in seconds, given the Unix time now: its own when it is positive, that much
 * before now when it is negative, and now when it has none (R-1134).
 */
export function unixTimeOf(timestamped: TimestampedContent, now: number): number {
  const { time = 0 } = timestamped;
  return time > 0 ? time : now + time;
}
