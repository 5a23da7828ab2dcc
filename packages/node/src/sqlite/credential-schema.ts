/** The migrations of the credential database: entry n leads from schema version n to n + 1. */
export const credentialMigrations: readonly string[] = [
  `
  -- What the secrets are sealed with: the salt of the key, and a value that only opens with the right master key.
  CREATE TABLE seal (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    salt BLOB NOT NULL,
    probe BLOB NOT NULL
  ) STRICT;

  -- "endpoint" is '' for a trust anchor of every endpoint. "proof" is the PSK identity as UTF-8, or DER. "scope" is
  -- the endpoint for trust anchors, which several may have, and '' for everything else, which one may have.
  CREATE TABLE credential (
    id TEXT PRIMARY KEY,
    endpoint TEXT NOT NULL,
    kind TEXT NOT NULL,
    proof BLOB NOT NULL,
    scope TEXT NOT NULL,
    sealed_key BLOB,
    created_at REAL NOT NULL,
    UNIQUE (kind, proof, scope)
  ) STRICT, WITHOUT ROWID;

  CREATE INDEX credential_of_endpoint ON credential (endpoint, id);
  `,
];
