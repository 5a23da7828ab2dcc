import { seconds } from '@dunlin/base';
import type { FirmwareFailure } from '@dunlin/client';
import type { BindingMode } from '@dunlin/lwm2m';
import { type Command, Command as CommanderCommand } from 'commander';

import { countingNumber } from '../cli/api-command.ts';
import { bindingFrom } from '../cli/binding-mode.ts';
import { printable } from '../cli/table.ts';
import { ExitCode, exitCodeHelp } from '../program/exit-code.ts';
import type { ProgramContext } from '../program/program-context.ts';
import { ProgramError } from '../program/program-error.ts';
import { untilInterrupted } from '../program/until-interrupted.ts';
import type { ClientSecurity, ClientSecurityFlags } from './client-security.ts';
import { consoleHelp } from './console-help.ts';
import type { ConsoleResult } from './device-console.ts';
import type { ClientSmsFlags } from './client-sms-flags.ts';
import type { ExtendedMasterSecretMode } from '../config/extended-master-secret.ts';
import type { SocketAddress } from '../config/socket-address.ts';
import { failureFrom, listenAddressFrom, positionFrom } from './device-flags.ts';
import { withSecurityOptions } from './security-options.ts';
import { withSmsOptions } from './sms-options.ts';
import type { Position } from './device-settings.ts';

interface ClientFlags extends ClientSecurityFlags, ClientSmsFlags {
  readonly server?: string;
  readonly bootstrap?: string;
  readonly bootstrapListen?: SocketAddress;
  readonly holdOff?: number;
  readonly queue?: boolean;
  readonly state?: string;
  readonly extendedMasterSecret: ExtendedMasterSecretMode;
  readonly endpoint: string;
  readonly lifetime: number;
  readonly object: readonly string[];
  readonly location?: Position;
  readonly firmwareResult?: FirmwareFailure;
  readonly script?: string;
}

/** `dunlin client`. */
export function clientCommand(context: ProgramContext): Command {
  const command = new CommanderCommand('client')
    .summary('run a simulated device')
    .description(
      'Run a simulated device: Device (/3) and Connectivity Monitoring (/4) of this machine, Firmware Update (/5), ' +
        'Connectivity Statistics (/7), a temperature sensor whose value moves (/3303/0), and other Objects of the ' +
        'registry. Commands are typed, piped in or read from a script.',
    )
    .option('--server <uri>', 'the LwM2M server: coap://127.0.0.1:5683 or coaps://127.0.0.1:5684')
    .option(
      '--bootstrap <uri>',
      'the bootstrap server in its place, which says where to register: coap://127.0.0.1:5783',
    )
    .option(
      '--bootstrap-listen <host:port>',
      'wait there for a bootstrap that the bootstrap server begins over DTLS; with --bootstrap coaps:// and a pre-shared key',
      listenAddressFrom,
    )
    .option(
      '--hold-off <seconds>',
      'how long to wait for the bootstrap server to begin before it is asked; default 0',
      countingNumber,
    )
    .requiredOption('--endpoint <name>', 'the endpoint name of the device')
    .option('--lifetime <seconds>', 'the lifetime of the registration', countingNumber, 300)
    .option(
      '--object <id>',
      'one more Object of the registry, such as 3342, or an instance of it, such as 3342/1; may be given several times',
      (value: string, previous: readonly string[]) => [...previous, value],
      [] as readonly string[],
    )
    .option('--queue', 'sleep in between: binding mode UQ')
    .option('--binding <mode>', 'the binding mode: U (the default), UQ, S, SQ, US or UQS', bindingFrom)
    .option('--state <file>', 'remember in this file what came from outside, keys among it')
    .option(
      '--location <lat,lon>',
      'where the device is (/6), in degrees: --location=52.52,13.405',
      positionFrom,
    )
    .option(
      '--firmware-result <code>',
      'the Update Result of every firmware update in place of success: 2 to 9',
      failureFrom,
    )
    .option('--script <file>', 'run the commands in this file first')
    .addHelpText('after', `\nCommands of the device:\n${consoleHelp}\n${exitCodeHelp}`)
    .action((flags: ClientFlags) => runClient(context, flags));
  return withSmsOptions(withSecurityOptions(command));
}

async function runClient(context: ProgramContext, flags: ClientFlags): Promise<void> {
  const { clientSecurity } = await import('./client-security.ts');
  const security = await clientSecurity(context, flags.endpoint, flags);
  const { clientSmsFrom } = await import('./client-sms-flags.ts');
  const sms = await clientSmsFrom(context, flags.endpoint, flags);
  const serverUri = uriOf(flags);
  if (!serverUri.startsWith('tel:')) checkServerUri(serverUri, security);
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
      serverUri,
      isBootstrapServer: flags.bootstrap !== undefined,
      bootstrapListen: listenerOf(flags, security),
      holdOff: flags.holdOff,
      binding: bindingOf(flags),
      sms,
      stateFile: flags.state,
      firmwareFolder: flags.state === undefined ? undefined : `${flags.state}.firmware`,
      firmwareFailure: flags.firmwareResult,
      position: flags.location,
      security,
      extendedMasterSecret: flags.extendedMasterSecret,
      lifetime: seconds(flags.lifetime),
      objects: flags.object,
      version: context.version,
      localAddress: serverUri.includes('//[') ? '::' : '0.0.0.0',
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

/** The binding mode that the flags ask for. */
function bindingOf({ binding, queue = false }: ClientFlags): BindingMode {
  if (binding === undefined) return queue ? 'UQ' : 'U';
  if (!queue || binding.includes('Q')) return binding;
  const message = `--queue does not go with --binding ${binding}; the modes that sleep are UQ, SQ and UQS`;
  throw new ProgramError(ExitCode.usage, message);
}

/** Where the device listens for the bootstrap server, which is known by its pre-shared key then. */
function listenerOf(
  { bootstrap, bootstrapListen }: ClientFlags,
  { mode }: ClientSecurity,
): SocketAddress | undefined {
  if (bootstrapListen === undefined) return undefined;
  if (bootstrap !== undefined && mode === 'psk') return bootstrapListen;
  const message = '--bootstrap-listen goes with --bootstrap coaps://… and a pre-shared key';
  throw new ProgramError(ExitCode.usage, message);
}

/** The URI of the one server that has to be named. With short messages only, its number is enough. */
function uriOf({ server, bootstrap, binding, smsServer }: ClientFlags): string {
  if (server !== undefined && bootstrap !== undefined) {
    throw new ProgramError(
      ExitCode.usage,
      '--server and --bootstrap exclude each other: the bootstrap server names the server',
    );
  }
  const isOnlySms = binding === 'S' || binding === 'SQ';
  const uri = server ?? bootstrap ?? (isOnlySms && smsServer !== undefined ? `tel:+${smsServer}` : undefined);
  if (uri === undefined)
    throw new ProgramError(ExitCode.usage, 'say where to register: --server URI, or --bootstrap URI');
  return uri;
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

function checkServerUri(uri: string, { mode }: ClientSecurity): void {
  const url = URL.canParse(uri) ? new URL(uri) : undefined;
  const reason = problemOf(url, mode);
  if (reason !== undefined)
    throw new ProgramError(ExitCode.usage, `--server: ${JSON.stringify(uri)}: ${reason}`);
}

function problemOf(url: URL | undefined, mode: ClientSecurity['mode']): string | undefined {
  const isSecure = url?.protocol === 'coaps:';
  if (url === undefined || url.hostname === '' || (!isSecure && url.protocol !== 'coap:')) {
    return 'it must be like coap://127.0.0.1:5683 or coaps://127.0.0.1:5684';
  }
  if (isSecure && mode === 'none') {
    return 'coaps needs a key: --psk-key-file, or --private-key with --server-public-key, for example';
  }
  return isSecure || mode === 'none' ? undefined : 'coap is not secured: use coaps with keys';
}
