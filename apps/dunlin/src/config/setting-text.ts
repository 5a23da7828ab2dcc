import { type Milliseconds, milliseconds } from '@dunlin/base';

import { ExitCode } from '../program/exit-code.ts';
import { ProgramError } from '../program/program-error.ts';
import { didYouMean } from '../program/suggestion.ts';
import { parseSocketAddress, type SocketAddress } from './socket-address.ts';

/** A setting, and who set it. */
export interface Found<T> {
  readonly value: T;
  readonly source: string;
}

/** The word for no address at all. */
export const nowhere = 'none';

/** The address in a setting; throws a `ProgramError` when it is none. */
export function addressFrom(text: string, setting: string, source: string): SocketAddress {
  const address = parseSocketAddress(text);
  if (address !== undefined) return address;
  throw usage(
    `${setting} (${source}): ${JSON.stringify(text)} is not an address such as 127.0.0.1:5683, [::1]:5683 or :5683`,
  );
}

/** The entries of a list that is separated by commas, as the environment has them. */
export function listFrom(text: string | undefined): readonly string[] | undefined {
  return text?.split(',').map((entry) => entry.trim());
}

/** A setting is wrong: nothing was opened. */
export function usage(message: string): ProgramError {
  return new ProgramError(ExitCode.usage, message);
}

/** One of the words that a setting may be. */
export function wordFrom<W extends string>(
  setting: string,
  { value, source }: Found<string>,
  words: readonly W[],
): W {
  const word = words.find((candidate) => candidate === value);
  if (word !== undefined) return word;
  throw usage(
    `${setting} (${source}): ${JSON.stringify(value)} is not one of ${words.join(', ')}${didYouMean(value, words)}`,
  );
}

const sizeUnits: ReadonlyMap<string, number> = new Map([
  ['', 1],
  ['B', 1],
  ['KiB', 1024],
  ['MiB', 1024 ** 2],
  ['GiB', 1024 ** 3],
]);

/** The bytes that `1048576`, `512 KiB` or `2 GiB` is, at most a TiB; throws a `ProgramError` for what is none. */
export function sizeFrom(setting: string, { value, source }: Found<string>): number {
  const [, count = '', unit = ''] = /^\s*(\d{1,13})\s*([A-Za-z]*)\s*$/.exec(value) ?? [];
  const size = Number(count) * (sizeUnits.get(unit) ?? 0);
  if (size >= 1 && size <= 2 ** 40) return size;
  throw usage(
    `${setting} (${source}): ${JSON.stringify(value)} is not a size such as 1048576, 512 KiB, 256 MiB or 2 GiB`,
  );
}

const units: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** The time that `30m`, `12h`, `30d` or `4w` is; `undefined` for what is none. */
export function durationFrom(text: string): Milliseconds | undefined {
  const [, count = '', unit = ''] = /^(\d{1,6})([mhdw])$/.exec(text) ?? [];
  const duration = Number(count) * (units[unit] ?? 0);
  return duration > 0 ? milliseconds(duration) : undefined;
}
