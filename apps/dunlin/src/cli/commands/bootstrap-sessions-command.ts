import type { BootstrapCalls, BootstrapSessionDocument } from '@dunlin/api';
import type { Command } from 'commander';

import { ExitCode } from '../../program/exit-code.ts';
import type { ProgramContext } from '../../program/program-context.ts';
import { ProgramError } from '../../program/program-error.ts';
import { type ApiCommandOptions, apiCommand, apiOf, countingNumber, print } from '../api-command.ts';
import { sessionsTable, sessionTable } from '../bootstrap-text.ts';
import { printable } from '../table.ts';

interface SessionsOptions extends ApiCommandOptions {
  readonly contains?: string;
  readonly before?: string;
  readonly limit: number;
}

interface StartOptions extends ApiCommandOptions {
  readonly at?: string;
  readonly wait: boolean;
}

/** How often is asked whether a session is over. */
const pollInterval = 500;

/** `dunlin bootstrap sessions [ENDPOINT]`. */
export function sessionsCommand(context: ProgramContext): Command {
  return apiCommand('sessions', 'list bootstraps under way and those that ended last')
    .argument('[endpoint]', 'only those of this device')
    .option('--contains <text>', 'only those whose endpoint names have this in them')
    .option('--before <id>', 'go on with those that began before this one')
    .option('--limit <count>', 'at most so many', countingNumber, 100)
    .action(async (endpoint: string | undefined, options: SessionsOptions) => {
      const { contains, before, limit } = options;
      const { sessions, next } = await apiOf(context, options).bootstrap.sessions(
        {
          limit: Math.min(limit, 1000),
          ...(endpoint === undefined ? {} : { endpoint }),
          ...(contains === undefined ? {} : { contains }),
          ...(before === undefined ? {} : { before }),
        },
        { signal: context.interrupted },
      );
      await print(context, options, {
        json: { sessions, next },
        text: () => sessionsTable(sessions, context.now()),
      });
      if (next !== null && options.json !== true)
        await context.stderr.write(
          `There are older ones: dunlin bootstrap sessions --before ${printable(next)}\n`,
        );
    });
}

/** `dunlin bootstrap session ID`. */
export function sessionCommand(context: ProgramContext): Command {
  return apiCommand('session', 'show a bootstrap with each step and its answer')
    .argument('<id>', 'the id of the session, as sessions prints it')
    .action(async (id: string, options: ApiCommandOptions) => {
      const session = await apiOf(context, options).bootstrap.session(id, { signal: context.interrupted });
      await print(context, options, { json: session, text: () => sessionTable(session, context.now()) });
    });
}

/** `dunlin bootstrap start ENDPOINT`. */
export function startBootstrapCommand(context: ProgramContext): Command {
  return apiCommand('start', 'begin a bootstrap with a device that waits for it')
    .argument('<endpoint>', 'the endpoint name of the device')
    .option('--at <uri>', 'where it waits: coap://host:port; default where it registered, or asked last')
    .option('--no-wait', 'do not wait for the end')
    .action(async (endpoint: string, options: StartOptions) => {
      const { bootstrap } = apiOf(context, options);
      const signal = context.interrupted;
      const { at, wait } = options;
      const begun = await bootstrap.startSession(
        { endpoint, ...(at === undefined ? {} : { uri: at }) },
        { signal },
      );
      const session = wait ? await ended(context, bootstrap, begun) : begun;
      await print(context, options, { json: session, text: () => sessionTable(session, context.now()) });
      if (session.failure !== undefined) throw failureOf(session.failure);
    });
}

/** The session once it is over. */
async function ended(
  context: ProgramContext,
  bootstrap: BootstrapCalls,
  begun: BootstrapSessionDocument,
): Promise<BootstrapSessionDocument> {
  let session = begun;
  while (session.outcome === 'running') {
    await context.sleep(pollInterval);
    session = await bootstrap.session(session.id, { signal: context.interrupted });
  }
  return session;
}

function failureOf({ kind, reason }: NonNullable<BootstrapSessionDocument['failure']>): ProgramError {
  switch (kind) {
    case 'no-answer':
    case 'timed-out':
    case 'association-ended':
      return new ProgramError(ExitCode.noAnswer, reason);
    case 'refused':
    case 'rejected':
    case 'misbehaved':
      return new ProgramError(ExitCode.refused, reason);
    case 'superseded':
    case 'closed':
      return new ProgramError(ExitCode.failure, reason);
  }
}
