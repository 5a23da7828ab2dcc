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
import { deviceSmsText, numbersTable, outboxTable, smsStatusText } from '../sms-text.ts';
import { printable } from '../table.ts';

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
    .option('--limit <count>', 'at most so many', countingNumber, 100)
    .action(async (options: ApiCommandOptions & { readonly limit: number }) => {
      const { limit } = options;
      const entries = await apiOf(context, options).sms.outbox({ limit, signal: context.interrupted });
      await print(context, options, { json: entries, text: () => outboxTable(entries, context.now()) });
    });
}

function numbersCommand(context: ProgramContext): Command {
  return apiCommand('numbers', 'the provisioned numbers of devices').action(
    async (options: ApiCommandOptions) => {
      const numbers = await apiOf(context, options).sms.numbers({ signal: context.interrupted });
      await print(context, options, { json: numbers, text: () => numbersTable(numbers, context.now()) });
    },
  );
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
