import type { ObservationDocument } from '@dunlin/api';
import type { Command } from 'commander';

import type { ProgramContext } from '../../program/program-context.ts';
import {
  apiOf,
  callOptions,
  containsHelp,
  type DeviceCommandOptions,
  deviceCommand,
  print,
} from '../api-command.ts';
import { stateText } from '../desired-text.ts';
import { devicePathText } from '../device-path.ts';
import { relativeText } from '../duration-text.ts';
import { printable, renderTable } from '../table.ts';

interface ObservationsOptions extends DeviceCommandOptions {
  readonly withdraw?: string;
  readonly contains?: string;
}

/** `dunlin observations ENDPOINT`. */
export function observationsCommand(context: ProgramContext): Command {
  return deviceCommand('observations', 'list what is observed on a device, or shall be')
    .option('--contains <text>', containsHelp)
    .option('--withdraw <path>', 'observe this path no longer')
    .action(async (endpoint: string, options: ObservationsOptions) => {
      if (options.withdraw === undefined) await list(context, endpoint, options);
      else await withdraw(context, endpoint, devicePathText(options.withdraw), options);
    });
}

async function list(context: ProgramContext, endpoint: string, options: ObservationsOptions): Promise<void> {
  const { contains } = options;
  const observations = await apiOf(context, options).observations(endpoint, {
    ...(contains === undefined ? {} : { contains }),
    signal: context.interrupted,
  });
  await print(context, options, {
    json: { observations },
    text: () => table(observations, context.now()),
  });
}

async function withdraw(
  context: ProgramContext,
  endpoint: string,
  path: string,
  options: ObservationsOptions,
): Promise<void> {
  await apiOf(context, options).cancelObservation(endpoint, path, callOptions(context, options));
  await print(context, options, {
    json: { operation: 'withdraw', endpoint, path, result: 'ok' },
    text: () => `${path} of ${printable(endpoint)} is observed no longer\n`,
  });
}

function table(observations: readonly ObservationDocument[], now: number): string {
  if (observations.length === 0) return 'Nothing is observed on the device.\n';
  return renderTable(
    ['PATH', 'NAME', 'STATE', 'SINCE', 'LASTS'],
    observations.map((observation) => [
      observation.path,
      observation.name ?? '',
      stateText(observation),
      relativeText(observation.observedAt ?? observation.since, now),
      observation.isDesired ? 'until withdrawn' : 'until its program ends',
    ]),
  );
}
