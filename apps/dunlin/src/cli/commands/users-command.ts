import { type Role, roles, type UserDocument } from '@dunlin/api';
import { Argument, Command, Option } from 'commander';

import type { ProgramContext } from '../../program/program-context.ts';
import { readNamedFile } from '../../program/read-named-file.ts';
import { type ApiCommandOptions, apiCommand, apiOf, print } from '../api-command.ts';
import { relativeText } from '../duration-text.ts';
import { listPages } from '../list-pages.ts';
import { renderTable } from '../table.ts';

interface ListOptions extends ApiCommandOptions {
  readonly contains?: string;
}

interface PasswordOptions extends ApiCommandOptions {
  readonly passwordFile?: string;
}

interface ChangeOptions extends PasswordOptions {
  readonly role?: Role;
}

/** `dunlin users …`. */
export function usersCommand(context: ProgramContext): Command {
  const command = new Command('users')
    .summary('who may sign in: add, list, change, remove')
    .description(
      'Who may sign in. A viewer sees what the server knows, an operator has devices do things, an administrator manages the rest.',
    );
  for (const each of [listCommand, addCommand, changeCommand, removeCommand]) {
    command.addCommand(each(context));
  }
  return command;
}

function listCommand(context: ProgramContext): Command {
  return apiCommand('list', 'list the users')
    .option('--contains <text>', 'only those whose names have this in them')
    .action(async ({ contains, ...options }: ListOptions) => {
      const { access } = apiOf(context, options);
      const filter = contains === undefined ? {} : { contains };
      // The server keeps no more than a thousand.
      const { entries: users } = await listPages<UserDocument>(1000, undefined, async (request) => {
        const page = await access.users({ ...request, ...filter }, { signal: context.interrupted });
        return { entries: page.users, next: page.next };
      });
      await print(context, options, { json: { users }, text: () => table(users, context.now()) });
    });
}

function addCommand(context: ProgramContext): Command {
  return withPassword(apiCommand('add', 'let somebody sign in'))
    .argument('<name>', 'the name to sign in with')
    .addArgument(new Argument('<role>', 'what the user may do').choices(roles))
    .action(async (name: string, role: Role, options: PasswordOptions) => {
      const password = await passwordOf(context, options);
      const added = await apiOf(context, options).access.addUser(
        { name, role, ...(password === undefined ? {} : { password }) },
        { signal: context.interrupted },
      );
      const made = added.password;
      await print(context, options, {
        json: added,
        text: () =>
          made === null
            ? `added ${name}\n`
            : `added ${name} with the password ${made}\nIt is shown this once; ${name} can change it after signing in.\n`,
      });
    });
}

function changeCommand(context: ProgramContext): Command {
  return withPassword(apiCommand('change', 'change what a user may do, or the password'))
    .argument('<name>', 'the name of the user')
    .addOption(new Option('--role <role>', 'what the user may do from now on').choices(roles))
    .action(async (name: string, options: ChangeOptions) => {
      const { role } = options;
      const password = await passwordOf(context, options);
      const user = await apiOf(context, options).access.changeUser(
        name,
        { ...(role === undefined ? {} : { role }), ...(password === undefined ? {} : { password }) },
        { signal: context.interrupted },
      );
      await print(context, options, { json: user, text: () => table([user], context.now()) });
    });
}

function removeCommand(context: ProgramContext): Command {
  return apiCommand('remove', 'remove a user, whose sessions end at once')
    .argument('<name>', 'the name of the user')
    .action(async (name: string, options: ApiCommandOptions) => {
      await apiOf(context, options).access.removeUser(name, { signal: context.interrupted });
      await print(context, options, { json: { removed: name }, text: () => `removed ${name}\n` });
    });
}

/** Neither the history of the shell nor the list of processes is to have a password. */
function withPassword(command: Command): Command {
  return command.option(
    '--password-file <file>',
    'the password, in a file, or - for standard input (default when adding: the server makes one)',
  );
}

async function passwordOf(
  context: ProgramContext,
  { passwordFile }: PasswordOptions,
): Promise<string | undefined> {
  if (passwordFile === undefined) return undefined;
  if (passwordFile !== '-') {
    const text = new TextDecoder().decode(await readNamedFile(context, passwordFile));
    return text.replace(/\r?\n$/, '');
  }
  for await (const line of context.stdin) return line;
  return '';
}

function table(users: readonly UserDocument[], now: number): string {
  if (users.length === 0) return 'There are no users.\n';
  return renderTable(
    ['NAME', 'ROLE', 'ADDED', 'SIGNED IN'],
    users.map(({ name, role, createdAt, signedInAt }) => [
      name,
      role,
      relativeText(createdAt, now),
      signedInAt === null ? 'never' : relativeText(signedInAt, now),
    ]),
  );
}
