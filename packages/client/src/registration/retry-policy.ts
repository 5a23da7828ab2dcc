import { type Milliseconds, milliseconds, type Random } from '@dunlin/base';

/** When a client tries again to reach a Server. The text of 1.0 leaves all of it open. */
export interface RetryPolicy {
  /** After the first attempt in a row without an answer; doubles with each further one. */
  readonly firstDelay: Milliseconds;
  /** What the doubling ends at. */
  readonly maxDelay: Milliseconds;
  /** After a refusal: a Server that said no (4.xx) does so again until somebody acts. */
  readonly refusedDelay: Milliseconds;
  /** How long to wait for the answer to a Deregister before going on without it. */
  readonly deregisterTimeout: Milliseconds;
}

/**
 * 4 s is more than ACK_TIMEOUT · ACK_RANDOM_FACTOR; ten minutes bound the silence after an outage of a Server
 * and the load that a fleet lays on it; 5 s let a Deregister be transmitted twice (RFC 7252 §4.8).
 */
export const retryPolicyDefaults: RetryPolicy = {
  firstDelay: milliseconds(4000),
  maxDelay: milliseconds(600_000),
  refusedDelay: milliseconds(600_000),
  deregisterTimeout: milliseconds(5000),
};

/** The delay after attempt number `attempt` (1 is the first) had no answer: exponential, bounded, and spread. */
export function retryDelay(policy: RetryPolicy, attempt: number, random: Random): Milliseconds {
  const exponential = policy.firstDelay * 2 ** Math.min(attempt - 1, 30);
  return spread(milliseconds(Math.min(exponential, policy.maxDelay)), random);
}

/** Somewhere in the second half of the delay, so that a fleet does not come back at once. */
export function spread(delay: Milliseconds, random: Random): Milliseconds {
  return milliseconds(delay / 2 + (random.fraction() * delay) / 2);
}

/** At the delay a Server asked for, or up to a quarter later (RFC 7252 §5.9.3.4). */
export function atLeast(delay: Milliseconds, random: Random): Milliseconds {
  return milliseconds(delay + (random.fraction() * delay) / 4);
}
