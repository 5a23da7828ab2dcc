import {
  ApiError,
  type DataFormat,
  dataFormats,
  type DunlinApi,
  type OperationDocument,
  OperationQueuedError,
} from '@dunlin/api';
import { type Command, InvalidArgumentError, Option } from 'commander';

import { ExitCode } from '../program/exit-code.ts';
import type { ProgramContext } from '../program/program-context.ts';
import { ProgramError } from '../program/program-error.ts';
import {
  callOptions,
  type DeviceCommandOptions,
  deviceCommand,
  positiveNumber,
  print,
} from './api-command.ts';
import { durationText } from './duration-text.ts';
import { printable } from './table.ts';

/** What every command takes whose operation can wait for a device that sleeps. */
export interface AskCommandOptions extends DeviceCommandOptions {
  /** True without a number: for as long as the operation waits. */
  readonly wait?: number | true;
  readonly expires?: number;
}

/** What every command takes that brings content to or from a device. */
export interface ContentCommandOptions extends AskCommandOptions {
  readonly format?: DataFormat;
}

/** How long one request to the server waits for the end of an operation, in seconds: below the timeouts of proxies. */
const longestPoll = 25;

/** A command whose operation waits for its device when that sleeps. */
export function askCommand(name: string, summary: string): Command {
  return withWait(deviceCommand(name, summary)).option(
    '--expires <seconds>',
    'how long the operation may wait for a device that sleeps (default: a week)',
    positiveNumber,
  );
}

/** A command that brings content to or from a device. */
export function contentCommand(name: string, summary: string): Command {
  return askCommand(name, summary).addOption(
    new Option(
      '--format <format>',
      'the data format to ask for or to send in (default: TLV, then what the device can do)',
    ).choices(dataFormats),
  );
}

/** The format that a command was told, for the call. */
export function formatOption({ format }: ContentCommandOptions): { readonly format?: DataFormat } {
  return format === undefined ? {} : { format };
}

/** Adds the flag to wait for what waits. */
export function withWait(command: Command): Command {
  return command.option(
    '--wait [seconds]',
    'when the device sleeps: wait until it did what was asked, at most so long',
    waitNumber,
  );
}

/**
 * Asks a device. When it sleeps, says how the operation is called that waits for it and gives nothing; with `--wait`
 * it gives what `resultOf` makes of the operation once that is done.
 */
export async function askDevice<T>(
  context: ProgramContext,
  options: AskCommandOptions,
  api: DunlinApi,
  {
    ask,
    resultOf,
  }: {
    readonly ask: (options: ReturnType<typeof callOptions> & { readonly expires?: number }) => Promise<T>;
    readonly resultOf: (operation: OperationDocument) => T | undefined;
  },
): Promise<T | undefined> {
  const { wait, expires } = options;
  try {
    return await ask({ ...callOptions(context, options), ...(expires === undefined ? {} : { expires }) });
  } catch (error) {
    if (!(error instanceof OperationQueuedError)) throw error;
    if (wait === undefined) {
      await printQueued(context, options, error.operation);
      return undefined;
    }
    await context.stderr.write(queuedText(error.operation, context.now()));
    const operation = await untilFinished(context, api, error.operation, wait);
    const result = resultOf(operation);
    if (result !== undefined) return result;
    throw new ProgramError(
      ExitCode.failure,
      `the device answered with ${operation.result?.length ?? 0} characters, more than the server keeps`,
    );
  }
}

/** Waits until an operation is finished; rejects with its error when it failed, and when `limit` seconds are over. */
export async function untilFinished(
  context: ProgramContext,
  api: DunlinApi,
  { endpoint, id }: Pick<OperationDocument, 'endpoint' | 'id'>,
  limit: number | true,
): Promise<OperationDocument> {
  const end = limit === true ? Infinity : context.now() + limit * 1000;
  for (;;) {
    const left = (end - context.now()) / 1000;
    const wait = Math.max(Math.min(longestPoll, Math.ceil(left)), 0);
    const operation = await api.operations.get(endpoint, id, { wait, signal: context.interrupted });
    if (operation.error !== undefined)
      throw new ApiError(statuses.get(operation.error.error) ?? 502, operation.error);
    if (operation.state === 'done') return operation;
    if (left > 0) continue;
    throw new ProgramError(
      ExitCode.noAnswer,
      `operation ${id} of ${endpoint} still waits; it expires at ${operation.expiresAt}`,
    );
  }
}

async function printQueued(
  context: ProgramContext,
  options: AskCommandOptions,
  operation: OperationDocument,
): Promise<void> {
  await print(context, options, { json: operation, text: () => queuedText(operation, context.now()) });
}

/** What a person is told of an operation that waits. */
function queuedText({ endpoint, id, expiresAt }: OperationDocument, now: number): string {
  const name = printable(endpoint);
  const left = durationText((Date.parse(expiresAt) - now) / 1000);
  return `queued as operation ${id} of ${name}, expires in ${left}: dunlin operations ${name} ${id} shows it\n`;
}

/** The statuses that the answer of an operation's own route would have had; any other is 502. */
const statuses: ReadonlyMap<ApiError['code'], number> = new Map([
  ['not-sent', 503],
  ['no-answer', 504],
  ['outcome-unknown', 504],
  ['operation-expired', 504],
  ['operation-cancelled', 409],
  ['bad-request', 400],
]);

function waitNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value < 0)
    throw new InvalidArgumentError('It must be a number of seconds.');
  return value;
}
