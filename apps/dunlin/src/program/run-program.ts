import { ApiError, stringifyJson } from '@dunlin/api';
import { DunlinError } from '@dunlin/base';
import { CommanderError } from 'commander';

import { printable } from '../cli/table.ts';
import { apiTokenVariable } from '../config/access-variables.ts';
import { settingVariables } from '../config/server-settings.ts';
import { createProgram } from './create-program.ts';
import { ExitCode } from './exit-code.ts';
import { exitCodeOf } from './exit-code-of.ts';
import type { ProgramContext } from './program-context.ts';

/** Runs the program with the given arguments (without those of Node); resolves to its exit code and never rejects. */
export async function runProgram(args: readonly string[], context: ProgramContext): Promise<number> {
  try {
    const program = createProgram(context);
    if (args.length === 0) {
      await context.stderr.write(program.helpInformation());
      return ExitCode.usage;
    }
    await program.parseAsync([...args], { from: 'user' });
    return ExitCode.ok;
  } catch (error) {
    return end(error, args, context);
  }
}

/** Says in one line what went wrong, and gives the number for it. */
export async function end(error: unknown, args: readonly string[], context: ProgramContext): Promise<number> {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return ExitCode.ok;
    const isBare = error.code === 'commander.help';
    await tell(
      context,
      isBare ? `a command is missing after ${args.join(' ')}; --help lists them` : usageLine(error.message),
    );
    return ExitCode.usage;
  }
  // Whoever read our output reads no more: nothing is left to do, and nothing went wrong.
  if (isBrokenPipe(error)) return ExitCode.ok;
  if (context.interrupted.aborted) return ExitCode.interrupted;
  if (args.includes('--json') && error instanceof ApiError) {
    await context.stderr.write(`${stringifyJson({ ...error.document, status: error.status })}\n`);
  } else await tell(context, errorLine(error));
  return exitCodeOf(error);
}

const tokenHint =
  `set ${apiTokenVariable} to a token of this server (dunlin tokens add makes one), ` +
  `or run the command beside the server's data folder as the user who runs the server (${settingVariables.data} names it)`;

const roleHint = `set ${apiTokenVariable} to a token with that role`;

/** What went wrong, in one line. A stack trace is for errors that nobody foresaw, and only on request. */
function errorLine(error: unknown): string {
  if (error instanceof ApiError && error.code === 'unauthenticated') return `${error.message}; ${tokenHint}`;
  if (error instanceof ApiError && error.code === 'forbidden') return `${error.message}; ${roleHint}`;
  if (DunlinError.is(error)) return error.message;
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

/** Commander puts its suggestion into a line of its own and a capital before it. */
function usageLine(message: string): string {
  return message
    .replace(/^error: /, '')
    .replace(/\s*\n\(Did you mean (?:one of )?(.+)\?\)$/, '; did you mean $1?');
}

async function tell(context: ProgramContext, line: string): Promise<void> {
  await context.stderr.write(`dunlin: ${printable(line)}\n`).catch(() => undefined);
}

function isBrokenPipe(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EPIPE';
}
