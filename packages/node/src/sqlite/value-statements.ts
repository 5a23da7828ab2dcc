import type { DatabaseSync, StatementSync } from 'node:sqlite';

import { formatPath, type Path, resourceContentToJson, stringifyJsonExactly } from '@dunlin/lwm2m';
import type { KnownValue } from '@dunlin/server';

import { numberIn, valueFromRow } from './device-rows.ts';

/** What is written to and read from the table of last known values; writes only within a transaction. */
export class ValueStatements {
  readonly #update: StatementSync;
  readonly #insert: StatementSync;
  readonly #count: StatementSync;
  readonly #trim: StatementSync;
  readonly #selectBelow: StatementSync;
  readonly #selectAll: StatementSync;
  readonly #deleteBelow: StatementSync;
  readonly #deleteAll: StatementSync;

  constructor(database: DatabaseSync) {
    this.#update = database.prepare(
      `UPDATE value SET resource = ?, origin = ?, known_at = ?, measured_at = ? WHERE endpoint = ? AND path = ?`,
    );
    this.#insert = database.prepare(
      `INSERT INTO value (resource, origin, known_at, measured_at, endpoint, path) VALUES (?, ?, ?, ?, ?, ?)`,
    );
    this.#count = database.prepare('SELECT count(*) AS count FROM value WHERE endpoint = ?');
    this.#trim = database.prepare(
      `DELETE FROM value WHERE endpoint = ?1 AND path IN (SELECT path FROM value WHERE endpoint = ?1
         ORDER BY known_at DESC LIMIT -1 OFFSET ?2)`,
    );
    // Every path below another begins with its text and a slash; "0" is what follows the slash in ASCII.
    const below = `endpoint = ?1 AND (path = ?2 OR (path > ?2 || '/' AND path < ?2 || '0'))`;
    this.#selectBelow = database.prepare(`SELECT * FROM value WHERE ${below}`);
    this.#selectAll = database.prepare('SELECT * FROM value WHERE endpoint = ?');
    this.#deleteBelow = database.prepare(`DELETE FROM value WHERE ${below}`);
    this.#deleteAll = database.prepare('DELETE FROM value WHERE endpoint = ?');
  }

  /** Its device must be there. At most `limit` stay, those heard of last. */
  put(endpointName: string, values: Iterable<KnownValue>, limit: number): void {
    let hasNew = false;
    for (const { path, resource, origin, knownAt, measuredAt } of values) {
      const text = stringifyJsonExactly(resourceContentToJson(resource));
      const columns = [text, origin, knownAt, measuredAt ?? null, endpointName, path] as const;
      if (Number(this.#update.run(...columns).changes) > 0) continue;
      this.#insert.run(...columns);
      hasNew = true;
    }
    // Only what is new can be too many.
    if (!hasNew || numberIn(this.#count.get(endpointName) ?? {}, 'count') <= limit) return;
    this.#trim.run(endpointName, limit);
  }

  remove(endpointName: string, path: Path): void {
    if (path.kind === 'root') this.#deleteAll.run(endpointName);
    else this.#deleteBelow.run(endpointName, formatPath(path));
  }

  find(endpointName: string, path: Path): readonly KnownValue[] {
    const rows =
      path.kind === 'root'
        ? this.#selectAll.all(endpointName)
        : this.#selectBelow.all(endpointName, formatPath(path));
    return rows.map(valueFromRow);
  }
}
