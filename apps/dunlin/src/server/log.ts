import { type Logger, pino, stdTimeFunctions } from 'pino';

import { printable } from '../cli/table.ts';
import type { LogLevel } from '../config/server-settings.ts';
import type { Output } from '../program/program-context.ts';

/** A log of JSON lines, or of short lines for people when `output` is a terminal. */
export function openLog(output: Output, level: LogLevel): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    {
      write: (line: string) =>
        void output.write(output.isTerminal ? logLineText(line) : line).catch(() => undefined),
    },
  );
}

/** A JSON line of the log as people read it: time of day, level, message, then whatever else it says. */
export function logLineText(line: string): string {
  const record: unknown = JSON.parse(line);
  if (typeof record !== 'object' || record === null) return line;
  const { time, level, msg, ...facts } = { time: '', level: '', msg: '', ...record };
  const rest = Object.entries(facts).map(([name, value]) => `${name}=${factText(value)}`);
  return `${[time.slice(11, 19), level.toUpperCase().padEnd(5), printable(msg), ...rest].join(' ')}\n`;
}

function factText(value: unknown): string {
  return printable(typeof value === 'string' ? value : JSON.stringify(value));
}
