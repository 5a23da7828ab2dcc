import { Command } from 'commander';

import type { ProgramContext } from '../../program/program-context.ts';
import {
  bootstrapCredentials,
  type CredentialCommandScope,
  registrationCredentials,
} from '../credential-command-scope.ts';
import { addCredentialCommand } from './credentials-add-command.ts';
import { listCredentialsCommand, showCredentialCommand } from './credentials-list-command.ts';
import { removeCredentialsCommand } from './credentials-remove-command.ts';
import { serverCredentialsCommand } from './credentials-server-command.ts';

/** `dunlin credentials …`. */
export function credentialsCommand(context: ProgramContext): Command {
  const command = new Command('credentials')
    .summary('what devices prove themselves with: add, list, show, remove')
    .description(
      'What devices prove themselves with over DTLS. An endpoint that has credentials must register over coaps.',
    );
  return withSubcommands(context, command, registrationCredentials);
}

/** `dunlin bootstrap credentials …`. */
export function bootstrapCredentialsCommand(context: ProgramContext): Command {
  const command = new Command('credentials')
    .summary('what devices prove themselves with at the Bootstrap-Server: add, list, show, remove')
    .description(
      'What devices prove themselves with at the Bootstrap-Server. They are others than those for registering.',
    );
  return withSubcommands(context, command, bootstrapCredentials);
}

function withSubcommands(context: ProgramContext, command: Command, scope: CredentialCommandScope): Command {
  for (const each of [
    addCredentialCommand,
    listCredentialsCommand,
    showCredentialCommand,
    removeCredentialsCommand,
    serverCredentialsCommand,
  ]) {
    command.addCommand(each(context, scope));
  }
  return command;
}
