import type { Command } from 'commander';

import type { ProgramContext } from '../../program/program-context.ts';
import { apiOf } from '../api-command.ts';
import { askCommand, type AskCommandOptions, askDevice } from '../ask-device.ts';
import { devicePath } from '../device-path.ts';
import { printDone } from '../print-done.ts';

/** `dunlin delete ENDPOINT PATH`. */
export function deleteCommand(context: ProgramContext): Command {
  return askCommand('delete', 'delete an Object Instance')
    .argument('<path>', 'such as /3303/1')
    .action(async (endpoint: string, path: string, options: AskCommandOptions) => {
      const target = devicePath(path);
      const api = apiOf(context, options);
      const isDone = await askDevice(context, options, api, {
        ask: async (how) => {
          await api.delete(endpoint, target, how);
          return true;
        },
        resultOf: () => true,
      });
      if (isDone === true) await printDone(context, options, { operation: 'delete', endpoint, path: target });
    });
}
