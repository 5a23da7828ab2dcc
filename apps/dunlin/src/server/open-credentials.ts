import { join } from 'node:path';

import { type Secret, StorageError } from '@dunlin/base';
import { sqliteCredentialStore } from '@dunlin/node';
import type { CredentialStore } from '@dunlin/server';

import { ExitCode } from '../program/exit-code.ts';
import { ProgramError } from '../program/program-error.ts';
import type { StoreWatch } from './store-watch.ts';

/** Opens the credentials in the data folder. */
export async function openCredentials(
  folder: string,
  masterKey: Secret,
  watch: Pick<StoreWatch, 'add'>,
): Promise<CredentialStore> {
  try {
    const name = 'credentials.sqlite';
    return watch.add(name, await sqliteCredentialStore({ path: join(folder, name), masterKey }));
  } catch (error) {
    // It says in one line what is wrong with which file.
    if (error instanceof StorageError) {
      throw new ProgramError(ExitCode.failure, error.message, { cause: error });
    }
    throw error;
  }
}
