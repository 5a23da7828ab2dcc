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
  // Rows in the order in which they came, and one index: a Register writes to few pages of the file. With tables in the
  // order of ids, which are random, and an index for the names it took four times as long.
  `
  CREATE TABLE new_registration (
    endpoint TEXT NOT NULL UNIQUE,
    id TEXT NOT NULL,
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
  ) STRICT;
  INSERT INTO new_registration
    SELECT endpoint, id, model, lifetime, version, binding_mode, sms_number, local_uri, peer, additional,
      registered_at, updated_at, expires_at FROM registration ORDER BY registered_at;

  CREATE TABLE new_observation (
    endpoint TEXT NOT NULL REFERENCES new_registration (endpoint) ON DELETE CASCADE,
    path TEXT NOT NULL,
    observed_at REAL NOT NULL,
    peer TEXT NOT NULL,
    token BLOB NOT NULL,
    request TEXT NOT NULL,
    newest_sequence INTEGER,
    newest_at REAL,
    PRIMARY KEY (endpoint, path)
  ) STRICT, WITHOUT ROWID;
  INSERT INTO new_observation
    SELECT endpoint, path, observed_at, observation.peer, token, request, newest_sequence, newest_at
      FROM observation JOIN registration ON registration.id = observation.registration;

  DROP TABLE observation;
  DROP TABLE registration;
  ALTER TABLE new_registration RENAME TO registration;
  ALTER TABLE new_observation RENAME TO observation;
  `,
];
