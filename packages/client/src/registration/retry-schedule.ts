import { type Milliseconds, type Random, seconds, toMilliseconds } from '@dunlin/base';
import { type IncomingResponse, ResponseCode } from '@dunlin/coap';

import type { RegistrationFailure } from './registration-failure.ts';
import { atLeast, refusedDelay, retryDelay, type RetryPolicy } from './retry-policy.ts';

/** Max-Age of a response that has none (RFC 7252 §5.10.5). */
const defaultMaxAge = seconds(60);

/**
 * When to try next to be registered with one Server, by the failures since it last accepted us. Refusals and silence
 * count apart: a Server that was out of reach for long may refuse for a moment, and the other way round.
 */
export class RetrySchedule {
  readonly #policy: RetryPolicy;
  readonly #random: Random;
  #refusals = 0;
  #silences = 0;

  constructor(policy: RetryPolicy, random: Random) {
    this.#policy = policy;
    this.#random = random;
  }

  /** The Server accepted us: the next failure is a first one. */
  succeeded(): void {
    this.#refusals = 0;
    this.#silences = 0;
  }

  /** How long to wait after one more failure; `response` when that was the reason. */
  failed({ problem }: RegistrationFailure, response: IncomingResponse | undefined): Milliseconds {
    if (asksForTime(response)) {
      return atLeast(toMilliseconds(seconds(response?.maxAge ?? defaultMaxAge)), this.#random);
    }
    switch (problem) {
      case 'refused':
      case 'unauthenticated':
      case 'unsupported-version':
      case 'forbidden':
      case 'protocol':
        this.#refusals += 1;
        return refusedDelay(this.#policy, this.#refusals, this.#random);
      case 'no-answer':
      case 'association-lost':
      case 'unresolved':
      case 'unavailable':
      case 'expired':
        this.#silences += 1;
        return retryDelay(this.#policy, this.#silences, this.#random);
    }
  }
}

/** 5.03 and 4.29 say when to come back (RFC 7252 §5.9.3.4, RFC 8516 §2). */
export function asksForTime(response: IncomingResponse | undefined): boolean {
  return (
    response?.code === ResponseCode.serviceUnavailable || response?.code === ResponseCode.tooManyRequests
  );
}
