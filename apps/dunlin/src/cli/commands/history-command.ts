import { type HistoryDocument, type HistorySeriesDocument, stringifyJson } from '@dunlin/api';
import { type Command, InvalidArgumentError } from 'commander';

import type { ProgramContext } from '../../program/program-context.ts';
import { historyCsv } from '../../history/history-csv.ts';
import {
  type ApiCommandOptions,
  apiCommand,
  apiOf,
  containsHelp,
  countingNumber,
  positiveNumber,
  print,
} from '../api-command.ts';
import { renderTable } from '../table.ts';

interface HistoryCommandOptions extends ApiCommandOptions {
  readonly last?: number;
  readonly from?: string;
  readonly to?: string;
  readonly limit: number;
  readonly resolution?: number;
  readonly csv?: boolean;
  readonly contains?: string;
}

/** `dunlin history ENDPOINT [PATH]`. */
export function historyCommand(context: ProgramContext): Command {
  return apiCommand('history', 'show the values that a Resource had, or of which Resources there are some')
    .argument('<endpoint>', 'the endpoint name of the device')
    .argument('[path]', 'of a Resource: /3303/0/5700')
    .option('--last <time>', 'of so long until now: 30m, 12h, 7d', duration)
    .option('--from <time>', 'from this time on: 2026-01-31T12:00:00Z; by default a day before the end')
    .option('--to <time>', 'before this time; by default now')
    .option('--limit <count>', 'at most so many', countingNumber, 1000)
    .option('--resolution <seconds>', 'minimum, maximum and mean of each so many seconds', positiveNumber)
    .option('--csv', 'print comma-separated values')
    .option('--contains <text>', `without a path: ${containsHelp}`)
    .action(async (endpoint: string, path: string | undefined, options: HistoryCommandOptions) => {
      const api = apiOf(context, options);
      const call = { signal: context.interrupted };
      if (path === undefined) {
        const { contains } = options;
        const wanted = contains === undefined ? {} : { contains };
        const series = await api.history.series(endpoint, { ...wanted, ...call });
        await print(context, options, { json: { series }, text: () => seriesTable(series) });
        return;
      }
      const { last, to, limit, resolution } = options;
      const from = last === undefined ? options.from : new Date(context.now() - last).toISOString();
      const history = await api.history.get(
        endpoint,
        {
          path,
          limit,
          ...(from === undefined ? {} : { from }),
          ...(to === undefined ? {} : { to }),
          ...(resolution === undefined ? {} : { resolution }),
        },
        call,
      );
      const text = (): string => (options.csv === true ? historyCsv(history) : historyTable(history));
      await print(context, options, { json: history, text });
      if (history.next !== null && options.json !== true)
        await context.stderr.write(`There are more: --from ${history.next}\n`);
    });
}

function seriesTable(series: readonly HistorySeriesDocument[]): string {
  return renderTable(
    ['PATH', 'NAME', 'TYPE', 'FIRST', 'LAST'],
    series.map(({ path, name = '', type, first, last }) => [path, name, type, first, last]),
  );
}

function historyTable({ samples, buckets, resolution, units = '' }: HistoryDocument): string {
  if (resolution === null) {
    return renderTable(
      ['TIME', `VALUE${units === '' ? '' : ` (${units})`}`, 'ORIGIN'],
      samples.map(({ time, value, origin }) => [time, textOf(value), origin]),
    );
  }
  return renderTable(
    ['TIME', 'COUNT', 'MINIMUM', 'MAXIMUM', 'MEAN', 'LAST'],
    buckets.map(({ time, count, minimum, maximum, mean, last }) => [
      time,
      String(count),
      number(minimum),
      number(maximum),
      number(mean),
      textOf(last),
    ]),
  );
}

function number(value: number | undefined): string {
  return value === undefined ? '' : String(value);
}

function textOf(value: HistoryDocument['samples'][number]['value']): string {
  return typeof value === 'string' ? value : stringifyJson(value);
}

const units: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

function duration(text: string): number {
  const [, count = '', unit = ''] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  const length = Number(count) * (units[unit] ?? 0);
  if (length > 0) return length;
  throw new InvalidArgumentError('It must be a time such as 30m, 12h or 7d.');
}
