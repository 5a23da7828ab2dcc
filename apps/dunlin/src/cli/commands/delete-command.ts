import type { Command } from 'commander';

import type { ProgramContext } from '../../program/program-context.ts';
import { apiOf, callOptions, type DeviceCommandOptions, deviceCommand } from '../api-command.ts';
import { devicePath } from '../device-path.ts';
import { printDone } from '../print-done.ts';

/** `dunlin delete ENDPOINT PATH`. */
export function deleteCommand(context: ProgramContext): Command {
  return deviceCommand('delete', 'delete an Object Instance')
    .argument('<path>', 'such as /3303/1')
    .action(async (endpoint: string, path: string, options: DeviceCommandOptions) => {
      const target = devicePath(path);
      await apiOf(context, options).delete(endpoint, target, callOptions(context, options));
      await printDone(context, options, { operation: 'delete', endpoint, path: target });
    });
}
