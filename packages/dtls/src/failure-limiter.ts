import { durationBetween, type Instant, milliseconds, type Milliseconds } from '@dunlin/base';

import { hostOf } from './peer-host.ts';

/** How often handshakes from one host may fail; see `failureLimitsDefaults`. */
export interface FailureLimits {
  /** After so many failures within the window the host is passed over until the window ends. */
  readonly maxFailures: number;
  readonly window: Milliseconds;
  /** Of how many hosts failures are counted; the oldest count makes room. */
  readonly maxHosts: number;
}

/** Behind one address there may be many devices; guessing keys gains nothing at this rate. */
export const failureLimitsDefaults: FailureLimits = {
  maxFailures: 60,
  window: milliseconds(60_000),
  maxHosts: 10_000,
};

/** Counts failed handshakes by host, so that whoever tries keys or identities is slowed down. */
export class FailureLimiter {
  readonly #limits: FailureLimits;
  /** In the order in which their windows began. */
  readonly #counts = new Map<string, { failures: number; readonly since: Instant }>();

  constructor(limits: FailureLimits) {
    this.#limits = limits;
  }

  /** Notes a failed handshake with the host of an address. */
  note(address: string, now: Instant): void {
    const host = hostOf(address);
    const current = this.#current(host, now);
    if (current !== undefined) {
      current.failures += 1;
      return;
    }
    for (const oldest of this.#counts.keys()) {
      if (this.#counts.size < this.#limits.maxHosts) break;
      this.#counts.delete(oldest);
    }
    this.#counts.set(host, { failures: 1, since: now });
  }

  /** True when the host of an address is to be passed over. */
  isBlocked(address: string, now: Instant): boolean {
    return (this.#current(hostOf(address), now)?.failures ?? 0) >= this.#limits.maxFailures;
  }

  #current(host: string, now: Instant): { failures: number } | undefined {
    const count = this.#counts.get(host);
    if (count === undefined || durationBetween(count.since, now) < this.#limits.window) return count;
    this.#counts.delete(host);
    return undefined;
  }
}
