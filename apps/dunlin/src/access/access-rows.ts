import { type Role, roles } from '@dunlin/api';
import { type Instant, instantFrom, StorageError } from '@dunlin/base';

import type { Session, Token, User } from './access-store.ts';

/** A row as SQLite gives it. */
export type AccessRow = Readonly<Record<string, unknown>>;

export function userFromRow(row: AccessRow): User {
  return {
    name: textIn(row, 'name'),
    role: roleIn(row),
    createdAt: instantIn(row, 'created_at'),
    signedInAt: optionalInstantIn(row, 'signed_in_at'),
  };
}

export function sessionFromRow(row: AccessRow): Session {
  return {
    id: textIn(row, 'id'),
    user: textIn(row, 'user'),
    role: roleIn(row),
    createdAt: instantIn(row, 'created_at'),
    usedAt: instantIn(row, 'used_at'),
    expiresAt: instantIn(row, 'expires_at'),
    from: textIn(row, 'from_address'),
    userAgent: row['user_agent'] === null ? undefined : textIn(row, 'user_agent'),
  };
}

export function tokenFromRow(row: AccessRow): Token {
  return {
    id: textIn(row, 'id'),
    name: textIn(row, 'name'),
    role: roleIn(row),
    createdAt: instantIn(row, 'created_at'),
    createdBy: textIn(row, 'created_by'),
    expiresAt: optionalInstantIn(row, 'expires_at'),
    usedAt: optionalInstantIn(row, 'used_at'),
  };
}

export function textIn(row: AccessRow, column: string): string {
  const value = row[column];
  if (typeof value !== 'string') throw damaged(column);
  return value;
}

function roleIn(row: AccessRow): Role {
  const role = roles.find((candidate) => candidate === row['role']);
  if (role === undefined) throw damaged('role');
  return role;
}

function instantIn(row: AccessRow, column: string): Instant {
  const value = row[column];
  if (typeof value !== 'number') throw damaged(column);
  return instantFrom(value);
}

function optionalInstantIn(row: AccessRow, column: string): Instant | undefined {
  return row[column] === null ? undefined : instantIn(row, column);
}

function damaged(column: string): StorageError {
  return new StorageError(`the database of users is damaged: a row has no sensible ${column}`);
}
