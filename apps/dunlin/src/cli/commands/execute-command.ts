import type { Command } from 'commander';

import type { ProgramContext } from '../../program/program-context.ts';
import { apiOf, callOptions, type DeviceCommandOptions, deviceCommand } from '../api-command.ts';
import { devicePath } from '../device-path.ts';
import { printDone } from '../print-done.ts';

/** `dunlin execute ENDPOINT PATH [ARGUMENTS]`. */
export function executeCommand(context: ProgramContext): Command {
  return deviceCommand('execute', 'execute a Resource')
    .argument('<path>', 'such as /3/0/4')
    .argument('[arguments]', "as LwM2M writes them: 0='text',1")
    .action(
      async (endpoint: string, path: string, args: string | undefined, options: DeviceCommandOptions) => {
        const target = devicePath(path);
        await apiOf(context, options).execute(endpoint, target, args ?? '', callOptions(context, options));
        await printDone(context, options, { operation: 'execute', endpoint, path: target });
      },
    );
}
