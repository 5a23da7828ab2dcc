import type { DesiredAttributesDocument } from '@dunlin/api';
import type { Command } from 'commander';

import { ExitCode } from '../../program/exit-code.ts';
import type { ProgramContext } from '../../program/program-context.ts';
import { ProgramError } from '../../program/program-error.ts';
import {
  apiOf,
  callOptions,
  containsHelp,
  type DeviceCommandOptions,
  deviceCommand,
  print,
} from '../api-command.ts';
import { attributesFrom } from '../attribute-arguments.ts';
import { stateText } from '../desired-text.ts';
import { devicePath } from '../device-path.ts';
import { printDone } from '../print-done.ts';
import { printable, renderTable } from '../table.ts';
import { attributesText } from './discover-command.ts';

interface AttributesOptions extends DeviceCommandOptions {
  readonly contains?: string;
}

/** `dunlin attributes ENDPOINT [PATH pmin=5…]`. */
export function attributesCommand(context: ProgramContext): Command {
  return deviceCommand('attributes', 'set when a path notifies, in all registrations to come')
    .argument('[path]', 'such as /3303/0/5700; without it what is wished for the device is listed')
    .argument(
      '[changes...]',
      'pmin=5 sets an attribute, pmin= unsets it; there are pmin, pmax, gt, lt and st',
    )
    .option('--contains <text>', `without a path: ${containsHelp}`)
    .action(
      async (
        endpoint: string,
        path: string | undefined,
        changes: readonly string[],
        options: AttributesOptions,
      ) => {
        if (path === undefined) await list(context, endpoint, options);
        else await write(context, { endpoint, path, changes }, options);
      },
    );
}

async function list(context: ProgramContext, endpoint: string, options: AttributesOptions): Promise<void> {
  const { contains } = options;
  const attributes = await apiOf(context, options).attributes(endpoint, {
    ...(contains === undefined ? {} : { contains }),
    signal: context.interrupted,
  });
  await print(context, options, { json: { attributes }, text: () => table(attributes) });
}

async function write(
  context: ProgramContext,
  given: { readonly endpoint: string; readonly path: string; readonly changes: readonly string[] },
  options: DeviceCommandOptions,
): Promise<void> {
  const { endpoint } = given;
  const path = devicePath(given.path);
  if (given.changes.length === 0)
    throw new ProgramError(ExitCode.usage, 'the attributes are missing: give pmin=5, for example');
  const change = attributesFrom(given.changes);
  const outcome = await apiOf(context, options).writeAttributes(
    endpoint,
    path,
    change,
    callOptions(context, options),
  );
  if (outcome === 'written') {
    await printDone(context, options, { operation: 'attributes', endpoint, path });
    return;
  }
  await print(context, options, {
    json: { operation: 'attributes', endpoint, path: given.path, result: 'pending' },
    text: () => `${printable(endpoint)} cannot be reached now: its attributes are set when it can be\n`,
  });
}

function table(attributes: readonly DesiredAttributesDocument[]): string {
  if (attributes.length === 0) return 'No attributes are wished for the device.\n';
  return renderTable(
    ['PATH', 'NAME', 'ATTRIBUTES', 'STATE'],
    attributes.map((wish) => [wish.path, wish.name ?? '', attributesText(wish.attributes), stateText(wish)]),
  );
}
