import { access } from 'node:fs/promises';
import { join } from 'node:path';

import { type Secret, StorageError } from '@dunlin/base';
import { loadMasterKey } from '@dunlin/node';
import type { Logger } from 'pino';

import { masterKeyVariable } from '../config/server-settings.ts';
import { ExitCode } from '../program/exit-code.ts';
import { ProgramError } from '../program/program-error.ts';

export interface MasterKeySettings {
  /** The data folder. */
  readonly folder: string;
  /** The master key as text, if it is given as such. */
  readonly masterKey: string | undefined;
  /** The file of the master key; `undefined` for the one in the data folder. */
  readonly masterKeyFile: string | undefined;
  /** Names of files in the data folder that are sealed with it: when one is there, no new key may be made. */
  readonly sealed: readonly string[];
}

/** Loads what secrets on the disk are sealed with; the first time it makes one, and says so. */
export async function openMasterKey(settings: MasterKeySettings, log: Logger): Promise<Secret> {
  const { folder, masterKey, masterKeyFile, sealed } = settings;
  const path = masterKeyFile ?? join(folder, 'master.key');
  const present = await Promise.all(sealed.map((name) => isThere(join(folder, name))));
  try {
    const { key, origin } = await loadMasterKey({
      text: masterKey,
      textName: masterKeyVariable,
      path,
      mayCreate: !present.includes(true),
    });
    if (origin === 'new-file') {
      log.warn(
        { file: path },
        'made a new master key, which seals the pre-shared keys of devices: keep a copy of the file ' +
          'in a safe place, apart from copies of the data folder; without it the keys are lost',
      );
    }
    return key;
  } catch (error) {
    // It says in one line what is wrong with which file.
    if (error instanceof StorageError) {
      throw new ProgramError(ExitCode.failure, error.message, { cause: error });
    }
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
