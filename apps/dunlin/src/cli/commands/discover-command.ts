import type { AttributesDocument, DiscoverDocument } from '@dunlin/api';
import type { Command } from 'commander';

import type { ProgramContext } from '../../program/program-context.ts';
import { apiOf, callOptions, type DeviceCommandOptions, deviceCommand, print } from '../api-command.ts';
import { devicePath } from '../device-path.ts';
import { renderTable } from '../table.ts';

/** `dunlin discover ENDPOINT PATH`. */
export function discoverCommand(context: ProgramContext): Command {
  return deviceCommand('discover', 'show what there is at a path, and the attributes set on it')
    .argument('<path>', 'such as /3, /3/0 or /3/0/0')
    .action(async (endpoint: string, path: string, options: DeviceCommandOptions) => {
      const target = devicePath(path);
      const links = await apiOf(context, options).discover(endpoint, target, callOptions(context, options));
      await print(context, options, { json: { links }, text: () => discoverTable(links) });
    });
}

/** The lines of a Discover as a table. */
function discoverTable(links: readonly DiscoverDocument[]): string {
  return renderTable(
    ['PATH', 'NAME', 'ATTRIBUTES'],
    links.map(({ path, name = '', version, dimension, attributes }) => [
      path,
      name,
      [
        ...(version === undefined ? [] : [`ver=${version}`]),
        ...(dimension === undefined ? [] : [`dim=${dimension}`]),
        attributesText(attributes),
      ]
        .filter((part) => part !== '')
        .join(' '),
    ]),
  );
}

function attributesText(attributes: AttributesDocument): string {
  return Object.entries(attributes)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');
}
