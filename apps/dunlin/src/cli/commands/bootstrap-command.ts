import { Command } from 'commander';

import type { ProgramContext } from '../../program/program-context.ts';
import {
  getBootstrapCommand,
  listBootstrapCommand,
  removeBootstrapCommand,
} from './bootstrap-configurations-command.ts';
import { sessionCommand, sessionsCommand, startBootstrapCommand } from './bootstrap-sessions-command.ts';
import { setBootstrapCommand } from './bootstrap-set-command.ts';
import { bootstrapCredentialsCommand } from './credentials-command.ts';

/** `dunlin bootstrap …`. */
export function bootstrapCommand(context: ProgramContext): Command {
  const command = new Command('bootstrap')
    .summary('what devices are given before they register, and how it went')
    .description(
      'What the Bootstrap-Server gives to devices that ask it: accounts, access control and further values.',
    );
  for (const each of [
    setBootstrapCommand,
    getBootstrapCommand,
    listBootstrapCommand,
    removeBootstrapCommand,
    sessionsCommand,
    sessionCommand,
    startBootstrapCommand,
    bootstrapCredentialsCommand,
  ]) {
    command.addCommand(each(context));
  }
  return command;
}
