/** The migrations of the device database: entry n leads from schema version n to n + 1. */
export const deviceMigrations: readonly string[] = [
  `
  CREATE TABLE device (
    endpoint TEXT PRIMARY KEY,
    last_seen REAL,
    awake_window REAL,
    last_operation INTEGER NOT NULL DEFAULT 0
  ) STRICT, WITHOUT ROWID;

  CREATE INDEX device_by_last_seen ON device (last_seen) WHERE last_seen IS NOT NULL;

  -- "request" never changes and may be long; "progress" is the state with what belongs to it.
  CREATE TABLE operation (
    endpoint TEXT NOT NULL REFERENCES device (endpoint) ON DELETE CASCADE,
    id INTEGER NOT NULL,
    state TEXT NOT NULL,
    progress TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    queued_at REAL NOT NULL,
    expires_at REAL NOT NULL,
    request TEXT NOT NULL,
    PRIMARY KEY (endpoint, id)
  ) STRICT, WITHOUT ROWID;

  CREATE INDEX waiting_operation ON operation (expires_at) WHERE state = 'waiting';
  CREATE INDEX sent_operation ON operation (endpoint) WHERE state = 'sent';

  CREATE TABLE desired (
    endpoint TEXT NOT NULL REFERENCES device (endpoint) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    path TEXT NOT NULL,
    item TEXT NOT NULL,
    PRIMARY KEY (endpoint, kind, path)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE value (
    endpoint TEXT NOT NULL REFERENCES device (endpoint) ON DELETE CASCADE,
    path TEXT NOT NULL,
    resource TEXT NOT NULL,
    origin TEXT NOT NULL,
    known_at REAL NOT NULL,
    measured_at REAL,
    PRIMARY KEY (endpoint, path)
  ) STRICT, WITHOUT ROWID;
  `,
  `
  CREATE TABLE firmware_update (
    endpoint TEXT PRIMARY KEY REFERENCES device (endpoint) ON DELETE CASCADE,
    is_open INTEGER NOT NULL,
    record TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE INDEX open_firmware_update ON firmware_update (endpoint) WHERE is_open = 1;
  `,
];
