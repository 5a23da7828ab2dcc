import { seconds } from '@dunlin/base';
import { Command } from 'commander';

import { defaultServerUrl } from '../cli/api-command.ts';
import { openDevice } from '../client/open-device.ts';
import { tellRegistrations } from '../client/tell-registrations.ts';
import { reachable } from '../server/listen-http.ts';
import { openLog } from '../server/log.ts';
import { type RunningServer, serve } from '../server/serve.ts';
import {
  addressesText,
  serveOptions,
  type ServerFlags,
  settingsOf,
  withServerFlags,
} from '../server/server-command.ts';
import { prepare } from './create-program.ts';
import { ExitCode } from './exit-code.ts';
import type { ProgramContext } from './program-context.ts';
import { end } from './run-program.ts';
import { untilInterrupted } from './until-interrupted.ts';

/** The endpoint name of the device that `npm start` brings: easy to type. */
const demoEndpoint = 'dunlin-demo';

/** Light Control beside the Device Object and the temperature: something to write to, create and delete. */
const demoObjects: readonly string[] = ['3311'];

/** What `npm start` does: the server with one simulated device that registers over its real socket. */
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
  const [coap] = server.coap;
  if (coap === undefined) return;
  const host = reachable(coap.address);
  const isV6 = host.includes(':');
  await using device = await openDevice(
    {
      endpoint: demoEndpoint,
      serverUri: `coap://${isV6 ? `[${host}]` : host}:${coap.port}`,
      lifetime: seconds(300),
      objects: demoObjects,
      version: context.version,
      localAddress: isV6 ? '::' : '0.0.0.0',
    },
    (line) => log.info({ device: demoEndpoint }, line),
  );
  using _registrations = tellRegistrations(device.client, (line) =>
    log.debug({ device: demoEndpoint }, line),
  );
  await context.stdout.write(startText(server));
  await untilInterrupted(context);
}

/** What is where, and what to try. */
function startText(server: RunningServer): string {
  const flag = server.httpUrl === defaultServerUrl ? '' : ` --server ${server.httpUrl}`;
  return [
    addressesText(server),
    `The device ${demoEndpoint} registers now. See it live at ${server.httpUrl}/, or try in another terminal:`,
    `  npx dunlin devices${flag}`,
    `  npx dunlin read ${demoEndpoint} /3/0/0${flag}`,
    `  npx dunlin write ${demoEndpoint} /3311/0/5850 true${flag}`,
    `  npx dunlin observe ${demoEndpoint} /3303/0/5700${flag}`,
    '',
    'Ctrl-C ends both.',
    '',
  ].join('\n');
}
