import { seconds } from '@dunlin/base';
import { type Command, Command as CommanderCommand, InvalidArgumentError } from 'commander';

import { countingNumber, positiveNumber } from '../cli/api-command.ts';
import { ExitCode, exitCodeHelp } from '../program/exit-code.ts';
import type { ProgramContext } from '../program/program-context.ts';
import { ProgramError } from '../program/program-error.ts';
import type { FleetCounts } from './simulated-socket.ts';

interface SimulateFlags {
  readonly server: string;
  readonly devices: number;
  readonly rate: number;
  readonly lifetime: number;
  readonly prefix: string;
  readonly perSocket: number;
  readonly queueShare: number;
  readonly for?: number;
  readonly leave?: boolean;
}

/** How long devices may take to deregister. */
const leavePatience = 30_000;

/** `dunlin simulate`. */
export function simulateCommand(context: ProgramContext): Command {
  return new CommanderCommand('simulate')
    .summary('run a fleet of simulated devices')
    .description(
      'Run a fleet of simulated devices over plain CoAP, to see how a server does: they register, update in time, ' +
        'and answer when they are read. For one device with all its Objects there is: dunlin client.',
    )
    .option('--server <uri>', 'the LwM2M server', 'coap://127.0.0.1:5683')
    .requiredOption('--devices <count>', 'how many', countingNumber)
    .option('--rate <count>', 'how many register in a second', positiveNumber, 500)
    .option('--lifetime <seconds>', 'the lifetime of registrations', countingNumber, 3600)
    .option('--prefix <text>', 'what endpoint names begin with', 'sim-')
    .option('--per-socket <count>', 'how many share a socket, and with it an address', countingNumber, 1000)
    .option('--queue-share <share>', 'which share of them is in queue mode: 0 to 1', share, 0.2)
    .option('--for <seconds>', 'end after so long', positiveNumber)
    .option('--leave', 'let them deregister at the end')
    .addHelpText('after', `\n${exitCodeHelp}`)
    .action((flags: SimulateFlags) => simulate(context, flags));
}

async function simulate(context: ProgramContext, flags: SimulateFlags): Promise<void> {
  const where = serverOf(flags.server);
  const { runFleet } = await import('./run-fleet.ts');
  await using fleet = await runFleet({ ...flags, lifetime: seconds(flags.lifetime) }, where);
  const end = flags.for === undefined ? Infinity : context.now() + flags.for * 1000;
  let last = '';
  const tell = async (): Promise<void> => {
    const line = countsText(fleet.counts, flags.devices);
    if (line !== last) await context.stderr.write(`${line}\n`);
    last = line;
  };
  while (!context.interrupted.aborted && context.now() < end) {
    await context.sleep(Math.min(1000, Math.max(1, end - context.now())));
    await tell();
  }
  if (flags.leave !== true) return;
  await fleet.leave(leavePatience);
  await tell();
}

/** What became of a fleet, in one line. */
function countsText({ registered, updates, failures, answered }: FleetCounts, devices: number): string {
  return `${registered} of ${devices} registered, ${updates} updates, ${answered} requests answered, ${failures} failures`;
}

function serverOf(uri: string): { readonly host: string; readonly port: number } {
  const [, host, port] = /^coap:\/\/(\[[0-9A-Fa-f:.]+\]|[^\s/:]+)(?::(\d{1,5}))?\/?$/.exec(uri) ?? [];
  if (host === undefined) {
    const reason = uri.startsWith('coaps:')
      ? 'fleets are simulated without security'
      : 'it is no URI such as coap://127.0.0.1:5683';
    throw new ProgramError(ExitCode.usage, `--server ${uri}: ${reason}`);
  }
  return { host: host.replace(/^\[(.*)\]$/, '$1'), port: Number(port ?? 5683) };
}

function share(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0 && value <= 1)) throw new InvalidArgumentError('It must be 0 to 1.');
  return value;
}
