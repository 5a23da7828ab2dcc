import { ApiError, type AttributesInput, type DunlinApi } from '@dunlin/api';
import type { Command } from 'commander';

import { ExitCode } from '../../program/exit-code.ts';
import type { ProgramContext } from '../../program/program-context.ts';
import { ProgramError } from '../../program/program-error.ts';
import {
  apiOf,
  callOptions,
  countingNumber,
  type DeviceCommandOptions,
  deviceCommand,
  print,
} from '../api-command.ts';
import { attributesFrom } from '../attribute-arguments.ts';
import { devicePathText } from '../device-path.ts';
import { eventText } from '../event-text.ts';
import { followEvents } from '../follow-events.ts';
import { printable } from '../table.ts';

interface ObserveCommandOptions extends DeviceCommandOptions {
  readonly count?: number;
  readonly keep?: boolean;
}

/** `dunlin observe ENDPOINT PATH`. */
export function observeCommand(context: ProgramContext): Command {
  return deviceCommand('observe', 'show a value and its changes until Ctrl-C; with --json one a line')
    .argument('<path>', 'such as /3303/0/5700')
    .argument('[attributes...]', 'set before: pmin=5 pmax=60 …')
    .option('--count <count>', 'end after so many', countingNumber)
    .option('--keep', 'let the server go on observing afterwards')
    .action(
      async (
        endpoint: string,
        path: string,
        attributes: readonly string[],
        options: ObserveCommandOptions,
      ) => {
        const target = devicePathText(path);
        const input = attributes.length === 0 ? undefined : attributesFrom(attributes);
        await observe(context, { endpoint, path: target, attributes: input, options });
      },
    );
}

interface ObserveJob {
  readonly endpoint: string;
  readonly path: string;
  readonly attributes: AttributesInput | undefined;
  readonly options: ObserveCommandOptions;
}

async function observe(context: ProgramContext, job: ObserveJob): Promise<void> {
  const { endpoint, options } = job;
  const api = apiOf(context, options);
  const failed = new AbortController();
  const signal = AbortSignal.any([context.interrupted, failed.signal]);
  let started: Promise<boolean> | undefined;
  // The stream is read first, so that not even the first content is missed.
  const onOpen = (): void => {
    started = start(context, api, job);
    started.catch((error: unknown) => failed.abort(error));
  };
  let isOver = false;
  let left = options.count ?? Infinity;
  try {
    for await (const { id, event } of followEvents(context, api, { endpoint, onOpen, signal })) {
      if (!('path' in event) || event.path !== job.path) continue;
      if (event.type === 'observation-ended' && comesBack(event.reason)) continue;
      await print(context, options, { json: { id, ...event }, text: () => eventText(event) });
      if (event.type === 'observation-ended') {
        isOver = true;
        throw new ProgramError(ExitCode.failure, `the observation of ${job.path} ended: ${event.reason}`);
      }
      left -= 1;
      if (left <= 0) break;
    }
    failed.signal.throwIfAborted();
  } finally {
    const isOurs = await started?.catch(() => false);
    if (isOurs === true && !isOver && options.keep !== true) await cancel(api, job);
  }
}

/** An observation that ended with its registration, or for another one, is established again by the server. */
function comesBack(reason: string): boolean {
  return ['replaced', 'reregistered', 'deregistered', 'expired', 'no-answer'].includes(reason);
}

/** True when nobody observed the path before. */
async function start(context: ProgramContext, api: DunlinApi, job: ObserveJob): Promise<boolean> {
  const { isNew, state } = await api.observe(job.endpoint, job.path, {
    ...callOptions(context, job.options),
    ...(job.attributes === undefined ? {} : { attributes: job.attributes }),
  });
  if (state === 'pending')
    await context.stderr.write(`${printable(job.endpoint)} cannot be reached now: waiting for it\n`);
  return isNew;
}

/** How long to wait for the device when the user waits for his prompt, in seconds. */
const cancelTimeout = 10;

/** One that ended by itself meanwhile needs no cancelling. */
async function cancel(api: DunlinApi, { endpoint, path }: ObserveJob): Promise<void> {
  try {
    await api.cancelObservation(endpoint, path, { timeout: cancelTimeout });
  } catch (error) {
    const isGone = error instanceof ApiError && ['no-observation', 'unknown-device'].includes(error.code);
    if (!isGone) throw error;
  }
}
