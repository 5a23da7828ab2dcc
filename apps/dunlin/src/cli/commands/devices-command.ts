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
    .option('--prefix <text>', 'only endpoint names that begin with this')
    .option('--contains <text>', 'only endpoint names that have this in them')
    .option('--after <endpoint>', 'go on after this endpoint name')
    .option('--limit <count>', 'at most so many', countingNumber, 100)
    .option(
      '--awake-window <seconds>',
      'let the server count on the device in queue mode for so long after its messages, or "default"',
      windowLength,
    )
    .action(async (endpoint: string | undefined, options: DevicesOptions) => {
      if (endpoint === undefined && options.awakeWindow !== undefined)
        throw new ProgramError(ExitCode.usage, '--awake-window is for one device: give its endpoint name');
      if (endpoint === undefined) await list(context, options);
      else await show(context, endpoint, options);
    });
}

async function list(context: ProgramContext, options: DevicesOptions): Promise<void> {
  const api = apiOf(context, options);
  const { prefix, contains, limit } = options;
  const devices: DeviceSummary[] = [];
  let next: string | null = options.after ?? null;
  do {
    const page = await api.devices(
      {
        limit: Math.min(limit - devices.length, 1000),
        ...(prefix === undefined ? {} : { prefix }),
        ...(contains === undefined ? {} : { contains }),
        ...(next === null ? {} : { after: next }),
      },
      { signal: context.interrupted },
    );
    devices.push(...page.devices);
    ({ next } = page);
  } while (next !== null && devices.length < limit);
  await print(context, options, {
    json: { devices, next },
    text: () => devicesTable(devices, context.now()),
  });
  if (next !== null && options.json !== true) {
    await context.stderr.write(`There are more: dunlin devices --after ${printable(next)}\n`);
  }
}

async function show(context: ProgramContext, endpoint: string, options: DevicesOptions): Promise<void> {
  const api = apiOf(context, options);
  const { awakeWindow } = options;
  const call = { signal: context.interrupted };
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
      relativeText(device.updatedAt, now),
      relativeText(device.expiresAt, now),
    ]),
  );
}

/** One device in full. */
export function deviceTable(device: DeviceSummary, now: number): string {
  const facts = renderTable(
    ['ENDPOINT', device.endpoint],
    [
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
      ['last contact', `${device.updatedAt} (${relativeText(device.updatedAt, now)})`],
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
