import { join } from 'node:path';

import { seconds } from '@dunlin/base';
import { formatHostAndPort } from '@dunlin/node';
import { Command } from 'commander';

import { defaultServerUrl } from '../cli/server-url.ts';
import type { ClientSecurity } from '../client/client-security.ts';
import type { Position } from '../client/device-settings.ts';
import { openDevice } from '../client/open-device.ts';
import { tellRegistrations } from '../client/tell-registrations.ts';
import { reachable } from '../config/reachable.ts';
import { settingVariables } from '../config/server-settings.ts';
import { isLoopback } from '../config/socket-address.ts';
import { openLog } from '../server/log.ts';
import { type RunningServer, serve } from '../server/serve.ts';
import {
  addressesText,
  administratorText,
  serveOptions,
  type ServerFlags,
  settingsOf,
  withServerFlags,
} from '../server/server-command.ts';
import { prepare } from './create-program.ts';
import { demoCredential } from './demo-credential.ts';
import { ExitCode } from './exit-code.ts';
import type { ProgramContext } from './program-context.ts';
import { end } from './run-program.ts';
import { reloadOnHangUp } from './reload-on-hang-up.ts';
import { untilInterrupted } from './until-interrupted.ts';

/** The endpoint name of the device that `npm start` brings: easy to type. */
const demoEndpoint = 'dunlin-demo';

/** Light Control beside the Device Object and the temperature: something to write to, create and delete. */
const demoObjects: readonly string[] = ['3311'];

/** On the mudflats of Westerhever, where dunlins rest on their way. */
const demoPosition: Position = { latitude: 54.3739, longitude: 8.6398 };

/** What `npm start` does: the server with one simulated device that registers over its real socket, secured if it can be. */
export async function runStart(args: readonly string[], context: ProgramContext): Promise<number> {
  const command = withServerFlags(new Command('npm start --'))
    .description('Run the server and one simulated device that registers with it.')
    .action((flags: ServerFlags) => start(context, flags));
  prepare(command, context);
  try {
    await command.parseAsync([...args], { from: 'user' });
    return ExitCode.ok;
  } catch (error) {
    return end(error, args, context);
  }
}

async function start(context: ProgramContext, flags: ServerFlags): Promise<void> {
  const settings = await settingsOf(context, flags);
  const log = openLog(context.stderr, settings.logLevel);
  await using server = await serve(settings, serveOptions(context, log));
  await using opened = new AsyncDisposableStack();
  const secure = server.coaps[0];
  const local = secure ?? server.coap[0];
  if (local === undefined) return;
  const host = reachable(local.address);
  const isV6 = host.includes(':');
  let security: ClientSecurity = { mode: 'none' };
  if (secure !== undefined) {
    const { identity, key } = opened.use(await demoCredential(server.credentials, demoEndpoint));
    security = { mode: 'psk', identity, key };
  }
  const device = opened.use(
    await openDevice(
      {
        endpoint: demoEndpoint,
        serverUri: `${secure === undefined ? 'coap' : 'coaps'}://${formatHostAndPort(host, local.port)}`,
        security,
        lifetime: seconds(300),
        objects: demoObjects,
        version: context.version,
        firmwareFolder: join(settings.data, `${demoEndpoint}.firmware`),
        position: demoPosition,
        localAddress: isV6 ? '::' : '0.0.0.0',
      },
      (line) => log.info({ device: demoEndpoint }, line),
    ),
  );
  using _registrations = tellRegistrations(device.client, (line) =>
    log.debug({ device: demoEndpoint }, line),
  );
  using _reloading = reloadOnHangUp(context, () => server.certificates.look());
  await context.stdout.write(await startText(server, flags));
  await untilInterrupted(context);
}

/** What is where, and what to try. */
async function startText(server: RunningServer, { data }: ServerFlags): Promise<string> {
  // Commands look for their token where the environment and the file of settings say that the data are.
  const where = data === undefined ? '' : `, with ${settingVariables.data}=${server.data} in the environment`;
  const flag = server.httpUrl === defaultServerUrl ? '' : ` --server ${server.httpUrl}`;
  return [
    addressesText(server),
    `The device ${demoEndpoint} registers now. See it live with this link, which signs you in once, within 10 minutes:`,
    `  ${await signInUrl(server)}`,
    `or try in another terminal${where}:`,
    `  npx dunlin devices${flag}`,
    `  npx dunlin read ${demoEndpoint} /3/0/0${flag}`,
    `  npx dunlin write ${demoEndpoint} /3311/0/5850 true${flag}`,
    `  npx dunlin observe ${demoEndpoint} /3303/0/5700${flag}`,
    administratorText(server.access),
    'Ctrl-C ends both.',
    '',
  ].join('\n');
}

/** Only who sees this terminal and sits at this machine is to use the link; elsewhere it would go over the network. */
async function signInUrl({ access, httpUrl }: RunningServer): Promise<string> {
  const path = isLoopback(new URL(httpUrl).hostname.replace(/^\[(.*)\]$/, '$1'))
    ? await access.signInPath()
    : undefined;
  return `${httpUrl}${path ?? '/'}`;
}
