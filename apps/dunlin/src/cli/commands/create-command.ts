import type { Command } from 'commander';

import type { ProgramContext } from '../../program/program-context.ts';
import { apiOf, wholeNumber } from '../api-command.ts';
import { askDevice, contentCommand, type ContentCommandOptions, formatOption } from '../ask-device.ts';
import { assignments, devicePath } from '../device-path.ts';
import { printDone } from '../print-done.ts';

interface CreateCommandOptions extends ContentCommandOptions {
  readonly instance?: number;
}

/** `dunlin create ENDPOINT PATH [RESOURCE=VALUE…]`. */
export function createCommand(context: ProgramContext): Command {
  return contentCommand('create', 'create an Object Instance')
    .argument('<path>', 'the Object, such as /3303')
    .argument('[values...]', 'its Resources: RESOURCE=VALUE, each')
    .option(
      '--instance <id>',
      'the id of the new Object Instance; without it the device chooses',
      wholeNumber,
    )
    .action(
      async (endpoint: string, path: string, values: readonly string[], options: CreateCommandOptions) => {
        const { instance } = options;
        const api = apiOf(context, options);
        const input = {
          resources: assignments(values, '5700=21.5'),
          ...(instance === undefined ? {} : { instanceId: instance }),
        };
        const created = await askDevice(context, options, api, {
          ask: (how) => api.create(endpoint, devicePath(path), input, { ...how, ...formatOption(options) }),
          resultOf: ({ result }) => result?.path,
        });
        if (created === undefined) return;
        await printDone(context, options, { operation: 'create', endpoint, path: devicePath(created) });
      },
    );
}
