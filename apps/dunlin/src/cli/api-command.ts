import { DunlinApi, stringifyJson } from '@dunlin/api';
import { Command, InvalidArgumentError } from 'commander';

import { exitCodeHelp } from '../program/exit-code.ts';
import type { ProgramContext } from '../program/program-context.ts';
import { apiToken } from './api-token.ts';
import { defaultServerUrl, type ServerFlags, serverUrl } from './server-url.ts';

/** What every command against a running server takes. */
export interface ApiCommandOptions extends ServerFlags {
  readonly json?: boolean;
}

/** What `--contains` does in a list by paths. */
export const containsHelp = 'only those with this in their path or name';

/** What every command that asks something of a device takes. */
export interface DeviceCommandOptions extends ApiCommandOptions {
  readonly timeout?: number;
}

/** A command against a running server. */
export function apiCommand(name: string, summary: string): Command {
  return new Command(name)
    .summary(summary)
    .description(summary)
    .option(
      '--server <url>',
      `where the server’s HTTP interface is (also DUNLIN_URL; default ${defaultServerUrl})`,
    )
    .option('--http <host:port>', 'the same, as the server was told where to listen (also DUNLIN_HTTP)')
    .option('--json', 'print JSON for programs')
    .addHelpText('after', `\n${exitCodeHelp}`);
}

/** A command that asks something of a device. */
export function deviceCommand(name: string, summary: string): Command {
  return apiCommand(name, summary)
    .argument('<endpoint>', 'the endpoint name of the device')
    .option('--timeout <seconds>', 'how long to wait for the device', positiveNumber);
}

/** The typed client for the server that the options name. */
export function apiOf(context: ProgramContext, options: ApiCommandOptions): DunlinApi {
  const url = serverUrl(options, context.env);
  return new DunlinApi({ url, fetch: context.fetch, token: () => apiToken(context, url) });
}

/** The options of a call to a device. */
export function callOptions(
  context: ProgramContext,
  { timeout }: DeviceCommandOptions,
): { readonly signal: AbortSignal; readonly timeout?: number } {
  return timeout === undefined ? { signal: context.interrupted } : { signal: context.interrupted, timeout };
}

/** Prints what programs read, or what people read. */
export async function print(
  context: ProgramContext,
  options: ApiCommandOptions,
  output: { readonly json: unknown; readonly text: () => string },
): Promise<void> {
  await context.stdout.write(options.json === true ? `${stringifyJson(output.json)}\n` : output.text());
}

export function positiveNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value <= 0) {
    throw new InvalidArgumentError('It must be a number above 0.');
  }
  return value;
}

export function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
}

export function countingNumber(text: string): number {
  const value = wholeNumber(text);
  if (value === 0) throw new InvalidArgumentError('It must be at least 1.');
  return value;
}
