import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';

import { StorageError } from '@dunlin/base';
import type { ClientStateStore } from '@dunlin/client';

import { replaceFile } from './durable-file.ts';
import { makeFolder } from './make-folder.ts';

/**
 * Keeps the state of a client, keys among it, in one file of mode 0600: what was saved last is there whole, even when
 * the power fails while it is written. One client at a time may use a file.
 */
export function clientStateFile(path: string): ClientStateStore {
  return {
    async load() {
      try {
        return new Uint8Array(await readFile(path));
      } catch (error) {
        if (codeOf(error) === 'ENOENT') return undefined;
        throw new StorageError(`the state of the device in ${path} cannot be read (${codeOf(error)})`, {
          cause: error,
        });
      }
    },
    async save(state) {
      try {
        makeFolder(dirname(path));
        await replaceFile(path, state);
      } catch (error) {
        throw new StorageError(`the state of the device cannot be written to ${path} (${codeOf(error)})`, {
          cause: error,
        });
      }
    },
  };
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
