import { type Role, roles, type TokenDocument } from '@dunlin/api';
import { Argument, Command, InvalidArgumentError } from 'commander';

import type { ProgramContext } from '../../program/program-context.ts';
import { type ApiCommandOptions, apiCommand, apiOf, print } from '../api-command.ts';
import { relativeText } from '../duration-text.ts';
import { listPages } from '../list-pages.ts';
import { renderTable } from '../table.ts';

interface ListOptions extends ApiCommandOptions {
  readonly contains?: string;
}

interface AddOptions extends ApiCommandOptions {
  /** Seconds. */
  readonly expires?: number | 'never';
}

/** `dunlin tokens …`. */
export function tokensCommand(context: ProgramContext): Command {
  const command = new Command('tokens')
    .summary('what programs prove themselves with: add, list, remove')
    .description('What programs prove themselves with: they send a token as Authorization: Bearer.');
  for (const each of [listCommand, addCommand, removeCommand]) command.addCommand(each(context));
  return command;
}

function listCommand(context: ProgramContext): Command {
  return apiCommand('list', 'list the tokens, without their secrets')
    .option('--contains <text>', 'only those whose names have this in them')
    .action(async ({ contains, ...options }: ListOptions) => {
      const { access } = apiOf(context, options);
      const filter = contains === undefined ? {} : { contains };
      // The server keeps no more than a thousand.
      const { entries: tokens } = await listPages<TokenDocument>(1000, undefined, async (request) => {
        const page = await access.tokens({ ...request, ...filter }, { signal: context.interrupted });
        return { entries: page.tokens, next: page.next };
      });
      await print(context, options, { json: { tokens }, text: () => table(tokens, context.now()) });
    });
}

function addCommand(context: ProgramContext): Command {
  return apiCommand('add', 'make a token, and print it this once')
    .argument('<name>', 'what it is for')
    .addArgument(new Argument('<role>', 'what it allows').choices(roles))
    .option('--expires <time>', 'when: 12h, 30d, or never (default: 90d)', lifetime)
    .action(async (name: string, role: Role, options: AddOptions) => {
      const { expires } = options;
      const added = await apiOf(context, options).access.addToken(
        { name, role, ...(expires === undefined ? {} : { expiresIn: expires === 'never' ? null : expires }) },
        { signal: context.interrupted },
      );
      // Alone on standard output, so that a script can take it; what people are told is beside it.
      await print(context, options, { json: added, text: () => `${added.secret}\n` });
      if (options.json === true) return;
      const { expiresAt, id } = added.token;
      const end = expiresAt === null ? 'does not expire' : `expires at ${expiresAt}`;
      await context.stderr.write(`It is shown this once, ${end}; dunlin tokens remove ${id} removes it.\n`);
    });
}

function removeCommand(context: ProgramContext): Command {
  return apiCommand('remove', 'remove a token: who has it may do nothing any more')
    .argument('<id>', 'the id of the token, as list prints it')
    .action(async (id: string, options: ApiCommandOptions) => {
      await apiOf(context, options).access.removeToken(id, { signal: context.interrupted });
      await print(context, options, { json: { removed: id }, text: () => `removed ${id}\n` });
    });
}

function table(tokens: readonly TokenDocument[], now: number): string {
  if (tokens.length === 0) return 'There are no tokens.\n';
  return renderTable(
    ['ID', 'NAME', 'ROLE', 'MADE BY', 'EXPIRES', 'USED'],
    tokens.map(({ id, name, role, createdBy, expiresAt, usedAt }) => [
      id,
      name,
      role,
      createdBy,
      expiresAt === null ? 'never' : relativeText(expiresAt, now),
      usedAt === null ? 'never' : relativeText(usedAt, now),
    ]),
  );
}

const unitSeconds: ReadonlyMap<string, number> = new Map([
  ['m', 60],
  ['h', 3600],
  ['d', 86_400],
]);

function lifetime(text: string): number | 'never' {
  if (text === 'never') return text;
  const [, count = '', unit = ''] = /^(\d{1,6})([mhd])$/.exec(text) ?? [];
  const seconds = Number(count) * (unitSeconds.get(unit) ?? 0);
  if (seconds > 0) return seconds;
  throw new InvalidArgumentError('It must be a time such as 30m, 12h or 30d, or never.');
}
