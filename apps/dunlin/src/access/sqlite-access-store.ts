import type { DatabaseSync } from 'node:sqlite';

import type { Role } from '@dunlin/api';
import { type Instant, StorageError } from '@dunlin/base';
import { openPrivateDatabase, probeDatabase, type Probed } from '@dunlin/node';

import { sessionFromRow, textIn, tokenFromRow, userFromRow } from './access-rows.ts';
import { accessMigrations } from './access-schema.ts';
import { type AccessStatements, accessStatements } from './access-statements.ts';
import {
  type AccessLimits,
  accessLimitsDefaults,
  type AccessPageRequest,
  type AccessStore,
  type AddOutcome,
  type ChangeOutcome,
  type Session,
  type Token,
  type User,
} from './access-store.ts';

export interface SqliteAccessStoreOptions {
  /** The file; only its owner can read it. `:memory:` for none. */
  readonly path: string;
  readonly limits?: Partial<AccessLimits>;
}

/**
 * Opens users, sessions and tokens in an SQLite file, for this process alone. Rejects with a `StorageError` whose one line
 * says what is wrong with the file.
 */
export function sqliteAccessStore(
  options: Readonly<SqliteAccessStoreOptions>,
): Promise<AccessStore & Probed> {
  return Promise.try(() => new SqliteAccessStore(options));
}

/** Nothing is kept in memory: a request costs one look-up by an index. */
class SqliteAccessStore implements AccessStore, Probed {
  readonly #database: DatabaseSync;
  readonly #limits: AccessLimits;
  readonly #statements: AccessStatements;
  #isClosed = false;

  constructor({ path, limits }: Readonly<SqliteAccessStoreOptions>) {
    this.#limits = { ...accessLimitsDefaults, ...limits };
    this.#database = openPrivateDatabase(path, accessMigrations);
    try {
      this.#statements = accessStatements(this.#database);
    } catch (error) {
      this.#database.close();
      throw error;
    }
  }

  addUser({ name, role, createdAt }: User, passwordHash: string): Promise<AddOutcome> {
    return this.#write(({ addUser, countUsers }) => {
      const isFull = countOf(countUsers.get()) >= this.#limits.users;
      if (isFull) return { kind: 'full', most: this.#limits.users };
      const { changes } = addUser.run(name, role, passwordHash, createdAt);
      return { kind: changes === 0 ? 'taken' : 'added' };
    });
  }

  user(name: string): Promise<User | undefined> {
    return this.#do(({ user }) => optional(user.get(name), userFromRow));
  }

  passwordHash(name: string): Promise<string | undefined> {
    return this.#do(({ passwordHash }) =>
      optional(passwordHash.get(name), (row) => textIn(row, 'password_hash')),
    );
  }

  setPasswordHash(name: string, hash: string): Promise<void> {
    return this.#do(({ setPasswordHash }) => void setPasswordHash.run(hash, name));
  }

  setRole(name: string, role: Role): Promise<ChangeOutcome> {
    return this.#write(({ setRole }) => {
      if (role !== 'administrator' && this.#isLastAdministrator(name)) return 'last-administrator';
      return setRole.run(role, name).changes === 0 ? 'unknown' : 'changed';
    });
  }

  removeUser(name: string): Promise<ChangeOutcome> {
    return this.#write(({ removeUser }) => {
      if (this.#isLastAdministrator(name)) return 'last-administrator';
      return removeUser.run(name).changes === 0 ? 'unknown' : 'changed';
    });
  }

  users({ after = '', limit }: AccessPageRequest): Promise<readonly User[]> {
    return this.#do(({ users }) => users.all(after, limit).map(userFromRow));
  }

  addSession(session: Session, secretHash: Uint8Array): Promise<void> {
    const { id, user, createdAt, usedAt, expiresAt, from, userAgent = null } = session;
    return this.#write(({ addSession, signedIn, removeOldSessions }) => {
      addSession.run(id, secretHash, user, createdAt, usedAt, expiresAt, from, userAgent);
      signedIn.run(createdAt, user);
      removeOldSessions.run(user, this.#limits.sessionsPerUser);
    });
  }

  findSession(secretHash: Uint8Array): Promise<Session | undefined> {
    return this.#do(({ findSession }) => optional(findSession.get(secretHash), sessionFromRow));
  }

  session(id: string): Promise<Session | undefined> {
    return this.#do(({ session }) => optional(session.get(id), sessionFromRow));
  }

  touchSession(id: string, usedAt: Instant): Promise<void> {
    return this.#do(({ touchSession }) => void touchSession.run(usedAt, id));
  }

  removeSession(id: string): Promise<boolean> {
    return this.#do(({ removeSession }) => removeSession.run(id).changes !== 0);
  }

  removeSessionsOf(user: string, except = ''): Promise<readonly string[]> {
    return this.#do(({ removeSessionsOf }) =>
      removeSessionsOf.all(user, except).map((row) => textIn(row, 'id')),
    );
  }

  removeSessionsBefore({
    usedBefore,
    now,
  }: Parameters<AccessStore['removeSessionsBefore']>[0]): Promise<void> {
    return this.#do(({ removeSessionsBefore }) => void removeSessionsBefore.run(usedBefore, now));
  }

  sessions({ after = '', limit, user }: Parameters<AccessStore['sessions']>[0]): Promise<readonly Session[]> {
    return this.#do(({ sessions, sessionsOf }) => {
      const rows = user === undefined ? sessions.all(after, limit) : sessionsOf.all(user, after, limit);
      return rows.map(sessionFromRow);
    });
  }

  addToken(token: Token, secretHash: Uint8Array): Promise<AddOutcome> {
    const { id, name, role, createdAt, createdBy, expiresAt = null } = token;
    return this.#write(({ addToken, countTokens }) => {
      const isFull = countOf(countTokens.get()) >= this.#limits.tokens;
      if (isFull) return { kind: 'full', most: this.#limits.tokens };
      const { changes } = addToken.run(id, secretHash, name, role, createdAt, createdBy, expiresAt);
      return { kind: changes === 0 ? 'taken' : 'added' };
    });
  }

  findToken(secretHash: Uint8Array): Promise<Token | undefined> {
    return this.#do(({ findToken }) => optional(findToken.get(secretHash), tokenFromRow));
  }

  token(id: string): Promise<Token | undefined> {
    return this.#do(({ token }) => optional(token.get(id), tokenFromRow));
  }

  touchToken(id: string, usedAt: Instant): Promise<void> {
    return this.#do(({ touchToken }) => void touchToken.run(usedAt, id));
  }

  removeToken(id: string): Promise<Token | undefined> {
    return this.#do(({ removeToken }) => optional(removeToken.get(id), tokenFromRow));
  }

  tokens({ after = '', limit }: AccessPageRequest): Promise<readonly Token[]> {
    return this.#do(({ tokens }) => tokens.all(after, limit).map(tokenFromRow));
  }

  probe(): Promise<void> {
    return this.#do(() => probeDatabase(this.#database));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.try(() => {
      if (!this.#isClosed) this.#database.close();
      this.#isClosed = true;
    });
  }

  #isLastAdministrator(name: string): boolean {
    const { user, countAdministrators } = this.#statements;
    const role = user.get(name)?.['role'];
    return role === 'administrator' && countOf(countAdministrators.get()) <= 1;
  }

  /** All or nothing. */
  #write<Result>(work: (statements: AccessStatements) => Result): Promise<Result> {
    return this.#do((statements) => {
      this.#database.exec('BEGIN IMMEDIATE');
      try {
        const result = work(statements);
        this.#database.exec('COMMIT');
        return result;
      } catch (error) {
        if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
        throw error;
      }
    });
  }

  #do<Result>(work: (statements: AccessStatements) => Result): Promise<Result> {
    return Promise.try(() => {
      if (this.#isClosed) throw new StorageError('the database of users is closed');
      try {
        return work(this.#statements);
      } catch (error) {
        if (error instanceof StorageError) throw error;
        const reason = error instanceof Error ? error.message : String(error);
        throw new StorageError(`the database of users did not do what was asked of it: ${reason}`, {
          cause: error,
        });
      }
    });
  }
}

function optional<T>(
  row: Readonly<Record<string, unknown>> | undefined,
  read: (row: Readonly<Record<string, unknown>>) => T,
): T | undefined {
  return row === undefined ? undefined : read(row);
}

function countOf(row: Readonly<Record<string, unknown>> | undefined): number {
  return Number(row?.['count']);
}
