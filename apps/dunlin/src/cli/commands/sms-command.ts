import type { SmsNumberDocument } from '@dunlin/api';
import { Command } from 'commander';

import type { ProgramContext } from '../../program/program-context.ts';
import {
  type ApiCommandOptions,
  apiCommand,
  apiOf,
  countingNumber,
  print,
  wholeNumber,
} from '../api-command.ts';
import { listPages } from '../list-pages.ts';
import { deviceSmsText, numbersTable, outboxTable, smsStatusText } from '../sms-text.ts';
import { printable } from '../table.ts';

interface ListOptions<Place> extends ApiCommandOptions {
  readonly contains?: string;
  readonly after?: Place;
  readonly limit: number;
}

/** `dunlin sms …`. */
export function smsCommand(context: ProgramContext): Command {
  const command = new Command('sms')
    .summary('short messages: status, outbox, numbers, number, provision, withdraw')
    .description(
      'Short messages of a running server: what is sent, what it costs, and the numbers of devices.',
    );
  for (const each of [
    statusCommand,
    outboxCommand,
    numbersCommand,
    numberCommand,
    provisionCommand,
    withdrawCommand,
  ]) {
    command.addCommand(each(context));
  }
  return command;
}

function statusCommand(context: ProgramContext): Command {
  return apiCommand('status', 'whether short messages go, and what is left of their budgets').action(
    async (options: ApiCommandOptions) => {
      const status = await apiOf(context, options).sms.status({ signal: context.interrupted });
      await print(context, options, { json: status, text: () => smsStatusText(status, context.now()) });
    },
  );
}

function outboxCommand(context: ProgramContext): Command {
  return apiCommand('outbox', 'what is on its way and what was sent lately, the newest first')
    .option('--contains <text>', 'only those whose endpoint name or number has this in it')
    .option('--after <id>', 'go on after this one, to those that are older', countingNumber)
    .option('--limit <count>', 'at most so many', countingNumber, 100)
    .action(async ({ contains, after, limit, ...options }: ListOptions<number>) => {
      const page = await apiOf(context, options).sms.outbox(
        {
          limit: Math.min(limit, 1000),
          ...(contains === undefined ? {} : { contains }),
          ...(after === undefined ? {} : { after }),
        },
        { signal: context.interrupted },
      );
      await print(context, options, { json: page, text: () => outboxTable(page.entries, context.now()) });
      if (page.next !== null && options.json !== true)
        await context.stderr.write(`There are older ones: dunlin sms outbox --after ${page.next}\n`);
    });
}

function numbersCommand(context: ProgramContext): Command {
  return apiCommand('numbers', 'the provisioned numbers of devices')
    .option('--contains <text>', 'only those whose endpoint name or number has this in it')
    .option('--after <endpoint>', 'go on after this device')
    .option('--limit <count>', 'at most so many', countingNumber, 100)
    .action(async ({ contains, after, limit, ...options }: ListOptions<string>) => {
      const { sms } = apiOf(context, options);
      const filter = contains === undefined ? {} : { contains };
      const { entries: numbers, next } = await listPages<SmsNumberDocument>(limit, after, async (request) => {
        const page = await sms.numbers({ ...request, ...filter }, { signal: context.interrupted });
        return { entries: page.numbers, next: page.next };
      });
      await print(context, options, {
        json: { numbers, next },
        text: () => numbersTable(numbers, context.now()),
      });
      if (next !== null && options.json !== true)
        await context.stderr.write(`There are more: dunlin sms numbers --after ${printable(next)}\n`);
    });
}

function numberCommand(context: ProgramContext): Command {
  return apiCommand('number', 'how a device is reached by short messages, and what is left for it')
    .argument('<endpoint>', 'the endpoint name of the device')
    .option('--bytes <count>', 'tell how many short messages a datagram of so many bytes takes', wholeNumber)
    .action(async (endpoint: string, options: ApiCommandOptions & { readonly bytes?: number }) => {
      const { bytes } = options;
      const reach = await apiOf(context, options).sms.device(endpoint, {
        signal: context.interrupted,
        ...(bytes === undefined ? {} : { bytes }),
      });
      await print(context, options, { json: reach, text: () => deviceSmsText(endpoint, reach) });
    });
}

function provisionCommand(context: ProgramContext): Command {
  return apiCommand('provision', 'say which number a device has: short messages go there')
    .argument('<endpoint>', 'the endpoint name of the device')
    .argument('<number>', 'digits with country code, without "+"')
    .action(async (endpoint: string, number: string, options: ApiCommandOptions) => {
      const provisioned = await apiOf(context, options).sms.provision(endpoint, number, {
        signal: context.interrupted,
      });
      await print(context, options, {
        json: provisioned,
        text: () => `${printable(endpoint)} has the number ${provisioned.number}\n`,
      });
    });
}

function withdrawCommand(context: ProgramContext): Command {
  return apiCommand('withdraw', 'forget the number of a device: no short message goes there any more')
    .argument('<endpoint>', 'the endpoint name of the device')
    .action(async (endpoint: string, options: ApiCommandOptions) => {
      await apiOf(context, options).sms.withdraw(endpoint, { signal: context.interrupted });
      await print(context, options, {
        json: { withdrawn: endpoint },
        text: () => `${printable(endpoint)} has no number any more\n`,
      });
    });
}
