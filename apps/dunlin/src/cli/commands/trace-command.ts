import { ApiUnreachableError, type DunlinApi, type TraceEntry } from '@dunlin/api';
import type { Command } from 'commander';

import type { ProgramContext } from '../../program/program-context.ts';
import {
  type ApiCommandOptions,
  apiCommand,
  apiOf,
  countingNumber,
  positiveNumber,
  print,
} from '../api-command.ts';
import { printable } from '../table.ts';
import { traceText } from '../trace-text.ts';

interface TraceCommandOptions extends ApiCommandOptions {
  readonly count?: number;
  readonly record?: number;
  readonly recorded?: boolean;
  readonly clear?: boolean;
  readonly pcapng?: string;
}

/** `dunlin trace ENDPOINT`. */
export function traceCommand(context: ProgramContext): Command {
  return apiCommand('trace', 'show every message of a device, until Ctrl-C; with --json one a line')
    .argument('<endpoint>', 'the endpoint name of the device')
    .option('--count <count>', 'end after so many', countingNumber)
    .option('--recorded', 'show what was recorded, and end')
    .option('--record <seconds>', 'record for so long although nobody watches, and end', positiveNumber)
    .option('--clear', 'forget what was recorded, and end')
    .option('--pcapng <file>', 'write what was recorded to a capture file for Wireshark, and end')
    .action(async (endpoint: string, options: TraceCommandOptions) => {
      const api = apiOf(context, options);
      if (options.record !== undefined)
        await record(context, endpoint, { ...options, seconds: options.record });
      else if (options.pcapng !== undefined)
        await capture(context, endpoint, { ...options, file: options.pcapng });
      else if (options.clear === true) await clear(context, endpoint, options);
      else if (options.recorded === true) await recorded(context, endpoint, options);
      else await follow(context, endpoint, { api, options });
    });
}

async function record(
  context: ProgramContext,
  endpoint: string,
  { seconds, ...options }: TraceCommandOptions & { readonly seconds: number },
): Promise<void> {
  const page = await apiOf(context, options).trace.switchOn(endpoint, seconds, {
    signal: context.interrupted,
  });
  await print(context, options, {
    json: page,
    text: () => `Recording until ${page.recordingUntil ?? 'now'}.\n`,
  });
}

async function capture(
  context: ProgramContext,
  endpoint: string,
  { file, ...options }: TraceCommandOptions & { readonly file: string },
): Promise<void> {
  const bytes = await apiOf(context, options).trace.capture(endpoint, { signal: context.interrupted });
  await context.writeFile(file, bytes);
  await print(context, options, {
    json: { endpoint, file, length: bytes.length },
    text: () => `Wrote ${bytes.length} bytes to ${file}.\n`,
  });
}

async function clear(context: ProgramContext, endpoint: string, options: TraceCommandOptions): Promise<void> {
  await apiOf(context, options).trace.clear(endpoint, { signal: context.interrupted });
  await print(context, options, {
    json: { endpoint, result: 'ok' },
    text: () => `Forgot what was recorded of ${printable(endpoint)}.\n`,
  });
}

async function recorded(
  context: ProgramContext,
  endpoint: string,
  options: TraceCommandOptions,
): Promise<void> {
  const api = apiOf(context, options);
  let after = 0;
  for (;;) {
    const { entries, next } = await api.trace.page(endpoint, { after }, { signal: context.interrupted });
    if (entries.length === 0) return;
    for (const entry of entries) await show(context, options, entry);
    after = next;
  }
}

/** How often to try again when the connection is lost, a second apart: long enough for a restart of the server. */
const maxAttempts = 30;

async function follow(
  context: ProgramContext,
  endpoint: string,
  { api, options }: { readonly api: DunlinApi; readonly options: TraceCommandOptions },
): Promise<void> {
  let left = options.count ?? Infinity;
  let attempts = -1;
  let after = 0;
  const onOpen = (): void => {
    attempts = 0;
  };
  while (!context.interrupted.aborted) {
    try {
      for await (const entry of api.trace.follow(endpoint, { after, signal: context.interrupted, onOpen })) {
        after = entry.id;
        await show(context, options, entry);
        left -= 1;
        if (left <= 0) return;
      }
      // The server ended the stream: it stops, and its next run counts from 1 again.
      after = 0;
    } catch (error) {
      if (context.interrupted.aborted) return;
      if (!(error instanceof ApiUnreachableError) || attempts < 0 || attempts >= maxAttempts) throw error;
      attempts += 1;
    }
    await context.sleep(1000);
  }
}

async function show(context: ProgramContext, options: TraceCommandOptions, entry: TraceEntry): Promise<void> {
  await print(context, options, { json: entry, text: () => traceText(entry) });
}
