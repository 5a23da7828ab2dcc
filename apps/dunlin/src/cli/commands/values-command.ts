import type { KnownValueDocument } from '@dunlin/api';
import type { Command } from 'commander';

import type { ProgramContext } from '../../program/program-context.ts';
import { type ApiCommandOptions, apiCommand, apiOf, containsHelp, print } from '../api-command.ts';
import { resourceRows } from '../content-rows.ts';
import { devicePath } from '../device-path.ts';
import { relativeText } from '../duration-text.ts';
import { renderTable } from '../table.ts';

interface ValuesOptions extends ApiCommandOptions {
  readonly contains?: string;
}

/** `dunlin values ENDPOINT [PATH]`. */
export function valuesCommand(context: ProgramContext): Command {
  return apiCommand('values', 'show the last values that are known of a device, without asking it')
    .argument('<endpoint>', 'the endpoint name of the device')
    .argument('[path]', 'such as /3303/0; without it all are shown')
    .option('--contains <text>', containsHelp)
    .action(async (endpoint: string, path: string | undefined, options: ValuesOptions) => {
      const { contains } = options;
      const target = path === undefined ? undefined : devicePath(path);
      const values = await apiOf(context, options).values(endpoint, target, {
        ...(contains === undefined ? {} : { contains }),
        signal: context.interrupted,
      });
      await print(context, options, { json: { values }, text: () => table(values, context.now()) });
    });
}

/** When the device measured it, if it said so; else when the server came to know it. */
function table(values: readonly KnownValueDocument[], now: number): string {
  if (values.length === 0) return 'Nothing is known of it.\n';
  return renderTable(
    ['PATH', 'NAME', 'VALUE', 'AGE', 'ORIGIN'],
    values.flatMap(({ path, resource, knownAt, measuredAt, origin }) =>
      resourceRows(path, resource).map((row) => row.concat(relativeText(measuredAt ?? knownAt, now), origin)),
    ),
  );
}
