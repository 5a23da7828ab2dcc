import type { WakeDocument } from '@dunlin/api';
import type { Command } from 'commander';

import type { ProgramContext } from '../../program/program-context.ts';
import { type ApiCommandOptions, apiCommand, apiOf, positiveNumber, print } from '../api-command.ts';
import { printable } from '../table.ts';

interface WakeOptions extends ApiCommandOptions {
  readonly wait?: number;
}

/** `dunlin wake ENDPOINT`. */
export function wakeCommand(context: ProgramContext): Command {
  return apiCommand('wake', 'have a device send an Update, by one short message')
    .argument('<endpoint>', 'the endpoint name of the device')
    .option('--wait <seconds>', 'how long to wait for it to answer (default: 30)', positiveNumber)
    .action(async (endpoint: string, options: WakeOptions) => {
      const { wait } = options;
      const woken = await apiOf(context, options).sms.wake(endpoint, {
        signal: context.interrupted,
        ...(wait === undefined ? {} : { wait }),
      });
      await print(context, options, { json: woken, text: () => wakeText(woken) });
    });
}

function wakeText({ endpoint, isAnswered, message }: WakeDocument): string {
  const what =
    message === null ? 'The short message' : `The short message to ${message.to} is ${message.state}`;
  if (isAnswered) return `${printable(endpoint)} is awake. ${what}.\n`;
  const { reason = null } = message ?? {};
  const why = reason === null ? '' : ` (${printable(reason)})`;
  return `${printable(endpoint)} has not answered yet. ${what}${why}; dunlin sms outbox shows what becomes of it.\n`;
}
