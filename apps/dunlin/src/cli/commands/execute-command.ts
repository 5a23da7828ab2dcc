import type { Command } from 'commander';

import type { ProgramContext } from '../../program/program-context.ts';
import { apiOf } from '../api-command.ts';
import { askCommand, type AskCommandOptions, askDevice } from '../ask-device.ts';
import { devicePath } from '../device-path.ts';
import { printDone } from '../print-done.ts';

/** `dunlin execute ENDPOINT PATH [ARGUMENTS]`. */
export function executeCommand(context: ProgramContext): Command {
  return askCommand('execute', 'execute a Resource')
    .argument('<path>', 'such as /3/0/4')
    .argument('[arguments]', "as LwM2M writes them: 0='text',1")
    .action(async (endpoint: string, path: string, args: string | undefined, options: AskCommandOptions) => {
      const target = devicePath(path);
      const api = apiOf(context, options);
      const isDone = await askDevice(context, options, api, {
        ask: async (how) => {
          await api.execute(endpoint, target, args ?? '', how);
          return true;
        },
        resultOf: () => true,
      });
      if (isDone === true)
        await printDone(context, options, { operation: 'execute', endpoint, path: target });
    });
}
