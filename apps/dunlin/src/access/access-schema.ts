/** The migrations of the database of users, sessions and tokens: entry n leads from schema version n to n + 1. */
export const accessMigrations: readonly string[] = [
  `
  CREATE TABLE user (
    name TEXT PRIMARY KEY COLLATE NOCASE,
    role TEXT NOT NULL CHECK (role IN ('viewer', 'operator', 'administrator')),
    password_hash TEXT NOT NULL,
    created_at REAL NOT NULL,
    signed_in_at REAL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE session (
    id TEXT PRIMARY KEY,
    secret_hash BLOB NOT NULL UNIQUE,
    user TEXT NOT NULL COLLATE NOCASE REFERENCES user (name) ON DELETE CASCADE,
    created_at REAL NOT NULL,
    used_at REAL NOT NULL,
    expires_at REAL NOT NULL,
    from_address TEXT NOT NULL,
    user_agent TEXT
  ) STRICT, WITHOUT ROWID;

  CREATE INDEX session_of_user ON session (user, id);

  CREATE TABLE token (
    id TEXT PRIMARY KEY,
    secret_hash BLOB NOT NULL UNIQUE,
    name TEXT NOT NULL UNIQUE COLLATE NOCASE,
    role TEXT NOT NULL CHECK (role IN ('viewer', 'operator', 'administrator')),
    created_at REAL NOT NULL,
    created_by TEXT NOT NULL,
    expires_at REAL,
    used_at REAL
  ) STRICT, WITHOUT ROWID;
  `,
];
