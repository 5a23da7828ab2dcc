import type { DeviceSummary } from '@dunlin/api';
import type { Command } from 'commander';

import type { ProgramContext } from '../../program/program-context.ts';
import { ExitCode } from '../../program/exit-code.ts';
import { ProgramError } from '../../program/program-error.ts';
import {
  type ApiCommandOptions,
  apiCommand,
  apiOf,
  countingNumber,
  positiveNumber,
  print,
} from '../api-command.ts';
import { durationText, relativeText } from '../duration-text.ts';
import { printable, renderTable } from '../table.ts';

interface DevicesOptions extends ApiCommandOptions {
  readonly filter?: string;
  readonly tags?: readonly string[];
  readonly prefix?: string;
  readonly contains?: string;
  readonly after?: string;
  readonly limit: number;
  readonly awakeWindow?: number | 'default';
}

/** `dunlin devices [ENDPOINT]`. */
export function devicesCommand(context: ProgramContext): Command {
  return apiCommand('devices', 'list the registered devices, or show one')
    .argument('[endpoint]', 'show this device in full')
    .option(
      '--filter <conditions>',
      'only those that fit, such as: state:online model:"X1" fw<2.1 seen<1h tag:lab has:/3303',
    )
    .option('--prefix <text>', 'only endpoint names that begin with this')
    .option('--contains <text>', 'only endpoint names that have this in them')
    .option('--after <endpoint>', 'go on after this endpoint name')
    .option('--limit <count>', 'at most so many', countingNumber, 100)
    .option('--tags <tags>', 'give the device these tags, parted by commas; "" takes them away', tagList)
    .option(
      '--awake-window <seconds>',
      'let the server count on the device in queue mode for so long after its messages, or "default"',
      windowLength,
    )
    .action(async (endpoint: string | undefined, options: DevicesOptions) => {
      const ofOne = options.awakeWindow === undefined ? options.tags && '--tags' : '--awake-window';
      if (endpoint === undefined && ofOne !== undefined)
        throw new ProgramError(ExitCode.usage, `${ofOne} is for one device: give its endpoint name`);
      if (endpoint === undefined) await list(context, options);
      else await show(context, endpoint, options);
    });
}

async function list(context: ProgramContext, options: DevicesOptions): Promise<void> {
  const api = apiOf(context, options);
  const { filter, prefix, contains, limit } = options;
  const devices: DeviceSummary[] = [];
  let total = 0;
  let next: string | null = options.after ?? null;
  do {
    const page = await api.devices(
      {
        limit: Math.min(limit - devices.length, 1000),
        ...(filter === undefined ? {} : { filter }),
        ...(prefix === undefined ? {} : { prefix }),
        ...(contains === undefined ? {} : { contains }),
        ...(next === null ? {} : { after: next }),
      },
      { signal: context.interrupted },
    );
    devices.push(...page.devices);
    ({ next, total } = page);
  } while (next !== null && devices.length < limit);
  await print(context, options, {
    json: { devices, next, total },
    text: () => devicesTable(devices, context.now()),
  });
  if (next !== null && options.json !== true) {
    await context.stderr.write(
      `There are more, ${total} in all: dunlin devices --after ${printable(next)}\n`,
    );
  }
}

async function show(context: ProgramContext, endpoint: string, options: DevicesOptions): Promise<void> {
  const api = apiOf(context, options);
  const { awakeWindow, tags } = options;
  const call = { signal: context.interrupted };
  if (tags !== undefined) await api.setTags(endpoint, tags, call);
  const device =
    awakeWindow === undefined
      ? await api.device(endpoint, call)
      : await api.changeDevice(
          endpoint,
          { awakeWindow: awakeWindow === 'default' ? null : awakeWindow },
          call,
        );
  await print(context, options, { json: device, text: () => deviceTable(device, context.now()) });
}

/** Devices as a table. */
export function devicesTable(devices: readonly DeviceSummary[], now: number): string {
  if (devices.length === 0) return 'No device is registered.\n';
  return renderTable(
    ['ENDPOINT', 'SECURITY', 'VERSION', 'BINDING', 'ADDRESS', 'LIFETIME', 'LAST CONTACT', 'LAPSES'],
    devices.map((device) => [
      device.endpoint,
      device.security,
      device.version,
      presenceText(device),
      device.address,
      durationText(device.lifetime),
      relativeText(device.lastSeen, now),
      relativeText(device.expiresAt, now),
    ]),
  );
}

/** One device in full. */
export function deviceTable(device: DeviceSummary, now: number): string {
  const facts = renderTable(
    ['ENDPOINT', device.endpoint],
    [
      ['state', device.state],
      ...factRows(device),
      ['registration', device.registrationId],
      ['address', `${device.address} (${device.transport})`],
      ['security', device.security],
      ...(device.identity === undefined ? [] : [['identity', device.identity]]),
      ['version', device.version],
      ['binding', presenceText(device)],
      ...awakeRows(device, now),
      ...(device.smsNumber === undefined ? [] : [['SMS number', device.smsNumber]]),
      ['lifetime', `${device.lifetime} s`],
      ['registered', `${device.registeredAt} (${relativeText(device.registeredAt, now)})`],
      ['last contact', `${device.lastSeen} (${relativeText(device.lastSeen, now)})`],
      ['lapses', `${device.expiresAt} (${relativeText(device.expiresAt, now)})`],
      ...(device.rootPath === '/' ? [] : [['root', device.rootPath]]),
      ...Object.entries(device.additional),
    ],
  );
  const objects = renderTable(
    ['OBJECT', 'NAME', 'VERSION', 'INSTANCES'],
    device.objects.map(({ id, name = '', version = '1.0', instances }) => [
      `/${id}`,
      name,
      version,
      instances.join(' '),
    ]),
  );
  return `${facts}\n${objects}`;
}

function factRows({
  manufacturer,
  modelNumber,
  firmwareVersion,
  tags,
  queued,
}: DeviceSummary): readonly (readonly string[])[] {
  return [
    ...(manufacturer === undefined ? [] : [['manufacturer', manufacturer]]),
    ...(modelNumber === undefined ? [] : [['model', modelNumber]]),
    ...(firmwareVersion === undefined ? [] : [['firmware', firmwareVersion]]),
    ...(tags.length === 0 ? [] : [['tags', tags.join(' ')]]),
    ...(queued === 0 ? [] : [['operations waiting', String(queued)]]),
  ];
}

function tagList(text: string): readonly string[] {
  return text
    .split(',')
    .map((tag) => tag.trim())
    .filter((tag) => tag !== '');
}

/** The binding, and in queue mode whether the device is awake: `UQ (asleep)`. */
function presenceText({ bindingMode, presence }: DeviceSummary): string {
  return presence === 'reachable' ? bindingMode : `${bindingMode} (${presence})`;
}

function awakeRows({ awakeUntil, awakeWindow }: DeviceSummary, now: number): readonly (readonly string[])[] {
  return [
    ...(awakeUntil === undefined
      ? []
      : [['awake until', `${awakeUntil} (${relativeText(awakeUntil, now)})`]]),
    ...(awakeWindow === undefined ? [] : [['awake window', `${awakeWindow} s`]]),
  ];
}

function windowLength(text: string): number | 'default' {
  return text === 'default' ? text : positiveNumber(text);
}
