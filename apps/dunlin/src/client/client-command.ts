import { seconds } from '@dunlin/base';
import { type Command, Command as CommanderCommand } from 'commander';

import { countingNumber } from '../cli/api-command.ts';
import { printable } from '../cli/table.ts';
import { ExitCode, exitCodeHelp } from '../program/exit-code.ts';
import type { ProgramContext } from '../program/program-context.ts';
import { ProgramError } from '../program/program-error.ts';
import { untilInterrupted } from '../program/until-interrupted.ts';
import { consoleHelp } from './console-help.ts';
import type { ConsoleResult } from './device-console.ts';

interface ClientFlags {
  readonly server: string;
  readonly endpoint: string;
  readonly lifetime: number;
  readonly object: readonly string[];
  readonly script?: string;
}

/** `dunlin client`. */
export function clientCommand(context: ProgramContext): Command {
  return new CommanderCommand('client')
    .summary('run a simulated device')
    .description(
      'Run a simulated device: the Device Object of this machine (/3), a temperature sensor whose value moves ' +
        '(/3303/0), and other Objects of the registry. Commands are typed, piped in or read from a script.',
    )
    .requiredOption('--server <uri>', 'the LwM2M server: coap://127.0.0.1:5683')
    .requiredOption('--endpoint <name>', 'the endpoint name of the device')
    .option('--lifetime <seconds>', 'the lifetime of the registration', countingNumber, 300)
    .option(
      '--object <id>',
      'one more Object of the registry, such as 3342, or an instance of it, such as 3342/1; may be given several times',
      (value: string, previous: readonly string[]) => [...previous, value],
      [] as readonly string[],
    )
    .option('--script <file>', 'run the commands in this file first')
    .addHelpText('after', `\nCommands of the device:\n${consoleHelp}\n${exitCodeHelp}`)
    .action((flags: ClientFlags) => runClient(context, flags));
}

async function runClient(context: ProgramContext, flags: ClientFlags): Promise<void> {
  checkServerUri(flags.server);
  const tell = (line: string): void =>
    void context.stderr.write(`${printable(line)}\n`).catch(() => undefined);
  const script = flags.script === undefined ? [] : await scriptLines(context, flags.script);
  // Commands against a running server start faster without what only a device needs.
  const [{ openDevice }, { tellRegistrations }, { runConsoleLine }] = await Promise.all([
    import('./open-device.ts'),
    import('./tell-registrations.ts'),
    import('./device-console.ts'),
  ]);
  await using device = await openDevice(
    {
      endpoint: flags.endpoint,
      serverUri: flags.server,
      lifetime: seconds(flags.lifetime),
      objects: flags.object,
      version: context.version,
      localAddress: flags.server.includes('//[') ? '::' : '0.0.0.0',
    },
    tell,
  );
  using _registrations = tellRegistrations(device.client, tell);
  const run = (line: string): ConsoleResult => runConsoleLine(device, line);
  if (await runLines(context, run, script)) return;
  if (await runLines(context, run, context.stdin)) return;
  // Without a terminal there is nobody to type on: the device runs until it is told to end.
  if (!context.stdin.isTerminal) await untilInterrupted(context);
}

/** True when a line said to quit, or the program was interrupted. */
async function runLines(
  context: ProgramContext,
  run: (line: string) => ConsoleResult,
  lines: Iterable<string> | AsyncIterable<string>,
): Promise<boolean> {
  for await (const line of lines) {
    if (context.interrupted.aborted) return true;
    const result = run(line);
    switch (result.kind) {
      case 'text':
        if (result.text !== '') await context.stdout.write(result.text);
        break;
      case 'problem':
        await context.stderr.write(`${printable(result.reason)}\n`);
        break;
      case 'wait':
        await context.sleep(result.seconds * 1000);
        break;
      case 'quit':
        return true;
    }
  }
  return context.interrupted.aborted;
}

async function scriptLines(context: ProgramContext, file: string): Promise<readonly string[]> {
  try {
    return new TextDecoder().decode(await context.readFile(file)).split(/\r?\n/);
  } catch (error) {
    throw new ProgramError(ExitCode.usage, `--script: ${file} cannot be read`, { cause: error });
  }
}

function checkServerUri(uri: string): void {
  const url = URL.canParse(uri) ? new URL(uri) : undefined;
  if (url?.protocol === 'coap:' && url.hostname !== '') return;
  const reason =
    url?.protocol === 'coaps:'
      ? 'security is not supported yet: use coap://'
      : 'it must be like coap://127.0.0.1:5683';
  throw new ProgramError(ExitCode.usage, `--server: ${JSON.stringify(uri)}: ${reason}`);
}
