import { type BootstrapDocument, indentedJson } from '@dunlin/api';
import type { Command } from 'commander';

import type { ProgramContext } from '../../program/program-context.ts';
import { type ApiCommandOptions, apiCommand, apiOf, countingNumber, print } from '../api-command.ts';
import { bootstrapTarget } from '../bootstrap-target.ts';
import { configurationsTable, targetText } from '../bootstrap-text.ts';
import { printable } from '../table.ts';

interface TargetOptions extends ApiCommandOptions {
  readonly pattern?: string;
}

interface ListOptions extends ApiCommandOptions {
  readonly contains?: string;
  readonly after?: string;
  readonly limit: number;
}

/** `dunlin bootstrap list`. */
export function listBootstrapCommand(context: ProgramContext): Command {
  return apiCommand('list', 'list bootstrap configurations, without keys')
    .option('--contains <text>', 'only those whose endpoint names or patterns have this in them')
    .option('--after <cursor>', 'go on where an earlier list ended')
    .option('--limit <count>', 'at most so many', countingNumber, 100)
    .action(async (options: ListOptions) => {
      const { bootstrap } = apiOf(context, options);
      const { contains, limit } = options;
      const configurations: BootstrapDocument[] = [];
      let next: string | null = options.after ?? null;
      do {
        const page = await bootstrap.configurations(
          {
            limit: Math.min(limit - configurations.length, 1000),
            ...(contains === undefined ? {} : { contains }),
            ...(next === null ? {} : { after: next }),
          },
          { signal: context.interrupted },
        );
        configurations.push(...page.configurations);
        ({ next } = page);
      } while (next !== null && configurations.length < limit);
      await print(context, options, {
        json: { configurations, next },
        text: () => configurationsTable(configurations, context.now()),
      });
      if (next !== null && options.json !== true) {
        await context.stderr.write(`There are more: dunlin bootstrap list --after ${JSON.stringify(next)}\n`);
      }
    });
}

/** `dunlin bootstrap get ENDPOINT`: a document that `set --file` takes. */
export function getBootstrapCommand(context: ProgramContext): Command {
  return apiCommand('get', 'print a bootstrap configuration, without keys, as set --file takes it')
    .argument('[endpoint]', 'the endpoint name of the device')
    .option('--pattern <pattern>', 'that for endpoint names that fit a pattern')
    .action(async (endpoint: string | undefined, options: TargetOptions) => {
      const target = bootstrapTarget(endpoint, options.pattern);
      const found = await apiOf(context, options).bootstrap.configuration(target, {
        signal: context.interrupted,
      });
      const { target: _target, updatedAt: _updatedAt, ...terms } = found;
      await print(context, options, {
        json: found,
        text: () => `${indentedJson(terms)}\n`,
      });
    });
}

/** `dunlin bootstrap remove ENDPOINT`. */
export function removeBootstrapCommand(context: ProgramContext): Command {
  return apiCommand('remove', 'give a device nothing any more; what it has it keeps')
    .argument('[endpoint]', 'the endpoint name of the device')
    .option('--pattern <pattern>', 'that for endpoint names that fit a pattern')
    .action(async (endpoint: string | undefined, options: TargetOptions) => {
      const target = bootstrapTarget(endpoint, options.pattern);
      await apiOf(context, options).bootstrap.removeConfiguration(target, { signal: context.interrupted });
      await print(context, options, {
        json: { removed: target },
        text: () => `removed the bootstrap configuration for ${printable(targetText(target))}\n`,
      });
    });
}
