import { type Milliseconds, milliseconds, type Random } from '@dunlin/base';

/** When a client tries again to reach a Server. The text of 1.0 leaves all of it open. */
export interface RetryPolicy {
  /** After the first attempt in a row without an answer; doubles with each further one. */
  readonly firstDelay: Milliseconds;
  /** What the doubling ends at. */
  readonly maxDelay: Milliseconds;
  /**
   * After the first refusal in a row, by a response (4.xx) or in the handshake; doubles with each further one. Somebody
   * has to act first, and often does right now: the keys of a new device are on their way to the Server.
   */
  readonly firstRefusedDelay: Milliseconds;
  /** What that doubling ends at: nobody has acted for long. */
  readonly refusedDelay: Milliseconds;
  /** How long to wait for the answer to a Deregister before going on without it. */
  readonly deregisterTimeout: Milliseconds;
}

/**
 * 4 s is more than ACK_TIMEOUT · ACK_RANDOM_FACTOR; ten minutes bound the silence after an outage of a Server
 * and the load that a fleet lays on it; 30 s are two handshakes a minute at most for a key that may stay wrong, and
 * little to wait for who has just corrected it; 5 s let a Deregister be transmitted twice (RFC 7252 §4.8).
 */
export const retryPolicyDefaults: RetryPolicy = {
  firstDelay: milliseconds(4000),
  maxDelay: milliseconds(600_000),
  firstRefusedDelay: milliseconds(30_000),
  refusedDelay: milliseconds(600_000),
  deregisterTimeout: milliseconds(5000),
};

/** The delay after attempt number `attempt` (1 is the first) had no answer: exponential, bounded, and spread. */
export function retryDelay(policy: RetryPolicy, attempt: number, random: Random): Milliseconds {
  return growing(policy.firstDelay, policy.maxDelay, attempt, random);
}

/** The same after refusal number `attempt` in a row. */
export function refusedDelay(policy: RetryPolicy, attempt: number, random: Random): Milliseconds {
  return growing(policy.firstRefusedDelay, policy.refusedDelay, attempt, random);
}

/** At the delay a Server asked for, or up to a quarter later (RFC 7252 §5.9.3.4). */
export function atLeast(delay: Milliseconds, random: Random): Milliseconds {
  return milliseconds(delay + (random.fraction() * delay) / 4);
}

/** Somewhere in the second half of the delay, so that a fleet does not come back at once. */
function growing(first: Milliseconds, max: Milliseconds, attempt: number, random: Random): Milliseconds {
  const delay = Math.min(first * 2 ** Math.min(attempt - 1, 30), max);
  return milliseconds(delay / 2 + (random.fraction() * delay) / 2);
}
