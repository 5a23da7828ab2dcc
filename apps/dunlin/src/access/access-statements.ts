import type { DatabaseSync, StatementSync } from 'node:sqlite';

const sessionColumns =
  'session.id, session.user, session.created_at, session.used_at, session.expires_at, session.from_address, session.user_agent, user.role';
const ofUser = 'session JOIN user ON user.name = session.user';
const userColumns = 'name, role, created_at, signed_in_at';
const tokenColumns = 'id, name, role, created_at, created_by, expires_at, used_at';

/** What is asked of the database, in SQL. */
const sql: Readonly<Record<StatementName, string>> = {
  addUser:
    'INSERT INTO user (name, role, password_hash, created_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING',
  user: `SELECT ${userColumns} FROM user WHERE name = ?`,
  passwordHash: 'SELECT password_hash FROM user WHERE name = ?',
  setPasswordHash: 'UPDATE user SET password_hash = ? WHERE name = ?',
  setRole: 'UPDATE user SET role = ? WHERE name = ?',
  removeUser: 'DELETE FROM user WHERE name = ?',
  signedIn: 'UPDATE user SET signed_in_at = ? WHERE name = ?',
  users: `SELECT ${userColumns} FROM user WHERE name > ? ORDER BY name LIMIT ?`,
  countUsers: 'SELECT count(*) AS count FROM user',
  countAdministrators: "SELECT count(*) AS count FROM user WHERE role = 'administrator'",

  addSession:
    'INSERT INTO session (id, secret_hash, user, created_at, used_at, expires_at, from_address, user_agent) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
  findSession: `SELECT ${sessionColumns} FROM ${ofUser} WHERE session.secret_hash = ?`,
  session: `SELECT ${sessionColumns} FROM ${ofUser} WHERE session.id = ?`,
  touchSession: 'UPDATE session SET used_at = ? WHERE id = ?',
  removeSession: 'DELETE FROM session WHERE id = ?',
  removeSessionsOf: 'DELETE FROM session WHERE user = ? AND id <> ? RETURNING id',
  removeSessionsBefore: 'DELETE FROM session WHERE used_at < ? OR expires_at <= ?',
  /** All but the newest so many. */
  removeOldSessions:
    'DELETE FROM session WHERE id IN (SELECT id FROM session WHERE user = ? ORDER BY created_at DESC, id LIMIT -1 OFFSET ?)',
  sessions: `SELECT ${sessionColumns} FROM ${ofUser} WHERE session.id > ? ORDER BY session.id LIMIT ?`,
  sessionsOf: `SELECT ${sessionColumns} FROM ${ofUser} WHERE session.user = ? AND session.id > ? ORDER BY session.id LIMIT ?`,

  addToken:
    'INSERT INTO token (id, secret_hash, name, role, created_at, created_by, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
  findToken: `SELECT ${tokenColumns} FROM token WHERE secret_hash = ?`,
  token: `SELECT ${tokenColumns} FROM token WHERE id = ?`,
  touchToken: 'UPDATE token SET used_at = ? WHERE id = ?',
  removeToken: `DELETE FROM token WHERE id = ? RETURNING ${tokenColumns}`,
  tokens: `SELECT ${tokenColumns} FROM token WHERE id > ? ORDER BY id LIMIT ?`,
  countTokens: 'SELECT count(*) AS count FROM token',
};

type StatementName =
  | 'addUser'
  | 'user'
  | 'passwordHash'
  | 'setPasswordHash'
  | 'setRole'
  | 'removeUser'
  | 'signedIn'
  | 'users'
  | 'countUsers'
  | 'countAdministrators'
  | 'addSession'
  | 'findSession'
  | 'session'
  | 'touchSession'
  | 'removeSession'
  | 'removeSessionsOf'
  | 'removeSessionsBefore'
  | 'removeOldSessions'
  | 'sessions'
  | 'sessionsOf'
  | 'addToken'
  | 'findToken'
  | 'token'
  | 'touchToken'
  | 'removeToken'
  | 'tokens'
  | 'countTokens';

export type AccessStatements = Readonly<Record<StatementName, StatementSync>>;

export function accessStatements(database: DatabaseSync): AccessStatements {
  const entries = Object.entries(sql).map(([name, text]) => [name, database.prepare(text)] as const);
  return Object.fromEntries(entries) as AccessStatements; // oxlint-disable-line typescript/no-unsafe-type-assertion -- the entries are those of `sql`
}
