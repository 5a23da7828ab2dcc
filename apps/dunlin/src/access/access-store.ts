import type { Role } from '@dunlin/api';
import type { Instant } from '@dunlin/base';

/** Somebody who may sign in. */
export interface User {
  readonly name: string;
  readonly role: Role;
  readonly createdAt: Instant;
  readonly signedInAt: Instant | undefined;
}

/** A session of a user in a browser, with the role that the user has now. */
export interface Session {
  /** A name for people and lists; it proves nothing. */
  readonly id: string;
  readonly user: string;
  readonly role: Role;
  readonly createdAt: Instant;
  readonly usedAt: Instant;
  readonly expiresAt: Instant;
  readonly from: string;
  readonly userAgent: string | undefined;
}

/** What a program proves itself with. */
export interface Token {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly createdAt: Instant;
  readonly createdBy: string;
  readonly expiresAt: Instant | undefined;
  readonly usedAt: Instant | undefined;
}

/** Where a page of a list begins, and how long it may be. */
export interface AccessPageRequest {
  /** The key of the last entry of the page before. */
  readonly after?: string | undefined;
  readonly limit: number;
}

/** What became of a user or token that was to be added. */
export type AddOutcome =
  | { readonly kind: 'added' }
  | { readonly kind: 'taken' }
  | { readonly kind: 'full'; readonly most: number };

/** What became of a change of a user. */
export type ChangeOutcome = 'changed' | 'unknown' | 'last-administrator';

/**
 * Users, their sessions, and tokens. Secrets are here as hashes only: passwords as what `PasswordHash` makes, those of
 * sessions and tokens as SHA-256. Names of users and tokens are the same in upper and lower case. What a method
 * changed is durable when it answers.
 */
export interface AccessStore extends AsyncDisposable {
  addUser(user: User, passwordHash: string): Promise<AddOutcome>;
  user(name: string): Promise<User | undefined>;
  passwordHash(name: string): Promise<string | undefined>;
  setPasswordHash(name: string, hash: string): Promise<void>;
  /** Leaves at least one administrator. */
  setRole(name: string, role: Role): Promise<ChangeOutcome>;
  /** Takes the sessions of the user along; leaves at least one administrator. */
  removeUser(name: string): Promise<ChangeOutcome>;
  /** Ordered by name. */
  users(request: AccessPageRequest): Promise<readonly User[]>;

  /** Notes that the user signed in, too. The user's oldest sessions give way when there are too many. */
  addSession(session: Session, secretHash: Uint8Array): Promise<void>;
  findSession(secretHash: Uint8Array): Promise<Session | undefined>;
  session(id: string): Promise<Session | undefined>;
  touchSession(id: string, usedAt: Instant): Promise<void>;
  removeSession(id: string): Promise<boolean>;
  /** Ends the sessions of a user except one. */
  removeSessionsOf(user: string, except?: string): Promise<readonly string[]>;
  /** Forgets sessions that are over. */
  removeSessionsBefore(expiry: { readonly usedBefore: Instant; readonly now: Instant }): Promise<void>;
  /** Ordered by id. */
  sessions(request: AccessPageRequest & { readonly user?: string | undefined }): Promise<readonly Session[]>;

  addToken(token: Token, secretHash: Uint8Array): Promise<AddOutcome>;
  findToken(secretHash: Uint8Array): Promise<Token | undefined>;
  token(id: string): Promise<Token | undefined>;
  touchToken(id: string, usedAt: Instant): Promise<void>;
  removeToken(id: string): Promise<Token | undefined>;
  /** Ordered by id. */
  tokens(request: AccessPageRequest): Promise<readonly Token[]>;
}

/** How much of each the store takes. */
export interface AccessLimits {
  /** An organisation with more people gives them roles in front of the server, by a proxy. */
  readonly users: number;
  /** Browsers of one person. */
  readonly sessionsPerUser: number;
  readonly tokens: number;
}

export const accessLimitsDefaults: AccessLimits = { users: 1000, sessionsPerUser: 20, tokens: 1000 };
