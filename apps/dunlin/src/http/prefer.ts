import { type Milliseconds, milliseconds } from '@dunlin/base';

/** What a `Prefer` header asks for (RFC 7240); what it does not know is passed over. */
export interface Preference {
  /** To be answered at once, whatever the device does. */
  readonly isAsync: boolean;
  /** How long to wait for a device that sleeps. */
  readonly wait: Milliseconds | undefined;
}

/** The longest wait that is granted: as long as any timeout of this interface. */
const longestWait = 600;

/** Reads `Prefer: respond-async` and `Prefer: wait=10` (RFC 7240 §4.1, §4.3). */
export function parsePrefer(header: string | readonly string[] | undefined): Preference {
  const preferences = (typeof header === 'string' ? header : (header ?? []).join(','))
    .split(',')
    .map((preference) => preference.trim().toLowerCase());
  const seconds = preferences
    .map((preference) => /^wait="?(\d{1,9})"?$/.exec(preference)?.[1])
    .find((value) => value !== undefined);
  return {
    isAsync: preferences.includes('respond-async'),
    wait: seconds === undefined ? undefined : milliseconds(Math.min(Number(seconds), longestWait) * 1000),
  };
}
