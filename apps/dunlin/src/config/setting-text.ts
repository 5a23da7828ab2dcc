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

const units: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** The time that `30m`, `12h`, `30d` or `4w` is; `undefined` for what is none. */
export function durationFrom(text: string): Milliseconds | undefined {
  const [, count = '', unit = ''] = /^(\d{1,6})([mhdw])$/.exec(text) ?? [];
  const duration = Number(count) * (units[unit] ?? 0);
  return duration > 0 ? milliseconds(duration) : undefined;
}
