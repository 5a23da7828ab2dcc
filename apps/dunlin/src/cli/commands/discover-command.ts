import type { AttributesInput, DiscoverDocument } from '@dunlin/api';
import type { Command } from 'commander';

import type { ProgramContext } from '../../program/program-context.ts';
import { apiOf, print } from '../api-command.ts';
import { askCommand, type AskCommandOptions, askDevice } from '../ask-device.ts';
import { devicePath } from '../device-path.ts';
import { renderTable } from '../table.ts';

/** `dunlin discover ENDPOINT PATH`. */
export function discoverCommand(context: ProgramContext): Command {
  return askCommand('discover', 'show what there is at a path, and the attributes set on it')
    .argument('<path>', 'such as /3, /3/0 or /3/0/0')
    .action(async (endpoint: string, path: string, options: AskCommandOptions) => {
      const target = devicePath(path);
      const api = apiOf(context, options);
      const links = await askDevice(context, options, api, {
        ask: (how) => api.discover(endpoint, target, how),
        resultOf: ({ result }) => result?.links,
      });
      if (links === undefined) return;
      await print(context, options, { json: { links }, text: () => discoverTable(links) });
    });
}

/** The lines of a Discover as a table. */
export function discoverTable(links: readonly DiscoverDocument[]): string {
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

/** Attributes as people write them: `pmin=5 pmax=60`; `pmin=` for one that is to be unset. */
export function attributesText(attributes: AttributesInput): string {
  return Object.entries(attributes)
    .map(([name, value]) => `${name}=${value ?? ''}`)
    .join(' ');
}
