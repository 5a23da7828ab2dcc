import { access } from 'node:fs/promises';
import { join } from 'node:path';

import { type Secret, StorageError } from '@dunlin/base';
import { loadMasterKey, sqliteCredentialStore } from '@dunlin/node';
import type { CredentialStore } from '@dunlin/server';
import type { Logger } from 'pino';

import { masterKeyVariable } from '../config/server-settings.ts';
import { ExitCode } from '../program/exit-code.ts';
import { ProgramError } from '../program/program-error.ts';

export interface CredentialSettings {
  /** The data folder. */
  readonly folder: string;
  /** The master key as text, if it is given as such. */
  readonly masterKey: string | undefined;
  /** The file of the master key; `undefined` for the one in the data folder. */
  readonly masterKeyFile: string | undefined;
}

/** Credentials that are open, and the key that secrets on the disk are sealed with. */
export interface OpenCredentials {
  readonly store: CredentialStore;
  readonly masterKey: Secret;
}

/** Opens the credentials in the data folder; the first time it makes a master key, and says so. */
export async function openCredentials(settings: CredentialSettings, log: Logger): Promise<OpenCredentials> {
  const path = join(settings.folder, 'credentials.sqlite');
  const keyFile = settings.masterKeyFile ?? join(settings.folder, 'master.key');
  try {
    const { key, origin } = await loadMasterKey({
      text: settings.masterKey,
      textName: masterKeyVariable,
      path: keyFile,
      mayCreate: !(await isThere(path)),
    });
    const store = await sqliteCredentialStore({ path, masterKey: key });
    if (origin === 'new-file') {
      log.warn(
        { file: keyFile },
        'made a new master key, which seals the pre-shared keys of devices: keep a copy of the file ' +
          'in a safe place, apart from copies of the data folder; without it the keys are lost',
      );
    }
    return { store, masterKey: key };
  } catch (error) {
    // Both say in one line what is wrong with which file.
    if (error instanceof StorageError)
      throw new ProgramError(ExitCode.failure, error.message, { cause: error });
    throw error;
  }
}

async function isThere(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    return false;
  }
}
