import type { Command } from 'commander';

import type { ProgramContext } from '../../program/program-context.ts';
import { type ApiCommandOptions, apiCommand, apiOf, countingNumber, print } from '../api-command.ts';
import { eventText } from '../event-text.ts';
import { followEvents } from '../follow-events.ts';

interface EventsCommandOptions extends ApiCommandOptions {
  readonly endpoint?: string;
  readonly count?: number;
}

/** `dunlin events`. */
export function eventsCommand(context: ProgramContext): Command {
  return apiCommand('events', 'show what happens, until Ctrl-C; with --json one event a line')
    .option('--endpoint <endpoint>', 'only of this device')
    .option('--count <count>', 'end after so many', countingNumber)
    .action(async (options: EventsCommandOptions) => {
      const { endpoint, count = Infinity } = options;
      let left = count;
      const filter = { signal: context.interrupted, ...(endpoint === undefined ? {} : { endpoint }) };
      for await (const { id, event } of followEvents(context, apiOf(context, options), filter)) {
        await print(context, options, { json: { id, ...event }, text: () => eventText(event) });
        left -= 1;
        if (left <= 0) break;
      }
    });
}
