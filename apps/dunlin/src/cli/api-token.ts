import { apiTokenVariable, localTokenFile } from '../config/access-variables.ts';
import { configVariable, fileSettings } from '../config/file-settings.ts';
import { serverSettingsDefaults, settingVariables } from '../config/server-settings.ts';
import { isLoopback } from '../config/socket-address.ts';
import type { ProgramContext } from '../program/program-context.ts';
import { readLocalToken } from './local-token.ts';

/**
 * The token that commands send to the server at a URL: that of the environment, or the one that the server left in its data
 * folder on this machine. The latter is looked up each time, because a server that starts anew may have another, and goes
 * only to the server that left it.
 */
export async function apiToken(context: ProgramContext, serverUrl: string): Promise<string | undefined> {
  const { [apiTokenVariable]: given = '' } = context.env;
  if (given !== '') return given;
  const data = await dataFolder(context);
  let bytes: Uint8Array;
  try {
    bytes = await context.readFile(`${data}/${localTokenFile}`);
  } catch {
    // There is none for this user: the server says what is missing.
    return undefined;
  }
  const local = readLocalToken(bytes);
  return local !== undefined && isSameServer(local.url, serverUrl) ? local.token : undefined;
}

/** Where a server that is started here, with the same environment, has its data. */
async function dataFolder(context: ProgramContext): Promise<string> {
  const { [settingVariables.data]: folder = '' } = context.env;
  if (folder !== '') return folder;
  const { data } = await fileSettings(context, context.env[configVariable]);
  return data ?? serverSettingsDefaults.data;
}

/** `localhost` and the loopback addresses are names of one and the same machine. */
function isSameServer(one: string, other: string): boolean {
  const [left, right] = [new URL(one), new URL(other)];
  if (left.origin === right.origin) return true;
  const isSamePort = left.protocol === right.protocol && left.port === right.port;
  return (
    isSamePort && [left, right].every(({ hostname }) => isLoopback(hostname.replace(/^\[(.*)\]$/, '$1')))
  );
}
