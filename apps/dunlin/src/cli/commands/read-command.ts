import type { Command } from 'commander';

import type { ProgramContext } from '../../program/program-context.ts';
import { apiOf, callOptions, type DeviceCommandOptions, deviceCommand, print } from '../api-command.ts';
import { contentHeader, contentRows } from '../content-rows.ts';
import { devicePath } from '../device-path.ts';
import { renderTable } from '../table.ts';

/** `dunlin read ENDPOINT PATH`. */
export function readCommand(context: ProgramContext): Command {
  return deviceCommand('read', 'read an Object, an Object Instance or a Resource')
    .argument('<path>', 'such as /3, /3/0 or /3/0/0')
    .action(async (endpoint: string, path: string, options: DeviceCommandOptions) => {
      const target = devicePath(path);
      const content = await apiOf(context, options).read(endpoint, target, callOptions(context, options));
      await print(context, options, {
        json: content,
        text: () => renderTable(contentHeader, contentRows(content)),
      });
    });
}
