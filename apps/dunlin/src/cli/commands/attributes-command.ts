import type { Command } from 'commander';

import type { ProgramContext } from '../../program/program-context.ts';
import { apiOf, callOptions, type DeviceCommandOptions, deviceCommand } from '../api-command.ts';
import { attributesFrom } from '../attribute-arguments.ts';
import { devicePath } from '../device-path.ts';
import { printDone } from '../print-done.ts';

/** `dunlin attributes ENDPOINT PATH pmin=5…`. */
export function attributesCommand(context: ProgramContext): Command {
  return deviceCommand('attributes', 'set when a path notifies; dunlin discover shows what is set')
    .argument('<path>', 'such as /3303/0/5700')
    .argument(
      '<changes...>',
      'pmin=5 sets an attribute, pmin= unsets it; there are pmin, pmax, gt, lt and st',
    )
    .action(
      async (endpoint: string, path: string, changes: readonly string[], options: DeviceCommandOptions) => {
        const target = devicePath(path);
        const change = attributesFrom(changes);
        await apiOf(context, options).writeAttributes(
          endpoint,
          target,
          change,
          callOptions(context, options),
        );
        await printDone(context, options, { operation: 'attributes', endpoint, path: target });
      },
    );
}
