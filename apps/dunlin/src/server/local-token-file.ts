import { readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { newSecretText, tokenPrefix } from '../access/secret-text.ts';
import { readLocalToken } from '../cli/local-token.ts';
import { localTokenFile } from '../config/access-variables.ts';

/** The token for commands on this machine, in a file that only the owner of the data folder can read. */
export interface LocalTokenFile {
  readonly secret: string;
  /** Says where the server is that takes the token: commands send it nowhere else. */
  write(url: string): Promise<void>;
}

/**
 * The token of the file in the data folder, so that commands that run while the server starts again go on; a new one when
 * there is none, or when others could have read it.
 */
export async function openLocalToken(folder: string): Promise<LocalTokenFile> {
  const path = join(folder, localTokenFile);
  const secret = (await keptSecret(path)) ?? `${tokenPrefix}${newSecretText()}`;
  return {
    secret,
    async write(url) {
      const temporary = `${path}.new`;
      await rm(temporary, { force: true });
      await writeFile(temporary, `${JSON.stringify({ url, token: secret })}\n`, { flag: 'wx', mode: 0o600 });
      await rename(temporary, path);
    },
  };
}

async function keptSecret(path: string): Promise<string | undefined> {
  try {
    // Permission bits say nothing on Windows.
    if (((await stat(path)).mode & 0o077) !== 0 && process.platform !== 'win32') return undefined;
    return readLocalToken(await readFile(path))?.token;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
