import { milliseconds } from '@dunlin/base';

import { command } from './at-command.ts';
import type { AtScript } from './at-script.ts';

/** Registration takes a few seconds after the start of a modem, and can come at any time later. */
const patience = milliseconds(2000);

/** Registered at home or roaming, with all services or with short messages alone (3GPP TS 27.007 §7.2). */
const registered: ReadonlySet<string> = new Set(['1', '5', '6', '7']);

const words: Readonly<Record<string, string>> = {
  '2': 'looking for a network',
  '3': 'refused by the network',
  '4': 'out of reach of a network',
};

/** Waits until the modem is registered in a network of either kind: `+CREG` is of GSM, `+CEREG` of LTE (§7.2, §10.1.22). */
export function* awaitRegistration(): AtScript<undefined> {
  for (;;) {
    const statuses = [yield* statusOf('+CREG'), yield* statusOf('+CEREG')];
    if (statuses.some((status) => registered.has(status))) return undefined;
    const said = statuses.map((status) => words[status]).find((each) => each !== undefined);
    yield {
      kind: 'pause',
      duration: patience,
      reason: `the modem is ${said ?? 'not registered with a network'}`,
    };
  }
}

/** The second number of the answer: the first one only says which changes the modem tells by itself. */
function* statusOf(query: '+CREG' | '+CEREG'): AtScript<string> {
  const outcome = yield command(`AT${query}?`, `${query}:`);
  if (outcome.kind === 'error') return '';
  const answers = outcome.lines.map((line) => /^\+CE?REG: *\d+, *(\d+)/.exec(line)?.[1]);
  return answers.find((status) => status !== undefined) ?? '';
}
