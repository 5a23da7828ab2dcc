import { reachable } from '../config/reachable.ts';
import { settingVariables } from '../config/server-settings.ts';
import { parseSocketAddress } from '../config/socket-address.ts';
import { ExitCode } from '../program/exit-code.ts';
import { ProgramError } from '../program/program-error.ts';

export const defaultServerUrl = 'http://127.0.0.1:8080';

/** The environment variable of `--server`. */
const urlVariable = 'DUNLIN_URL';

/** What a command was told of where the server is. */
export interface ServerFlags {
  /** A URL. */
  readonly server?: string;
  /** Where the server was told to listen: an address, as in its own `--http`. */
  readonly http?: string;
}

/**
 * The URL of the server's HTTP interface: what a flag says over what the environment says, and a URL over the address
 * that the server is given by the same name, so that one environment does for both.
 */
export function serverUrl(flags: ServerFlags, env: Readonly<Record<string, string | undefined>>): string {
  if (flags.server !== undefined && flags.http !== undefined) {
    throw usage('give --server or --http, not both');
  }
  if (flags.server !== undefined) return checkedUrl('--server', flags.server);
  if (flags.http !== undefined) return urlOfAddress('--http', flags.http);
  const { [urlVariable]: url = '', [settingVariables.http]: address = '' } = env;
  if (url !== '') return checkedUrl(urlVariable, url);
  return address === '' ? defaultServerUrl : urlOfAddress(settingVariables.http, address);
}

function checkedUrl(name: string, text: string): string {
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return text;
  throw usage(`${name}: ${JSON.stringify(text)} is not a URL such as ${defaultServerUrl}`);
}

function urlOfAddress(name: string, text: string): string {
  const address = parseSocketAddress(text);
  if (address === undefined || address.port === 0) {
    throw usage(
      `${name}: ${JSON.stringify(text)} is not an address such as 127.0.0.1:8080 to find a server at`,
    );
  }
  const host = reachable(address.host);
  return `http://${host.includes(':') ? `[${host}]` : host}:${address.port}`;
}

function usage(message: string): ProgramError {
  return new ProgramError(ExitCode.usage, message);
}
