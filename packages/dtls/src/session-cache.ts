import { addDuration, type Instant, type Milliseconds, milliseconds, Secret } from '@dunlin/base';

import { packBytes } from './packed-bytes.ts';
import type { Session } from './session.ts';

/** How many sessions are remembered and for how long. */
export interface SessionCacheLimits {
  /** The most sessions; the one that was not used for longest makes room. */
  readonly maxSessions: number;
  /** How long after its full handshake a session may be resumed. */
  readonly maxLifetime: Milliseconds;
}

/** A session is about half a kilobyte; a day is the longest that RFC 5246 §F.1.4 advises. */
export const sessionCacheDefaults: SessionCacheLimits = {
  maxSessions: 10_000,
  maxLifetime: milliseconds(24 * 60 * 60 * 1000),
};

/**
 * The sessions of a server that may be resumed, by session id. The cache has its own copies of master secrets and
 * overwrites them when a session leaves it.
 */
export class SessionCache {
  readonly #limits: SessionCacheLimits;
  /** By packed session id, the least recently used first. */
  readonly #sessions: Map<string, Omit<Session, 'id'>> = new Map();

  constructor(limits: Readonly<Partial<SessionCacheLimits>> = {}) {
    this.#limits = { ...sessionCacheDefaults, ...limits };
  }

  /** How many sessions are remembered. */
  get size(): number {
    return this.#sessions.size;
  }

  /**
   * Remembers a session in place of the one of the same id. One that has no id or whose master secret is not bound to
   * its handshake is not resumed by anybody (RFC 7627 §5.3), so it is not remembered.
   */
  remember(session: Session, now: Instant): void {
    const { id, ...others } = session;
    const key = packBytes(id);
    this.#remove(key);
    if (id.length === 0 || !session.hasExtendedMasterSecret || this.#isExpired(session, now)) return;
    this.#sessions.set(key, { ...others, masterSecret: copyOf(session.masterSecret) });
    for (const [oldest, candidate] of this.#sessions) {
      if (this.#sessions.size <= this.#limits.maxSessions && !this.#isExpired(candidate, now)) break;
      this.#remove(oldest);
    }
  }

  /** A copy of the session, which the caller destroys, or `undefined` when there is none or it has expired. */
  find(id: Uint8Array, now: Instant): Session | undefined {
    const key = packBytes(id);
    const session = this.#sessions.get(key);
    if (session === undefined) return undefined;
    if (this.#isExpired(session, now)) {
      this.#remove(key);
      return undefined;
    }
    this.#sessions.delete(key);
    this.#sessions.set(key, session);
    return { ...session, id: id.slice(), masterSecret: copyOf(session.masterSecret) };
  }

  /** Forgets a session, as after a fatal alert on one of its associations (RFC 5246 §7.2.2). */
  forget(id: Uint8Array): void {
    this.#remove(packBytes(id));
  }

  /** Forgets every session that this credential vouched for, and says how many there were. */
  revoke(credentialId: string): number {
    const before = this.#sessions.size;
    for (const [key, session] of this.#sessions) if (session.credentialId === credentialId) this.#remove(key);
    return before - this.#sessions.size;
  }

  /** Forgets all sessions. */
  clear(): void {
    for (const key of this.#sessions.keys()) this.#remove(key);
  }

  #remove(key: string): void {
    this.#sessions.get(key)?.masterSecret.destroy();
    this.#sessions.delete(key);
  }

  #isExpired(session: Pick<Session, 'establishedAt'>, now: Instant): boolean {
    return addDuration(session.establishedAt, this.#limits.maxLifetime) <= now;
  }
}

function copyOf(secret: Secret): Secret {
  return new Secret(secret.reveal().slice());
}
