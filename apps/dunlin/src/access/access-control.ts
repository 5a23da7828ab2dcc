import type { Role } from '@dunlin/api';
import {
  addDuration,
  type Instant,
  instantFrom,
  milliseconds,
  type Signal,
  SignalSource,
} from '@dunlin/base';

import type { AccessStore, AddOutcome, ChangeOutcome, Session, Token, User } from './access-store.ts';
import { findFixedToken, type FixedToken } from './fixed-token.ts';
import type { PasswordHash } from './password-hash.ts';
import type { Principal } from './principal.ts';
import { newAccessId, newPassword, newSecretText, secretHash, tokenPrefix } from './secret-text.ts';
import type { SignInLimits } from './sign-in-limits.ts';
import { SignInLinks } from './sign-in-links.ts';

/** How long sessions last, in milliseconds. */
export interface SessionTimes {
  /** Without a request. */
  readonly idle: number;
  /** In all, however much it is used. */
  readonly lifetime: number;
}

/** How exactly is kept when a session or token was used: not every request shall write to the disk. */
const usedResolution = 60_000;

export interface AccessControlOptions {
  readonly store: AccessStore;
  readonly passwords: PasswordHash;
  readonly limits: SignInLimits;
  readonly now: () => Instant;
  readonly fixedTokens?: readonly FixedToken[];
  readonly times: SessionTimes;
}

/** Where a request comes from. */
export interface RequestOrigin {
  readonly from: string;
  readonly userAgent: string | undefined;
}

/** What became of a sign-in. */
export type SignInOutcome =
  /** `secret` is what the browser is to show with each request. */
  | { readonly kind: 'signed-in'; readonly secret: string; readonly session: Session }
  | { readonly kind: 'refused' }
  /** It may be tried again after so many seconds. */
  | { readonly kind: 'later'; readonly retryAfter: number };

/** Sessions and tokens that prove nothing any more, or not the same. */
export interface AccessEnded {
  readonly kind: Principal['kind'];
  readonly id: string;
}

/** Says who somebody is, and lets people sign in. */
export class AccessControl {
  readonly store: AccessStore;
  readonly fixedTokens: readonly FixedToken[];
  readonly times: SessionTimes;
  readonly #passwords: PasswordHash;
  readonly #limits: SignInLimits;
  readonly #links: SignInLinks;
  readonly #now: () => Instant;
  readonly #ended = new SignalSource<AccessEnded>();

  constructor(options: Readonly<AccessControlOptions>) {
    this.store = options.store;
    this.fixedTokens = options.fixedTokens ?? [];
    this.times = options.times;
    this.#passwords = options.passwords;
    this.#limits = options.limits;
    this.#links = new SignInLinks(options.now);
    this.#now = options.now;
  }

  /** Tells whose streams are to end. */
  get ended(): Signal<AccessEnded> {
    return this.#ended;
  }

  /** Who has a token. */
  async ofToken(text: string, from: string): Promise<Principal | undefined> {
    const hash = secretHash(text);
    const fixed = findFixedToken(this.fixedTokens, hash, from);
    if (fixed !== undefined) return fixed;
    const token = await this.store.findToken(hash);
    if (token === undefined || isOver(token.expiresAt, this.#now())) return undefined;
    if (this.#isLongAgo(token.usedAt)) await this.store.touchToken(token.id, this.#now());
    return tokenPrincipal(token);
  }

  /** Who has a session. */
  async ofSession(secret: string): Promise<Principal | undefined> {
    const session = await this.store.findSession(secretHash(secret));
    if (session === undefined) return undefined;
    if (this.#isSessionOver(session)) {
      await this.store.removeSession(session.id);
      return undefined;
    }
    if (this.#isLongAgo(session.usedAt)) await this.store.touchSession(session.id, this.#now());
    return sessionPrincipal(session);
  }

  /** False once somebody's session or token ended or expired. */
  async isStillThere({ kind, id }: Principal): Promise<boolean> {
    if (kind === 'session') {
      const session = await this.store.session(id);
      return session !== undefined && !this.#isSessionOver(session);
    }
    if (this.fixedTokens.some(({ principal }) => principal.id === id)) return true;
    const token = await this.store.token(id);
    return token !== undefined && !isOver(token.expiresAt, this.#now());
  }

  /** It takes as long for a user that there is as for one that there is not. */
  async signIn(
    { name, password }: { readonly name: string; readonly password: string },
    origin: RequestOrigin,
  ): Promise<SignInOutcome> {
    const checked = await this.#checkPassword(name, password, origin.from);
    return checked.kind === 'right' ? this.#begin(checked.user, origin) : checked;
  }

  /** A link that signs a user in, once and soon: its code. */
  newLink(user: string): string {
    return this.#links.create(user);
  }

  async signInByLink(code: string, origin: RequestOrigin): Promise<SignInOutcome> {
    const name = this.#links.take(code);
    const user = name === undefined ? undefined : await this.store.user(name);
    return user === undefined ? { kind: 'refused' } : this.#begin(user, origin);
  }

  /** Changes the password of who has a session, which goes on under another secret; the user's other sessions end. */
  async changeOwnPassword(
    principal: Principal,
    { current, next }: { readonly current: string; readonly next: string },
    origin: RequestOrigin,
  ): Promise<SignInOutcome> {
    const checked = await this.#checkPassword(principal.name, current, origin.from);
    if (checked.kind !== 'right') return checked;
    await this.setPassword(principal.name, next);
    return this.#begin(checked.user, origin);
  }

  /** Ends every session of the user. */
  async setPassword(name: string, password: string): Promise<void> {
    await this.store.setPasswordHash(name, await this.#passwords.make(password));
    await this.endSessionsOf(name);
  }

  async endSession(id: string): Promise<boolean> {
    const wasThere = await this.store.removeSession(id);
    this.#ended.emit({ kind: 'session', id });
    return wasThere;
  }

  async endSessionsOf(name: string): Promise<void> {
    for (const id of await this.store.removeSessionsOf(name)) this.#ended.emit({ kind: 'session', id });
  }

  /** Without a password one is made. */
  async addUser(
    name: string,
    role: Role,
    given?: string,
  ): Promise<
    | { readonly kind: 'added'; readonly user: User; readonly password: string | undefined }
    | Exclude<AddOutcome, { readonly kind: 'added' }>
  > {
    const user: User = { name, role, createdAt: this.#now(), signedInAt: undefined };
    const made = given === undefined ? newPassword() : undefined;
    const outcome = await this.store.addUser(user, await this.#passwords.make(given ?? made ?? ''));
    return outcome.kind === 'added' ? { kind: 'added', user, password: made } : outcome;
  }

  /** What the user may do changes at once; streams begin anew with it. */
  async setRole(name: string, role: Role): Promise<ChangeOutcome> {
    const outcome = await this.store.setRole(name, role);
    if (outcome !== 'changed') return outcome;
    const sessions = await this.store.sessions({ user: name, limit: 1000 });
    for (const { id } of sessions) this.#ended.emit({ kind: 'session', id });
    return outcome;
  }

  async removeUser(name: string): Promise<ChangeOutcome> {
    const sessions = await this.store.sessions({ user: name, limit: 1000 });
    const outcome = await this.store.removeUser(name);
    if (outcome === 'changed') for (const { id } of sessions) this.#ended.emit({ kind: 'session', id });
    return outcome;
  }

  async addToken(
    input: { readonly name: string; readonly role: Role; readonly lifetime: number | undefined },
    createdBy: string,
  ): Promise<
    | { readonly kind: 'added'; readonly token: Token; readonly secret: string }
    | Exclude<AddOutcome, { readonly kind: 'added' }>
  > {
    const { name, role, lifetime } = input;
    const createdAt = this.#now();
    const expiresAt = lifetime === undefined ? undefined : addDuration(createdAt, milliseconds(lifetime));
    const token = { id: newAccessId(), name, role, createdAt, createdBy, expiresAt, usedAt: undefined };
    const secret = `${tokenPrefix}${newSecretText()}`;
    const outcome = await this.store.addToken(token, secretHash(secret));
    return outcome.kind === 'added' ? { kind: 'added', token, secret } : outcome;
  }

  async removeToken(id: string): Promise<Token | undefined> {
    const removed = await this.store.removeToken(id);
    if (removed !== undefined) this.#ended.emit({ kind: 'token', id });
    return removed;
  }

  /** True when it is the user's password; a hash with the costs of another time is made anew. */
  async isPassword(name: string, password: string): Promise<boolean> {
    const check = await this.#passwords.check(password, await this.store.passwordHash(name));
    if (check.kind !== 'right') return false;
    if (check.upgraded !== undefined) await this.store.setPasswordHash(name, check.upgraded);
    return true;
  }

  async #checkPassword(
    name: string,
    password: string,
    from: string,
  ): Promise<
    { readonly kind: 'right'; readonly user: User } | Exclude<SignInOutcome, { readonly kind: 'signed-in' }>
  > {
    const retryAfter = this.#limits.attempt(from, name);
    if (retryAfter > 0) return { kind: 'later', retryAfter };
    const check = await this.#passwords.check(password, await this.store.passwordHash(name));
    if (check.kind === 'busy') return { kind: 'later', retryAfter: 5 };
    const user = await this.store.user(name);
    if (check.kind === 'wrong' || user === undefined) return { kind: 'refused' };
    this.#limits.succeeded(from, name);
    if (check.upgraded !== undefined) await this.store.setPasswordHash(user.name, check.upgraded);
    return { kind: 'right', user };
  }

  async #begin({ name, role }: User, { from, userAgent }: RequestOrigin): Promise<SignInOutcome> {
    const now = this.#now();
    await this.store.removeSessionsBefore({ usedBefore: instantFrom(now - this.times.idle), now });
    const secret = newSecretText();
    const session: Session = {
      id: newAccessId(),
      user: name,
      role,
      createdAt: now,
      usedAt: now,
      expiresAt: addDuration(now, milliseconds(this.times.lifetime)),
      from,
      userAgent: userAgent?.slice(0, 200),
    };
    await this.store.addSession(session, secretHash(secret));
    return { kind: 'signed-in', secret, session };
  }

  #isSessionOver({ usedAt, expiresAt }: Session): boolean {
    const now = this.#now();
    return isOver(expiresAt, now) || usedAt + this.times.idle <= now;
  }

  #isLongAgo(usedAt: Instant | undefined): boolean {
    return usedAt === undefined || this.#now() - usedAt >= usedResolution;
  }
}

export function sessionPrincipal({ id, user, role, expiresAt }: Session): Principal {
  return { kind: 'session', id, name: user, role, expiresAt };
}

function tokenPrincipal({ id, name, role, expiresAt }: Token): Principal {
  return { kind: 'token', id, name, role, expiresAt };
}

function isOver(expiresAt: Instant | undefined, now: Instant): boolean {
  return expiresAt !== undefined && expiresAt <= now;
}
