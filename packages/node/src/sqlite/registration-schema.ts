/** The migrations of the registration database: entry n leads from schema version n to n + 1. */
export const registrationMigrations: readonly string[] = [
  `
  CREATE TABLE model (
    id INTEGER PRIMARY KEY,
    links TEXT NOT NULL UNIQUE
  ) STRICT;

  CREATE TABLE registration (
    id TEXT PRIMARY KEY,
    endpoint TEXT NOT NULL UNIQUE,
    model INTEGER NOT NULL REFERENCES model (id),
    lifetime INTEGER NOT NULL,
    version TEXT NOT NULL,
    binding_mode TEXT NOT NULL,
    sms_number TEXT,
    local_uri TEXT NOT NULL,
    peer TEXT NOT NULL,
    additional TEXT,
    registered_at REAL NOT NULL,
    updated_at REAL NOT NULL,
    expires_at REAL NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE observation (
    registration TEXT NOT NULL REFERENCES registration (id) ON DELETE CASCADE,
    path TEXT NOT NULL,
    observed_at REAL NOT NULL,
    peer TEXT NOT NULL,
    token BLOB NOT NULL,
    request TEXT NOT NULL,
    PRIMARY KEY (registration, path)
  ) STRICT, WITHOUT ROWID;
  `,
  `
  ALTER TABLE observation ADD COLUMN newest_sequence INTEGER;
  ALTER TABLE observation ADD COLUMN newest_at REAL;
  `,
];
