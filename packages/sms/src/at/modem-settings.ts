import { command } from './at-command.ts';
import type { AtScript } from './at-script.ts';

/** How a modem was set up. */
export type AppliedSettings =
  /**
   * With `acknowledges`, messages that come directly are to be acknowledged with AT+CNMA. `indications` is what was said
   * with AT+CNMI.
   */
  | { readonly kind: 'applied'; readonly acknowledges: boolean; readonly indications: string }
  | { readonly kind: 'failure'; readonly reason: string };

/**
 * Messages come directly, and are the network's until they are acknowledged (3GPP TS 27.005 §3.4.1). The first number says
 * what happens while the port is busy, which it is not; modems insist on one or the other.
 */
const direct = ['2,2,0,1,0', '1,2,0,1,0', '3,2,0,1,0', '2,2,0,0,0'] as const;

/**
 * Messages are stored, and theirs is told: for modems that cannot wait for an acknowledgement, which is then the deletion.
 * The ways differ in how status reports come (directly, stored, not at all) and in whether the modem keeps back what it
 * has to tell.
 */
const stored = ['2,1,0,1,0', '1,1,0,1,0', '2,1,0,2,0', '2,1,0,0,0', '1,1,0,0,0'] as const;

/**
 * Sets a modem up for short messages as PDUs. It forgets all of this when it restarts, and the routing of messages too when
 * one was not acknowledged in time, so that this is said again and again (3GPP TS 27.005 §3.4.1).
 */
export function* applySettings(): AtScript<AppliedSettings> {
  yield command('ATE0');
  yield command('AT+CMEE=1');
  if ((yield command('AT+CMGF=0')).kind === 'error')
    return { kind: 'failure', reason: 'the modem has no PDU mode for short messages' };
  const acknowledges = (yield command('AT+CSMS=1')).kind === 'ok';
  yield* chooseMemory();
  for (const indications of acknowledges ? [...direct, ...stored] : stored) {
    if ((yield command(`AT+CNMI=${indications}`)).kind === 'ok')
      return { kind: 'applied', acknowledges, indications };
  }
  return { kind: 'failure', reason: 'the modem does not tell of short messages that come' };
}

/**
 * Has messages that come while nobody listens stored, to be found at the next start. The first number is the one that this
 * modem has taken in `indications`.
 */
export function* takeLeave(indications: string): AtScript<void> {
  yield command(`AT+CNMI=${indications.slice(0, 1)},0,0,0,0`);
}

/** Reads and deletes messages where the modem stores them, which need not be the same memory (3GPP TS 27.005 §3.2.2). */
function* chooseMemory(): AtScript<void> {
  const outcome = yield command('AT+CPMS?');
  if (outcome.kind === 'error') return;
  const memories = outcome.lines.flatMap((line) => (line.startsWith('+CPMS:') ? line.split('"') : []));
  // The names stand between quotes: the third one is where messages are stored that come.
  const [, reading, , , , receiving] = memories;
  if (receiving !== undefined && reading !== receiving) yield command(`AT+CPMS="${receiving}"`);
}
