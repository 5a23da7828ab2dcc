import {
  type FirmwareMethodName,
  firmwareMethods,
  type FirmwareProtocolName,
  firmwareProtocols,
  type FirmwareUpdateDocument,
  type FirmwareUpdateInput,
  type FirmwareUpdateState,
  firmwareUpdateStates,
} from '@dunlin/api';
import { type Command, InvalidArgumentError, Option } from 'commander';

import type { ProgramContext } from '../../program/program-context.ts';
import {
  type ApiCommandOptions,
  apiCommand,
  apiOf,
  countingNumber,
  positiveNumber,
  print,
} from '../api-command.ts';
import { updateLine, updatesTable, updateTable } from '../firmware-text.ts';
import { failureOf, followUpdate } from '../follow-firmware.ts';
import { namedImage } from '../named-image.ts';
import { printable } from '../table.ts';

interface FollowOptions extends ApiCommandOptions {
  /** False with `--no-wait`; a number of seconds with `--wait`. */
  readonly wait: boolean | number;
}

interface UpdatesOptions extends ApiCommandOptions {
  readonly image?: string;
  readonly state?: FirmwareUpdateState;
  readonly contains?: string;
  readonly after?: string;
  readonly limit: number;
}

interface UpdateOptions extends FollowOptions {
  readonly method?: FirmwareMethodName;
  readonly protocol?: FirmwareProtocolName;
  readonly blockSize?: NonNullable<FirmwareUpdateInput['blockSize']>;
  readonly install: boolean;
}

/** `dunlin firmware update ENDPOINT IMAGE`. */
export function updateCommand(context: ProgramContext): Command {
  return withFollowing(deviceCommand('update', 'update the firmware of a device, and wait until it runs'))
    .argument('<image>', 'the name of the image, its id, or the beginning of that')
    .addOption(
      new Option('--method <method>', 'push it to the device, or let the device pull it').choices(
        firmwareMethods,
      ),
    )
    .addOption(new Option('--protocol <protocol>', 'how the device pulls it').choices(firmwareProtocols))
    .option('--block-size <bytes>', 'the largest block that is pushed: 16, 32, … 1024', blockSize)
    .option('--no-install', 'only bring the image to the device; firmware install has it installed')
    .action(async (endpoint: string, text: string, options: UpdateOptions) => {
      const api = apiOf(context, options);
      const { interrupted: signal } = context;
      const { id } = await namedImage(api, text, signal);
      const begun = await api.firmware.update(endpoint, inputOf(id, options), { signal });
      await follow(context, options, begun);
    });
}

/** `dunlin firmware updates`. */
export function updatesCommand(context: ProgramContext): Command {
  return apiCommand('updates', 'list the updates of devices that are under way')
    .option('--image <image>', 'only those to this image: its name, its id, or the beginning of that')
    .addOption(new Option('--state <state>', 'only those in this state').choices(firmwareUpdateStates))
    .option('--contains <text>', 'only those whose endpoint names have this in them')
    .option('--after <endpoint>', 'go on after this device')
    .option('--limit <count>', 'at most so many', countingNumber, 100)
    .action(async ({ image: text, state, contains, after, limit, ...options }: UpdatesOptions) => {
      const api = apiOf(context, options);
      const { interrupted: signal } = context;
      const image = text === undefined ? {} : { image: (await namedImage(api, text, signal)).id };
      const page = await api.firmware.updates(
        {
          limit: Math.min(limit, 1000),
          ...image,
          ...(state === undefined ? {} : { state }),
          ...(contains === undefined ? {} : { contains }),
          ...(after === undefined ? {} : { after }),
        },
        { signal },
      );
      await print(context, options, { json: page, text: () => updatesTable(page.updates, context.now()) });
      if (page.next !== null && options.json !== true)
        await context.stderr.write(
          `There are more: dunlin firmware updates --after ${printable(page.next)}\n`,
        );
    });
}

/** `dunlin firmware status ENDPOINT`. */
export function updateStatusCommand(context: ProgramContext): Command {
  return deviceCommand('status', 'show the update of a device that is under way, or the last one').action(
    async (endpoint: string, options: ApiCommandOptions) => {
      const update = await apiOf(context, options).firmware.status(endpoint, { signal: context.interrupted });
      await print(context, options, { json: update, text: () => updateTable(update, context.now()) });
    },
  );
}

/** `dunlin firmware install ENDPOINT`. */
export function installCommand(context: ProgramContext): Command {
  return withFollowing(
    deviceCommand('install', 'have a device install the image that it has, or as soon as it has it'),
  ).action(async (endpoint: string, options: FollowOptions) => {
    const begun = await apiOf(context, options).firmware.install(endpoint, { signal: context.interrupted });
    await follow(context, options, begun);
  });
}

/** `dunlin firmware cancel ENDPOINT`. */
export function cancelUpdateCommand(context: ProgramContext): Command {
  return deviceCommand('cancel', 'cancel the update of a device, unless it installs already').action(
    async (endpoint: string, options: ApiCommandOptions) => {
      const update = await apiOf(context, options).firmware.cancel(endpoint, { signal: context.interrupted });
      await print(context, options, {
        json: update,
        text: () => `${printable(endpoint)}: ${printable(updateLine(update))}\n`,
      });
    },
  );
}

function deviceCommand(name: string, summary: string): Command {
  return apiCommand(name, summary).argument('<endpoint>', 'the endpoint name of the device');
}

function withFollowing(command: Command): Command {
  return command
    .option('--wait <seconds>', 'wait so long at most; the update goes on', positiveNumber)
    .option('--no-wait', 'do not wait for the end');
}

/** Shows the way to the end, prints the end, and ends the program as the update did. */
async function follow(
  context: ProgramContext,
  options: FollowOptions,
  begun: FirmwareUpdateDocument,
): Promise<void> {
  const { wait } = options;
  const isSilent = options.json === true;
  const limit = typeof wait === 'number' ? wait : undefined;
  const update =
    wait === false ? begun : await followUpdate(context, apiOf(context, options), begun, { limit, isSilent });
  const failure = failureOf(update);
  await print(context, options, {
    json: update,
    // What failed is said on standard error.
    text: () => (failure === undefined ? doneText(update) : ''),
  });
  if (failure !== undefined) throw failure;
}

function doneText(update: FirmwareUpdateDocument): string {
  const { endpoint, image, state } = update;
  const name = printable(endpoint);
  switch (state) {
    case 'succeeded':
      return `${name} runs ${printable(image.name)}${versionText(update)}\n`;
    case 'downloaded':
      return update.install === 'manual'
        ? `${name} has ${printable(image.name)}: dunlin firmware install ${name} installs it\n`
        : `${name}: ${updateLine(update)}\n`;
    case 'waiting':
    case 'transferring':
    case 'installing':
    case 'cancelling':
    case 'failed':
    case 'cancelled':
      return `${name}: ${printable(updateLine(update))}; dunlin firmware status ${name} shows it\n`;
  }
}

function versionText({ firmwareVersion }: FirmwareUpdateDocument): string {
  return firmwareVersion === undefined ? '' : `: its firmware is ${printable(firmwareVersion)}`;
}

function inputOf(
  image: string,
  { method, protocol, blockSize: size, install }: UpdateOptions,
): FirmwareUpdateInput {
  return {
    image,
    ...(method === undefined ? {} : { method }),
    ...(protocol === undefined ? {} : { protocol }),
    ...(size === undefined ? {} : { blockSize: size }),
    ...(install ? {} : { install: 'manual' }),
  };
}

function blockSize(text: string): NonNullable<FirmwareUpdateInput['blockSize']> {
  const sizes = [16, 32, 64, 128, 256, 512, 1024] as const;
  const size = sizes.find((each) => String(each) === text);
  if (size === undefined) throw new InvalidArgumentError(`It must be one of ${sizes.join(', ')}.`);
  return size;
}
