import { sealMigration } from './sealed-database.ts';

/** The migrations of the database of bootstrap configurations: entry n leads from schema version n to n + 1. */
export const bootstrapMigrations: readonly string[] = [
  `
  ${sealMigration}

  -- "kind" is 'endpoint' or 'pattern', "target" the name or the pattern. The configuration is sealed as a whole: a list
  -- of what a device has is not for everybody either.
  CREATE TABLE configuration (
    kind TEXT NOT NULL,
    target TEXT NOT NULL,
    sealed BLOB NOT NULL,
    updated_at REAL NOT NULL,
    PRIMARY KEY (kind, target)
  ) STRICT, WITHOUT ROWID;
  `,
];
