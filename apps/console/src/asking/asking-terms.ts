import type { ContentCallOptions } from '@dunlin/api';

/** On what terms a device is asked; what is left out the server decides. */
export type AskingTerms = Pick<ContentCallOptions, 'timeout' | 'format' | 'channel'>;

/** Seconds that the server takes as a timeout. */
const shortest = 0.1;
const longest = 600;

/** The terms with the timeout that was typed, in seconds; `undefined` when it is none. Nothing typed is the server's. */
export function withTimeout(
  { timeout: _before, ...others }: AskingTerms,
  typed: string,
): AskingTerms | undefined {
  if (typed.trim() === '') return others;
  const timeout = Number(typed);
  return timeout >= shortest && timeout <= longest ? { ...others, timeout } : undefined;
}
