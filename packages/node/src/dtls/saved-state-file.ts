import { constants } from 'node:fs';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

import { type Instant, type Random, type Secret, StorageError, UsageError } from '@dunlin/base';
import {
  type GenerationLedger,
  restoreAssociations,
  type RestoredState,
  saveAssociations,
  type SavedAssociation,
  savedStateDefaults,
  type SavedStateFailure,
  type SavedStateLimits,
  type SavedStateOptions,
} from '@dunlin/dtls';

import { replaceFile, syncFolder } from '../files/durable-file.ts';
import { makeFolder } from '../files/make-folder.ts';

/** Where associations are kept while the process is stopped; see `savedStateFile`. */
export interface SavedState {
  /**
   * Gives what was saved, to the first who asks; `undefined` when nothing was. Rejects with a `StorageError` when the
   * storage cannot be read: then nothing was taken, or nobody will get it.
   */
  take(now: Instant): Promise<RestoredState | SavedStateFailure | undefined>;
  /** Keeps the associations in place of what was kept. Rejects with a `StorageError` when it cannot. */
  keep(associations: readonly SavedAssociation[], random: Random): Promise<void>;
}

/** What a saved state in a file needs. */
export interface SavedStateFileOptions {
  /** The file's path; beside it stand one with `.generation` behind its name and, for moments, temporary ones. */
  readonly path: string;
  /** What the file is sealed with, at least 32 bytes; it belongs elsewhere than the file. */
  readonly key: Secret;
  readonly limits?: Readonly<Partial<SavedStateLimits>>;
}

/**
 * Keeps associations in one sealed file of mode 0600. It is used at most once, because going on twice from the same
 * state would repeat nonces under the same keys (RFC 5116 §3.2): taking it removes it before anything in it is used,
 * and a copy of it that is put back is refused, since its generation was used up.
 */
export function savedStateFile(options: Readonly<SavedStateFileOptions>): SavedState {
  const { path, key } = options;
  if (path === '') throw new UsageError('A saved state needs a path.');
  if (key.reveal().length < minKeyLength) {
    throw new UsageError(`A saved state is sealed with a key of at least ${minKeyLength} bytes.`);
  }
  const limits = { ...savedStateDefaults, ...options.limits };
  const sealing: SavedStateOptions = { key, limits, ledger: new GenerationFile(`${path}.generation`) };
  return {
    async take(now) {
      const sealed = await takeFile(path, limits.maxLength);
      return sealed === undefined ? undefined : await restoreAssociations(sealed, now, sealing);
    },
    async keep(associations, random) {
      await told('write', path, async () => {
        // First of all, no older state may be taken for the one that could not be written; nor is of use what a process
        // left behind that was killed while it took one.
        await rm(path, { force: true });
        await rm(takenPath(path), { force: true });
        if (associations.length === 0) return;
        makeFolder(dirname(path));
        await replaceFile(path, await saveAssociations(associations, random, sealing));
      });
    },
  };
}

/** The strength of what seals it, AES-256. */
const minKeyLength = 32;

/** The one generation that may be used, in a file of its own. */
class GenerationFile implements GenerationLedger {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  async issue(generation: string): Promise<void> {
    await told('write', this.#path, () => replaceFile(this.#path, new TextEncoder().encode(generation)));
  }

  async consume(generation: string): Promise<boolean> {
    const issued = await takeFile(this.#path, maxGenerationLength);
    return issued !== undefined && new TextDecoder().decode(issued) === generation;
  }
}

/** A generation is 16 bytes in hexadecimal digits. */
const maxGenerationLength = 64;

/**
 * The content of a file that is gone, durably, before it is given; of two who try, one gets it. One byte more than
 * `maxLength` of a file that is longer; `undefined` when there is none.
 */
async function takeFile(path: string, maxLength: number): Promise<Uint8Array | undefined> {
  const taken = takenPath(path);
  return await told('read', path, async () => {
    try {
      await rename(path, taken);
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
    const file = await open(taken, constants.O_RDONLY | constants.O_NOFOLLOW);
    try {
      return await readUpTo(file, maxLength + 1);
    } finally {
      await file.close();
      await rm(taken, { force: true });
      await syncFolder(path);
    }
  });
}

function takenPath(path: string): string {
  return `${path}.taken`;
}

async function readUpTo(file: FileHandle, maxLength: number): Promise<Uint8Array> {
  const { size } = await file.stat();
  const bytes = new Uint8Array(Math.min(size, maxLength));
  let length = 0;
  while (length < bytes.length) {
    const { bytesRead } = await file.read(bytes, length, bytes.length - length, length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return bytes.subarray(0, length);
}

async function told<Result>(
  what: 'read' | 'write',
  path: string,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof StorageError || error instanceof UsageError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new StorageError(`Cannot ${what} the saved state ${path}: ${reason}`, { cause: error });
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
