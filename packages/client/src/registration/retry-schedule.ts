import { type Milliseconds, type Random, seconds, toMilliseconds } from '@dunlin/base';
import { type IncomingResponse, ResponseCode } from '@dunlin/coap';

import type { RegistrationFailure } from './registration-failure.ts';
import { atLeast, retryDelay, type RetryPolicy, spread } from './retry-policy.ts';

/** Max-Age of a response that has none (RFC 7252 §5.10.5). */
const defaultMaxAge = seconds(60);

/** When to try next to be registered with one Server, by the failures in a row so far. */
export class RetrySchedule {
  readonly #policy: RetryPolicy;
  readonly #random: Random;
  #failures = 0;

  constructor(policy: RetryPolicy, random: Random) {
    this.#policy = policy;
    this.#random = random;
  }

  /** The Server accepted us: the next failure is a first one. */
  succeeded(): void {
    this.#failures = 0;
  }

  /** How long to wait after one more failure; `response` when that was the reason. */
  failed({ problem }: RegistrationFailure, response: IncomingResponse | undefined): Milliseconds {
    this.#failures += 1;
    if (asksForTime(response)) {
      return atLeast(toMilliseconds(seconds(response?.maxAge ?? defaultMaxAge)), this.#random);
    }
    switch (problem) {
      case 'refused':
      case 'unauthenticated':
      case 'unsupported-version':
      case 'forbidden':
      case 'protocol':
        return spread(this.#policy.refusedDelay, this.#random);
      case 'no-answer':
      case 'association-lost':
      case 'unresolved':
      case 'unavailable':
      case 'expired':
        return retryDelay(this.#policy, this.#failures, this.#random);
    }
  }
}

/** 5.03 and 4.29 say when to come back (RFC 7252 §5.9.3.4, RFC 8516 §2). */
export function asksForTime(response: IncomingResponse | undefined): boolean {
  return (
    response?.code === ResponseCode.serviceUnavailable || response?.code === ResponseCode.tooManyRequests
  );
}
