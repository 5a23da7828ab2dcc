import { Command } from 'commander';

import { attributesCommand } from '../cli/commands/attributes-command.ts';
import { auditCommand } from '../cli/commands/audit-command.ts';
import { bootstrapCommand } from '../cli/commands/bootstrap-command.ts';
import { createCommand } from '../cli/commands/create-command.ts';
import { credentialsCommand } from '../cli/commands/credentials-command.ts';
import { definitionsCommand } from '../cli/commands/definitions-command.ts';
import { deleteCommand } from '../cli/commands/delete-command.ts';
import { devicesCommand } from '../cli/commands/devices-command.ts';
import { discoverCommand } from '../cli/commands/discover-command.ts';
import { eventsCommand } from '../cli/commands/events-command.ts';
import { executeCommand } from '../cli/commands/execute-command.ts';
import { firmwareCommand } from '../cli/commands/firmware-command.ts';
import { historyCommand } from '../cli/commands/history-command.ts';
import { observationsCommand } from '../cli/commands/observations-command.ts';
import { observeCommand } from '../cli/commands/observe-command.ts';
import { operationsCommand } from '../cli/commands/operations-command.ts';
import { readCommand } from '../cli/commands/read-command.ts';
import { smsCommand } from '../cli/commands/sms-command.ts';
import { traceCommand } from '../cli/commands/trace-command.ts';
import { tokensCommand } from '../cli/commands/tokens-command.ts';
import { usersCommand } from '../cli/commands/users-command.ts';
import { valuesCommand } from '../cli/commands/values-command.ts';
import { wakeCommand } from '../cli/commands/wake-command.ts';
import { writeCommand } from '../cli/commands/write-command.ts';
import { clientCommand } from '../client/client-command.ts';
import { bootstrapServerCommand } from '../server/bootstrap-server-command.ts';
import { serverCommand } from '../server/server-command.ts';
import { simulateCommand } from '../simulate/simulate-command.ts';
import { exitCodeHelp } from './exit-code.ts';
import type { ProgramContext } from './program-context.ts';

/** The program `dunlin` with all its commands. */
export function createProgram(context: ProgramContext): Command {
  const program = new Command('dunlin')
    .description('LwM2M: a server, a device to try it with, and commands against a running server.')
    .version(context.version, '-V, --version')
    .addHelpText('after', `\n${exitCodeHelp}`);
  const commands = [
    serverCommand(context),
    bootstrapServerCommand(context),
    clientCommand(context),
    simulateCommand(context),
    devicesCommand(context),
    readCommand(context),
    writeCommand(context),
    executeCommand(context),
    createCommand(context),
    deleteCommand(context),
    discoverCommand(context),
    attributesCommand(context),
    observeCommand(context),
    observationsCommand(context),
    operationsCommand(context),
    valuesCommand(context),
    eventsCommand(context),
    definitionsCommand(context),
    historyCommand(context),
    traceCommand(context),
    firmwareCommand(context),
    credentialsCommand(context),
    smsCommand(context),
    wakeCommand(context),
    bootstrapCommand(context),
    usersCommand(context),
    tokensCommand(context),
    auditCommand(context),
  ];
  for (const command of commands) program.addCommand(command);
  prepare(program, context);
  return program;
}

/**
 * Errors of a command and those below it are thrown to the caller, who prints them in one line; help goes where the
 * context says.
 */
export function prepare(command: Command, context: ProgramContext): void {
  const print = (text: string): void => void context.stdout.write(text).catch(() => undefined);
  command
    .exitOverride()
    .configureOutput({ writeOut: print, writeErr: () => undefined, outputError: () => undefined })
    .showSuggestionAfterError();
  for (const below of command.commands) prepare(below, context);
}
