import { createReadStream } from 'node:fs';
import { open, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

import { FirmwareError, type FirmwareStorage } from '@dunlin/client';
import { FirmwareUpdateResult } from '@dunlin/lwm2m';

import { makeFolder } from '../files/make-folder.ts';

/**
 * Keeps the package of a device in one file of mode 0600, which is there from its first byte until it is installed. After
 * a loss of power in the middle of a download the last bytes may be others than those that came: `verify` finds that out.
 */
export function firmwareStorageFile(path: string): FirmwareStorage {
  return {
    async size() {
      try {
        return (await stat(path)).size;
      } catch (error) {
        if (codeOf(error) === 'ENOENT') return 0;
        throw failure(path, error);
      }
    },
    async append(bytes) {
      try {
        makeFolder(dirname(path));
        await using file = await open(path, 'a', 0o600);
        await file.writeFile(bytes);
      } catch (error) {
        throw failure(path, error);
      }
    },
    async sync() {
      try {
        await using file = await open(path, 'r+');
        await file.sync();
      } catch (error) {
        throw failure(path, error);
      }
    },
    async clear() {
      try {
        await rm(path, { force: true });
      } catch (error) {
        throw failure(path, error);
      }
    },
    async *read() {
      for await (const chunk of createReadStream(path)) {
        const bytes: unknown = chunk;
        if (bytes instanceof Uint8Array) yield new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
      }
    },
  };
}

/** Whatever a file system has against a package, there is no room for it there. */
function failure(path: string, error: unknown): FirmwareError {
  const message = `The package cannot be kept in ${path} (${codeOf(error)}).`;
  return new FirmwareError(FirmwareUpdateResult.notEnoughFlash, message, { cause: error });
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
