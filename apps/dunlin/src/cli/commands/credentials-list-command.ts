import type { CredentialDocument } from '@dunlin/api';
import type { Command } from 'commander';

import type { ProgramContext } from '../../program/program-context.ts';
import { type ApiCommandOptions, apiCommand, apiOf, countingNumber, print } from '../api-command.ts';
import type { CredentialCommandScope } from '../credential-command-scope.ts';
import { credentialsTable, credentialTable } from '../credential-text.ts';

interface ListOptions extends ApiCommandOptions {
  readonly contains?: string;
  readonly after?: string;
  readonly limit: number;
}

/** `dunlin credentials list [ENDPOINT]`. */
export function listCredentialsCommand(context: ProgramContext, scope: CredentialCommandScope): Command {
  return apiCommand('list', 'list credentials, without secrets')
    .argument('[endpoint]', 'only those of this device')
    .option('--contains <text>', 'only those whose endpoint names or identities have this in them')
    .option('--after <cursor>', 'go on where an earlier list ended')
    .option('--limit <count>', 'at most so many', countingNumber, 100)
    .action(async (endpoint: string | undefined, options: ListOptions) => {
      const api = scope.callsOf(apiOf(context, options));
      const { contains, limit } = options;
      const credentials: CredentialDocument[] = [];
      let next: string | null = options.after ?? null;
      do {
        const page = await api.credentials(
          {
            limit: Math.min(limit - credentials.length, 1000),
            ...(endpoint === undefined ? {} : { endpoint }),
            ...(contains === undefined ? {} : { contains }),
            ...(next === null ? {} : { after: next }),
          },
          { signal: context.interrupted },
        );
        credentials.push(...page.credentials);
        ({ next } = page);
      } while (next !== null && credentials.length < limit);
      await print(context, options, {
        json: { credentials, next },
        text: () => credentialsTable(credentials, context.now()),
      });
      if (next !== null && options.json !== true) {
        await context.stderr.write(`There are more: ${scope.command} list --after ${JSON.stringify(next)}\n`);
      }
    });
}

/** `dunlin credentials show ID`. */
export function showCredentialCommand(context: ProgramContext, scope: CredentialCommandScope): Command {
  return apiCommand('show', 'show a credential in full, without its secret')
    .argument('<id>', 'the id of the credential, as list and add print it')
    .action(async (id: string, options: ApiCommandOptions) => {
      const calls = scope.callsOf(apiOf(context, options));
      const credential = await calls.credential(id, { signal: context.interrupted });
      await print(context, options, {
        json: credential,
        text: () => credentialTable(credential, context.now()),
      });
    });
}
