import type { Command } from 'commander';

import type { ProgramContext } from '../../program/program-context.ts';
import { apiOf, print } from '../api-command.ts';
import { askDevice, contentCommand, type ContentCommandOptions, formatOption } from '../ask-device.ts';
import { contentHeader, contentRows } from '../content-rows.ts';
import { devicePath } from '../device-path.ts';
import { renderTable } from '../table.ts';

/** `dunlin read ENDPOINT PATH`. */
export function readCommand(context: ProgramContext): Command {
  return contentCommand('read', 'read an Object, an Object Instance or a Resource')
    .argument('<path>', 'such as /3, /3/0 or /3/0/0')
    .action(async (endpoint: string, path: string, options: ContentCommandOptions) => {
      const target = devicePath(path);
      const api = apiOf(context, options);
      const content = await askDevice(context, options, api, {
        ask: (how) => api.read(endpoint, target, { ...how, ...formatOption(options) }),
        resultOf: ({ result }) => result?.content,
      });
      if (content === undefined) return;
      await print(context, options, {
        json: content,
        text: () => renderTable(contentHeader, contentRows(content)),
      });
    });
}
