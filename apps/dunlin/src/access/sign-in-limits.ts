import { isIPv6 } from 'node:net';

import { isLoopback } from '../config/socket-address.ts';
import type { AllowanceLimits } from '../events/allowance.ts';
import { KeyedAllowance } from './keyed-allowance.ts';

/** How often passwords may be tried in vain. */
interface SignInLimitOptions {
  /** From one address: a person who mistypes, and then two guesses a minute. */
  readonly perSource: AllowanceLimits;
  /** For one user, from everywhere but where the user signed in before: then 1,440 guesses a day. */
  readonly perUser: AllowanceLimits;
  /** Addresses and users that are remembered. */
  readonly remembered: number;
}

const signInLimitsDefaults: SignInLimitOptions = {
  perSource: { burst: 10, perSecond: 1 / 30 },
  perUser: { burst: 20, perSecond: 1 / 60 },
  remembered: 10_000,
};

/**
 * Slows down who guesses passwords. Nobody is locked out for good, and strangers lock nobody out: what they use up for a
 * user does not count for this machine and for addresses that the user signed in from since the server started.
 */
export class SignInLimits {
  readonly #sources: KeyedAllowance;
  readonly #users: KeyedAllowance;
  readonly #remembered: number;
  readonly #known = new Set<string>();

  /** `clock` gives milliseconds and never runs backwards. */
  constructor(clock: () => number, options: Partial<SignInLimitOptions> = {}) {
    const { perSource, perUser, remembered } = { ...signInLimitsDefaults, ...options };
    this.#sources = new KeyedAllowance(clock, perSource, remembered);
    this.#users = new KeyedAllowance(clock, perUser, remembered);
    this.#remembered = remembered;
  }

  /** Whole seconds until a password may be tried; 0 when it may now, and then this try counts until it succeeds. */
  attempt(from: string, user: string): number {
    const source = sourceOf(from);
    const name = nameOf(user);
    const countsForUser = !isLoopback(from) && !this.#known.has(pairOf(source, name));
    const wait = Math.max(this.#sources.wait(source), countsForUser ? this.#users.wait(name) : 0);
    if (wait > 0) return wait;
    this.#sources.take(source);
    if (countsForUser) this.#users.take(name);
    return 0;
  }

  /**
   * The password was right, so that the try does not count. Those before it still do: else whoever has an account of his own
   * could sign in between guesses for another, and guess on for ever.
   */
  succeeded(from: string, user: string): void {
    const source = sourceOf(from);
    this.#sources.giveBack(source);
    const pair = pairOf(source, nameOf(user));
    this.#known.delete(pair);
    this.#known.add(pair);
    if (this.#known.size <= this.#remembered) return;
    const [oldest] = this.#known;
    if (oldest !== undefined) this.#known.delete(oldest);
  }
}

/** Whoever has an IPv6 address has the 2^64 beside it as well (RFC 4291 §2.5.4). */
function sourceOf(address: string): string {
  if (!isIPv6(address) || address.startsWith('::')) return address;
  return address.split(':').slice(0, 4).join(':');
}

/** Longer names belong to nobody, and shall not fill the memory. */
function nameOf(user: string): string {
  return user.slice(0, 64).toLowerCase();
}

function pairOf(source: string, name: string): string {
  return `${source} ${name}`;
}
