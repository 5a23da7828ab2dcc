import { join } from 'node:path';

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
    const reason = error instanceof Error ? error.message : String(error);
    throw new ProgramError(ExitCode.failure, `the database ${path} cannot be opened: ${reason}`, {
      cause: error,
    });
  }
}
