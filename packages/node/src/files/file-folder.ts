import { existsSync } from 'node:fs';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { StorageError } from '@dunlin/base';

import { replaceFile, syncFolder } from './durable-file.ts';
import { makeFolder } from './make-folder.ts';

/** Files of one folder, by names that the caller chose. Every method rejects with a `StorageError`. */
export interface FileFolder {
  all(): Promise<readonly { readonly name: string; readonly bytes: Uint8Array }[]>;
  /** In place of the file of this name: all or nothing. Durable when it resolves. */
  put(name: string, bytes: Uint8Array): Promise<void>;
  /** Harmless when there is none. Durable when it resolves. */
  remove(name: string): Promise<void>;
}

/** The files of a folder whose names end so, such as `.xml`; others are not looked at. The folder is made when it is needed. */
export function fileFolder(path: string, suffix: string): FileFolder {
  const pathOf = (name: string): string => {
    // Names are of the caller's making; one that leads elsewhere is a mistake of its.
    if (!name.endsWith(suffix) || /[/\\]/.test(name) || name.startsWith('.'))
      throw new StorageError(`${JSON.stringify(name)} is no name of a file in ${path}`);
    return join(path, name);
  };
  const told = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      if (error instanceof StorageError) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      throw new StorageError(`${what} in ${path}: ${reason}`, { cause: error });
    }
  };
  return {
    all: () =>
      told('cannot read the files', async () => {
        if (!existsSync(path)) return [];
        const names = (await readdir(path)).filter((name) => name.endsWith(suffix)).sort();
        return await Promise.all(
          names.map(async (name) => ({ name, bytes: new Uint8Array(await readFile(pathOf(name))) })),
        );
      }),
    put: (name, bytes) =>
      told(`cannot write ${name}`, async () => {
        const file = pathOf(name);
        makeFolder(path);
        await replaceFile(file, bytes);
      }),
    remove: (name) =>
      told(`cannot remove ${name}`, async () => {
        const file = pathOf(name);
        if (!existsSync(file)) return;
        await rm(file);
        await syncFolder(file);
      }),
  };
}
