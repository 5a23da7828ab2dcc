import { access, constants, mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';

import { ExitCode } from '../program/exit-code.ts';
import { ProgramError } from '../program/program-error.ts';

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  ENOTDIR: 'a part of the path is not a folder',
  EEXIST: 'it is not a folder',
  ENOSPC: 'the disk is full',
};

/** Makes the data folder if there is none; resolves to its whole path. */
export async function openDataFolder(folder: string): Promise<string> {
  const path = resolve(folder);
  try {
    await mkdir(path, { recursive: true, mode: 0o750 });
    await access(path, constants.R_OK | constants.W_OK | constants.X_OK);
    return path;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    throw new ProgramError(
      ExitCode.failure,
      `the data folder ${path} cannot be used: ${reasons[code] ?? code}; choose another with --data or DUNLIN_DATA`,
      { cause: error },
    );
  }
}
