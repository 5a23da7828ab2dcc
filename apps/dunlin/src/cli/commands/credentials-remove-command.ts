import type { CredentialCalls, CredentialDocument } from '@dunlin/api';
import type { Command } from 'commander';

import { ExitCode } from '../../program/exit-code.ts';
import type { ProgramContext } from '../../program/program-context.ts';
import { ProgramError } from '../../program/program-error.ts';
import { type ApiCommandOptions, apiCommand, apiOf, print } from '../api-command.ts';
import type { CredentialCommandScope } from '../credential-command-scope.ts';
import { credentialName } from '../credential-text.ts';
import { printable } from '../table.ts';

interface RemoveOptions extends ApiCommandOptions {
  readonly endpoint?: string;
}

/** `dunlin credentials remove ID…`, or all of an endpoint. */
export function removeCredentialsCommand(context: ProgramContext, scope: CredentialCommandScope): Command {
  return apiCommand('remove', 'remove credentials; what they were the proof for ends at once')
    .argument('[ids...]', 'the ids of credentials, as list and add print them')
    .option('--endpoint <endpoint>', 'all credentials of this device')
    .action(async (ids: readonly string[], options: RemoveOptions) => {
      const api = scope.callsOf(apiOf(context, options));
      const removed: CredentialDocument[] = [];
      for (const credential of await chosen(context, api, ids, options)) {
        await api.removeCredential(credential.id, { signal: context.interrupted });
        removed.push(credential);
      }
      const bare = await endpointsWithout(context, api, removed);
      await print(context, options, {
        json: { removed: removed.map(({ id }) => id), endpointsWithoutCredentials: bare },
        text: () =>
          [
            ...removed.map(removedLine),
            ...bare.map((endpoint) => `${scope.mayComePlainly(printable(endpoint))}\n`),
          ].join(''),
      });
    });
}

async function chosen(
  context: ProgramContext,
  api: CredentialCalls,
  ids: readonly string[],
  { endpoint }: RemoveOptions,
): Promise<readonly CredentialDocument[]> {
  const options = { signal: context.interrupted };
  if ((ids.length === 0) === (endpoint === undefined)) throw usage('give ids of credentials, or --endpoint');
  if (endpoint === undefined) return await Promise.all(ids.map((id) => api.credential(id, options)));
  // An endpoint has few credentials: the store keeps no more than 16.
  const { credentials } = await api.credentials({ endpoint, limit: 1000 }, options);
  if (credentials.length > 0) return credentials;
  throw new ProgramError(ExitCode.unknown, `${endpoint} has no credentials`);
}

/** The endpoints that have no credential left: for them plain CoAP is open again, which somebody should know. */
async function endpointsWithout(
  context: ProgramContext,
  api: CredentialCalls,
  removed: readonly CredentialDocument[],
): Promise<readonly string[]> {
  const endpoints = new Set(removed.map(({ endpoint }) => endpoint).filter((endpoint) => endpoint !== null));
  const bare: string[] = [];
  for (const endpoint of endpoints) {
    const { credentials } = await api.credentials({ endpoint, limit: 1 }, { signal: context.interrupted });
    if (credentials.length === 0) bare.push(endpoint);
  }
  return bare;
}

function removedLine(credential: CredentialDocument): string {
  const whose = credential.endpoint ?? 'every endpoint';
  return `removed credential ${credential.id} of ${printable(whose)}: ${printable(credentialName(credential))}\n`;
}

function usage(message: string): ProgramError {
  return new ProgramError(ExitCode.usage, message);
}
