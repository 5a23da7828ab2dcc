import { join } from 'node:path';

import { StorageError } from '@dunlin/base';
import { sqliteRegistrationStore } from '@dunlin/node';
import type { RegistrationStore } from '@dunlin/server';

import { ExitCode } from '../program/exit-code.ts';
import { ProgramError } from '../program/program-error.ts';

/** Opens the database in the data folder. */
export async function openStore(folder: string): Promise<RegistrationStore> {
  const path = join(folder, 'registrations.sqlite');
  try {
    return await sqliteRegistrationStore({ path });
  } catch (error) {
    // A store says in one line what is wrong with its file, and with which.
    if (error instanceof StorageError)
      throw new ProgramError(ExitCode.failure, error.message, { cause: error });
    throw error;
  }
}
