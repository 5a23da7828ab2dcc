import type { DatabaseSync, StatementSync } from 'node:sqlite';

import { StorageError } from '@dunlin/base';
import { canonicalObjectLinks, isRefusal, type ObjectList, parseObjectLinks } from '@dunlin/lwm2m';
import type { Registration } from '@dunlin/server';

import { number, text } from './registration-rows.ts';

/** The object lists of all devices, each kept once in the database and once in memory. */
export class ModelTable {
  readonly #select: StatementSync;
  readonly #selectById: StatementSync;
  readonly #insert: StatementSync;
  readonly #models = new Map<number, ObjectList>();
  /** By the identity of their maps of Objects, which devices with one list share. */
  readonly #ids = new WeakMap<object, number>();

  constructor(database: DatabaseSync) {
    database.exec('DELETE FROM model WHERE id NOT IN (SELECT model FROM registration)');
    this.#select = database.prepare('SELECT id FROM model WHERE links = ?');
    this.#selectById = database.prepare('SELECT links FROM model WHERE id = ?');
    this.#insert = database.prepare('INSERT INTO model (links) VALUES (?)');
  }

  /** The list with the id. Throws `StorageError` when there is none. */
  find(id: number): ObjectList {
    const known = this.#models.get(id);
    if (known !== undefined) return known;
    const row = this.#selectById.get(id);
    const links = row === undefined ? undefined : parseObjectLinks(text(row, 'links'));
    if (links === undefined || isRefusal(links)) {
      throw new StorageError(`the registration database is damaged: there is no object list ${id}`);
    }
    const { rootPath, contentFormats, objects } = links;
    const model = { rootPath, contentFormats, objects };
    this.#remember(id, model);
    return model;
  }

  /** The id of a registration's list; writes the list when it is new. Only within a transaction. */
  idOf(registration: Registration): number {
    const { rootPath, contentFormats, objects } = registration;
    const known = this.#ids.get(objects);
    const model = known === undefined ? undefined : this.#models.get(known);
    if (known !== undefined && model?.contentFormats === contentFormats && model.rootPath === rootPath)
      return known;
    const own = { rootPath, contentFormats, objects };
    const links = canonicalObjectLinks(own);
    const row = this.#select.get(links);
    const id = row === undefined ? Number(this.#insert.run(links).lastInsertRowid) : number(row, 'id');
    this.#remember(id, own);
    return id;
  }

  /** After a rollback: lists that were new may not be there after all. */
  forget(): void {
    this.#models.clear();
  }

  #remember(id: number, model: ObjectList): void {
    if (this.#models.size >= maxRemembered) this.#models.clear();
    this.#models.set(id, model);
    this.#ids.set(model.objects, id);
  }
}

/** Lists that are kept in memory; with more than so many makes of devices, rare ones are looked up again. */
const maxRemembered = 10_000;
