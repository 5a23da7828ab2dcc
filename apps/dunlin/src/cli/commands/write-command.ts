import type { RawInput, WriteInput, WriteMode } from '@dunlin/api';
import { dataTypes, type Path } from '@dunlin/lwm2m';
import { type Command, Option } from 'commander';

import { ExitCode } from '../../program/exit-code.ts';
import type { ProgramContext } from '../../program/program-context.ts';
import { ProgramError } from '../../program/program-error.ts';
import { apiOf } from '../api-command.ts';
import { askDevice, contentCommand, type ContentCommandOptions, formatOption } from '../ask-device.ts';
import { assignments, devicePath } from '../device-path.ts';
import { printDone } from '../print-done.ts';

interface WriteCommandOptions extends ContentCommandOptions {
  readonly mode: WriteMode;
  readonly type?: string;
  readonly file?: string;
  readonly multiple?: boolean;
}

/** `dunlin write ENDPOINT PATH VALUE`. */
export function writeCommand(context: ProgramContext): Command {
  return contentCommand('write', 'write a Resource, or Resources of an Object Instance')
    .usage(
      '[options] <endpoint> <path> <value>\n       dunlin write [options] <endpoint> <instance path> <resource>=<value>…',
    )
    .argument('<path>', 'such as /3/0/14, or /1/0 for an Object Instance')
    .argument('[values...]', 'the value; for an Object Instance RESOURCE=VALUE, each')
    .addOption(
      new Option('--mode <mode>', 'what happens to what is not mentioned: removed or kept')
        .choices(['replace', 'update'])
        .default('replace'),
    )
    .addOption(
      new Option('--type <type>', 'the data type, for a Resource the server has no definition of').choices(
        dataTypes,
      ),
    )
    .option('--file <name>', 'take the value from a file, byte for byte')
    .option('--multiple', 'the Resource has several values: INSTANCE=VALUE, each')
    .addHelpText(
      'before',
      'Values are texts: 21.5, true, +01:00, base64 for bytes, 3303:0 for a link, seconds since 1970 for a time.\n',
    )
    .action(
      async (endpoint: string, path: string, values: readonly string[], options: WriteCommandOptions) => {
        const target = devicePath(path);
        const input = await inputFrom(context, target, values, options);
        const api = apiOf(context, options);
        const { mode } = options;
        const isDone = await askDevice(context, options, api, {
          ask: async (how) => {
            await api.write(endpoint, target, input, { ...how, ...formatOption(options), mode });
            return true;
          },
          resultOf: () => true,
        });
        if (isDone === true)
          await printDone(context, options, { operation: 'write', endpoint, path: target });
      },
    );
}

async function inputFrom(
  context: ProgramContext,
  path: Path,
  values: readonly string[],
  options: WriteCommandOptions,
): Promise<WriteInput | RawInput> {
  if (options.file !== undefined) {
    if (values.length > 0) throw usage('give the value or --file, not both');
    const raw = await context.readFile(options.file);
    return options.type === undefined ? { raw } : { raw, type: options.type };
  }
  if (path.kind === 'object-instance') {
    if (values.length === 0) throw usage('the Resources are missing: give 14=+01:00, for example');
    return { resources: assignments(values, '14=+01:00') };
  }
  const dataType = dataTypes.find((candidate) => candidate === options.type);
  const type = dataType === undefined ? {} : { type: dataType };
  if (options.multiple === true) return { values: assignments(values, '0=first'), ...type };
  const [value, ...more] = values;
  if (value === undefined) throw usage('the value is missing');
  if (more.length > 0)
    throw usage(`one value is wanted, ${values.length} are given: quote a value with blanks in it`);
  return { value, ...type };
}

function usage(message: string): ProgramError {
  return new ProgramError(ExitCode.usage, message);
}
