import { type Command, Command as CommanderCommand } from 'commander';

import { exitCodeHelp } from '../program/exit-code.ts';
import type { ProgramContext } from '../program/program-context.ts';
import { reloadOnHangUp } from '../program/reload-on-hang-up.ts';
import { untilInterrupted } from '../program/until-interrupted.ts';
import type { ServedBootstrap } from './serve-bootstrap.ts';
import {
  administratorText,
  bootstrapLines,
  secretsHelp,
  serveOptions,
  type ServerFlags,
  settingsOf,
  withBootstrapFlags,
  withCommonFlags,
} from './server-command.ts';

/** `dunlin bootstrap-server`. */
export function bootstrapServerCommand(context: ProgramContext): Command {
  const command = new CommanderCommand('bootstrap-server')
    .summary('run the Bootstrap-Server alone; dunlin server has one in it')
    .description('Run the Bootstrap-Server alone: CoAP for devices, HTTP for people and programs.')
    .addHelpText('after', `\n${secretsHelp}\n\n${exitCodeHelp}`);
  return withCommonFlags(withBootstrapFlags(command)).action(async (flags: ServerFlags) => {
    const settings = await settingsOf(context, flags, 'bootstrap-server');
    const [{ openLog }, { serveBootstrap }] = await Promise.all([
      import('./log.ts'),
      import('./serve-bootstrap.ts'),
    ]);
    const log = openLog(context.stderr, settings.logLevel);
    await using served = await serveBootstrap(settings, serveOptions(context, log));
    using _reloading = reloadOnHangUp(context, () => served.certificates.look());
    await context.stdout.write(`${addressesText(served)}${administratorText(served.access)}`);
    await untilInterrupted(context);
  });
}

function addressesText({ bootstrap, httpUrl, data }: ServedBootstrap): string {
  return [...bootstrapLines(bootstrap), `HTTP       ${httpUrl}`, `Data       ${data}`, ''].join('\n');
}
