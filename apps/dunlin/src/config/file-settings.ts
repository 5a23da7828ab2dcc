import { resolve } from 'node:path';

import { ExitCode } from '../program/exit-code.ts';
import type { ProgramContext } from '../program/program-context.ts';
import { ProgramError } from '../program/program-error.ts';
import { settingsFromFile, type SettingTexts } from './server-settings.ts';

/** The environment variable of `--config`. */
export const configVariable = 'DUNLIN_CONFIG';

/** What the file of settings sets. One that was named must be there; the default one need not. */
export async function fileSettings(
  context: ProgramContext,
  named: string | undefined,
): Promise<SettingTexts> {
  const name = named === undefined || named === '' ? 'dunlin.toml' : named;
  let bytes: Uint8Array;
  try {
    bytes = await context.readFile(name);
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (isMissing && (named === undefined || named === '')) return {};
    const reason = isMissing ? 'there is no such file' : 'it cannot be read';
    throw new ProgramError(ExitCode.usage, `${resolve(name)}: ${reason}`, { cause: error });
  }
  return settingsFromFile(new TextDecoder().decode(bytes), name);
}
