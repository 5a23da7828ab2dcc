import { sealMigration } from './sealed-database.ts';

/** The migrations of the credential database: entry n leads from schema version n to n + 1. */
export const credentialMigrations: readonly string[] = [
  `
  ${sealMigration}
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
