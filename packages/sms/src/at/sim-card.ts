import { milliseconds, type Secret, UsageError, utf8Decode } from '@dunlin/base';

import { slowCommand } from './at-command.ts';
import type { AtScript } from './at-script.ts';
import { type AtError, describeAtError } from './final-result.ts';

/** How long a SIM card that is being started, or is missing, is left alone before it is asked again. */
const patience = milliseconds(2000);

/** `+CME ERROR` codes of modems whose card is not there yet: not inserted, failure, busy (3GPP TS 27.007 §9.2.1). */
const notYet: ReadonlySet<number> = new Set([10, 13, 14]);

/** The SIM card of a modem, and the one try to unlock it. */
export class SimCard {
  readonly #pin: Secret | undefined;
  /** True from when the PIN was given until the card is known to be open: whatever happens between, it is spent. */
  #isPinSpent = false;

  /** Throws a `UsageError` when the PIN is none. */
  constructor(pin: Secret | undefined) {
    this.#pin = pin;
    if (pin !== undefined) digitsOf(pin);
  }

  /** Waits until the card can be used; the result says why it cannot (3GPP TS 27.007 §8.3). */
  *unlock(): AtScript<string | undefined> {
    for (;;) {
      const outcome = yield { ...slowCommand('AT+CPIN?'), expects: '+CPIN:' };
      if (outcome.kind === 'error') {
        // Modems without a card of their own do not know the command, and need no PIN.
        if (!isNotYet(outcome.error)) return undefined;
        yield {
          kind: 'pause',
          duration: patience,
          reason: `the SIM card is not ready (${describeAtError(outcome.error)})`,
        };
        continue;
      }
      const line = outcome.lines.find((each) => each.startsWith('+CPIN:')) ?? '';
      const state = line.slice('+CPIN:'.length).trim();
      if (state === 'READY') {
        this.#isPinSpent = false;
        return undefined;
      }
      const problem =
        state === 'SIM PIN' ? yield* this.#enterPin() : `the SIM card is locked: it asks for ${state}`;
      if (problem !== undefined) return problem;
    }
  }

  *#enterPin(): AtScript<string | undefined> {
    if (this.#pin === undefined) return 'the SIM card asks for its PIN, and none is configured';
    if (this.#isPinSpent)
      return 'the SIM card did not take the PIN; it is not tried again, because three wrong ones lock the card';
    this.#isPinSpent = true;
    const outcome = yield slowCommand(`AT+CPIN="${digitsOf(this.#pin)}"`, 'AT+CPIN');
    if (outcome.kind === 'error') return `the SIM card refused the PIN (${describeAtError(outcome.error)})`;
    yield { kind: 'pause', duration: patience };
    return undefined;
  }
}

function isNotYet(error: AtError): boolean {
  return error.kind !== 'plain' && notYet.has(error.code);
}

function digitsOf(pin: Secret): string {
  const digits = utf8Decode(pin.reveal()) ?? '';
  if (!/^\d{4,8}$/.test(digits)) throw new UsageError('The PIN of a SIM card has 4 to 8 digits.');
  return digits;
}
