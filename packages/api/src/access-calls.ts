import type { ApiCallOptions, ApiCalls } from './api-calls.ts';
import { type AuditPage, AuditPageSchema, type AuditQuery } from './audit-document.ts';
import {
  type IdentityDocument,
  IdentitySchema,
  type PasswordChange,
  type SessionPage,
  SessionPageSchema,
  type SessionQuery,
  type SignInInput,
} from './session-document.ts';
import {
  type TokenAdded,
  TokenAddedSchema,
  type TokenInput,
  type TokenPage,
  TokenPageSchema,
  type TokenQuery,
} from './token-document.ts';
import {
  type UserAdded,
  UserAddedSchema,
  type UserChange,
  type UserDocument,
  UserDocumentSchema,
  type UserInput,
  type UserPage,
  UserPageSchema,
  type UserQuery,
} from './user-document.ts';

/** Who may use the interface: sessions of browsers, users, and tokens of programs. */
export class AccessCalls {
  readonly #calls: ApiCalls;

  constructor(calls: ApiCalls) {
    this.#calls = calls;
  }

  /** Signs a user in, in a browser: the session is in a cookie that scripts do not see. */
  signIn(input: SignInInput, options: Readonly<ApiCallOptions> = {}): Promise<IdentityDocument> {
    return this.#calls.json(IdentitySchema, { method: 'POST', path: '/session', json: input, ...options });
  }

  /** As whom the server knows the caller; rejects with `unauthenticated` when it does not. */
  whoAmI(options: Readonly<ApiCallOptions> = {}): Promise<IdentityDocument> {
    return this.#calls.json(IdentitySchema, { method: 'GET', path: '/session', ...options });
  }

  /** Ends the session of the caller. */
  async signOut(options: Readonly<ApiCallOptions> = {}): Promise<void> {
    await this.#calls.call({ method: 'DELETE', path: '/session', ...options });
  }

  /** Changes the password of the user who calls, and ends the user's other sessions. */
  async changePassword(change: PasswordChange, options: Readonly<ApiCallOptions> = {}): Promise<void> {
    await this.#calls.call({ method: 'PUT', path: '/session/password', json: change, ...options });
  }

  /** Sessions: one's own, for administrators those of all users. */
  sessions(query: Readonly<SessionQuery> = {}, options: Readonly<ApiCallOptions> = {}): Promise<SessionPage> {
    const { user, after, limit } = query;
    return this.#calls.json(SessionPageSchema, {
      method: 'GET',
      path: '/sessions',
      query: { user, after, limit },
      ...options,
    });
  }

  /** Ends a session: one's own, for administrators anybody's. */
  async endSession(id: string, options: Readonly<ApiCallOptions> = {}): Promise<void> {
    const path = `/sessions/${encodeURIComponent(id)}`;
    await this.#calls.call({ method: 'DELETE', path, ...options });
  }

  users(query: Readonly<UserQuery> = {}, options: Readonly<ApiCallOptions> = {}): Promise<UserPage> {
    const { contains, after, limit } = query;
    return this.#calls.json(UserPageSchema, {
      method: 'GET',
      path: '/users',
      query: { contains, after, limit },
      ...options,
    });
  }

  addUser(input: UserInput, options: Readonly<ApiCallOptions> = {}): Promise<UserAdded> {
    return this.#calls.json(UserAddedSchema, { method: 'POST', path: '/users', json: input, ...options });
  }

  changeUser(
    name: string,
    change: UserChange,
    options: Readonly<ApiCallOptions> = {},
  ): Promise<UserDocument> {
    return this.#calls.json(UserDocumentSchema, {
      method: 'PATCH',
      path: userPath(name),
      json: change,
      ...options,
    });
  }

  /** Removes a user and ends the user's sessions. */
  async removeUser(name: string, options: Readonly<ApiCallOptions> = {}): Promise<void> {
    await this.#calls.call({ method: 'DELETE', path: userPath(name), ...options });
  }

  tokens(query: Readonly<TokenQuery> = {}, options: Readonly<ApiCallOptions> = {}): Promise<TokenPage> {
    const { contains, after, limit } = query;
    return this.#calls.json(TokenPageSchema, {
      method: 'GET',
      path: '/tokens',
      query: { contains, after, limit },
      ...options,
    });
  }

  /** Makes a token; nothing gives its secret again. */
  addToken(input: TokenInput, options: Readonly<ApiCallOptions> = {}): Promise<TokenAdded> {
    return this.#calls.json(TokenAddedSchema, { method: 'POST', path: '/tokens', json: input, ...options });
  }

  /** Removes a token: who has it may do nothing any more. */
  async removeToken(id: string, options: Readonly<ApiCallOptions> = {}): Promise<void> {
    await this.#calls.call({ method: 'DELETE', path: `/tokens/${encodeURIComponent(id)}`, ...options });
  }

  /** Who changed what, and was not allowed to; the newest first. */
  audit(query: Readonly<AuditQuery> = {}, options: Readonly<ApiCallOptions> = {}): Promise<AuditPage> {
    const { actor, action, endpoint, outcome, since, until, after, limit } = query;
    return this.#calls.json(AuditPageSchema, {
      method: 'GET',
      path: '/audit',
      query: { actor, action, endpoint, outcome, since, until, after, limit },
      ...options,
    });
  }
}

function userPath(name: string): string {
  return `/users/${encodeURIComponent(name)}`;
}
