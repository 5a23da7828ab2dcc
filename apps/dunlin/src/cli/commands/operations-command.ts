import { ApiError, type OperationDocument, operationStates } from '@dunlin/api';
import { type Command, Option } from 'commander';

import { ExitCode } from '../../program/exit-code.ts';
import type { ProgramContext } from '../../program/program-context.ts';
import { ProgramError } from '../../program/program-error.ts';
import {
  type ApiCommandOptions,
  apiCommand,
  apiOf,
  containsHelp,
  countingNumber,
  print,
} from '../api-command.ts';
import { untilFinished, withWait } from '../ask-device.ts';
import { contentHeader, contentRows } from '../content-rows.ts';
import { relativeText } from '../duration-text.ts';
import { printable, renderTable } from '../table.ts';
import { attributesText, discoverTable } from './discover-command.ts';

interface OperationsOptions extends ApiCommandOptions {
  readonly cancel?: boolean;
  readonly wait?: number | true;
  readonly state?: (typeof operationStates)[number];
  readonly contains?: string;
  readonly after?: number;
  readonly limit: number;
}

/** `dunlin operations ENDPOINT [ID]`. */
export function operationsCommand(context: ProgramContext): Command {
  return withWait(apiCommand('operations', 'list what waits for a device and what became of it'))
    .argument('<endpoint>', 'the endpoint name of the device')
    .argument('[id]', 'show this operation in full', countingNumber)
    .option('--cancel', 'take the operation back that waits; forget it when it is finished')
    .addOption(new Option('--state <state>', 'only those in this state').choices(operationStates))
    .option('--contains <text>', `${containsHelp}, or what is done`)
    .option('--after <id>', 'go on after this operation', countingNumber)
    .option('--limit <count>', 'at most so many', countingNumber, 100)
    .action(async (endpoint: string, id: number | undefined, options: OperationsOptions) => {
      if (id === undefined && (options.cancel === true || options.wait !== undefined))
        throw new ProgramError(ExitCode.usage, 'give the id of the operation');
      if (id === undefined) await list(context, endpoint, options);
      else if (options.cancel === true) await cancel(context, { endpoint, id }, options);
      else await show(context, { endpoint, id }, options);
    });
}

interface OperationName {
  readonly endpoint: string;
  readonly id: number;
}

async function list(context: ProgramContext, endpoint: string, options: OperationsOptions): Promise<void> {
  const { state, contains, after, limit } = options;
  const query = {
    limit,
    ...(state && { state }),
    ...(contains === undefined ? {} : { contains }),
    ...(after === undefined ? {} : { after }),
  };
  const page = await apiOf(context, options).operations.list(endpoint, query, {
    signal: context.interrupted,
  });
  await print(context, options, {
    json: page,
    text: () => operationsTable(page.operations, context.now()),
  });
  if (page.next !== null && options.json !== true)
    await context.stderr.write(
      `There are more: dunlin operations ${printable(endpoint)} --after ${page.next}\n`,
    );
}

async function show(
  context: ProgramContext,
  { endpoint, id }: OperationName,
  options: OperationsOptions,
): Promise<void> {
  const api = apiOf(context, options);
  const { wait } = options;
  const operation =
    wait === undefined
      ? await api.operations.get(endpoint, id, { signal: context.interrupted })
      : await finishedOrFailed(untilFinished(context, api, { endpoint, id }, wait), () =>
          api.operations.get(endpoint, id),
        );
  await print(context, options, { json: operation, text: () => operationText(operation, context.now()) });
}

/** An operation that failed is shown like any other: whoever asks for it wants to see how. */
async function finishedOrFailed(
  finished: Promise<OperationDocument>,
  get: () => Promise<OperationDocument>,
): Promise<OperationDocument> {
  try {
    return await finished;
  } catch (error) {
    const isItsOwn =
      error instanceof ApiError && !['unknown-device', 'unknown-operation'].includes(error.code);
    if (!isItsOwn) throw error;
    return await get();
  }
}

async function cancel(
  context: ProgramContext,
  { endpoint, id }: OperationName,
  options: OperationsOptions,
): Promise<void> {
  await apiOf(context, options).operations.cancel(endpoint, id, { signal: context.interrupted });
  await print(context, options, {
    json: { operation: 'cancel', endpoint, id, result: 'ok' },
    text: () => `operation ${id} of ${printable(endpoint)} is cancelled\n`,
  });
}

function operationsTable(operations: readonly OperationDocument[], now: number): string {
  if (operations.length === 0) return 'There are no operations.\n';
  return renderTable(
    ['ID', 'OPERATION', 'PATH', 'NAME', 'STATE', 'QUEUED', 'EXPIRES'],
    operations.map((operation) => [
      String(operation.id),
      operation.operation,
      operation.path,
      operation.name ?? '',
      operation.state === 'failed' ? `failed: ${operation.error?.error ?? ''}` : operation.state,
      relativeText(operation.queuedAt, now),
      operation.finishedAt === undefined ? relativeText(operation.expiresAt, now) : '',
    ]),
  );
}

function operationText(operation: OperationDocument, now: number): string {
  const { request, result, error } = operation;
  const instant = (name: string, value: string | undefined): readonly (readonly string[])[] =>
    value === undefined ? [] : [[name, `${value} (${relativeText(value, now)})`]];
  const facts = renderTable(
    ['OPERATION', String(operation.id)],
    [
      ['of', operation.endpoint],
      ['asks', `${operation.operation} ${operation.path} ${operation.name ?? ''}`.trimEnd()],
      ...(request.arguments === undefined ? [] : [['arguments', request.arguments]]),
      ...(request.attributes === undefined ? [] : [['attributes', attributesText(request.attributes)]]),
      ['state', operation.state],
      ['attempts', String(operation.attempts)],
      ...instant('queued', operation.queuedAt),
      ...(operation.state === 'waiting' ? instant('expires', operation.expiresAt) : []),
      ...instant('sent', operation.sentAt),
      ...instant('finished', operation.finishedAt),
      ...(error === undefined ? [] : [['error', error.message]]),
      ...(result?.path === undefined ? [] : [['created', result.path]]),
      ...(result?.length === undefined ? [] : [['answer', `${result.length} characters, not kept`]]),
    ],
  );
  const written = request.content && `\n${renderTable(contentHeader, contentRows(request.content))}`;
  const read = result?.content && `\n${renderTable(contentHeader, contentRows(result.content))}`;
  const links = result?.links && `\n${discoverTable(result.links)}`;
  return `${facts}${written ?? ''}${read ?? ''}${links ?? ''}`;
}
