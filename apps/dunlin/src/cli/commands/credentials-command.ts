import { Command } from 'commander';

import type { ProgramContext } from '../../program/program-context.ts';
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
  for (const each of [
    addCredentialCommand,
    listCredentialsCommand,
    showCredentialCommand,
    removeCredentialsCommand,
    serverCredentialsCommand,
  ]) {
    command.addCommand(each(context));
  }
  return command;
}
