import { type Milliseconds, milliseconds } from '@dunlin/base';

import type { AtError } from './final-result.ts';

/** A command for a modem. */
export interface AtCommand {
  readonly kind: 'command';
  /** As it is written, without the carriage return. */
  readonly text: string;
  /** As people may be told of it: without secrets. */
  readonly name: string;
  /** How long the modem may take to answer, or to ask for the PDU. */
  readonly timeout: Milliseconds;
  /** The start of a line without which an `OK` is not the one of this command. */
  readonly expects?: string;
  /** Digits to give when the modem asks for them, and how long it may take from then on. */
  readonly pdu?: { readonly digits: string; readonly timeout: Milliseconds };
}

/** How a command ended. */
export type AtOutcome =
  | { readonly kind: 'ok'; readonly lines: readonly string[] }
  | { readonly kind: 'error'; readonly error: AtError; readonly isPduGiven: boolean };

/** Local settings take milliseconds; five seconds are for modems that are busy with the network. */
const usualTimeout = milliseconds(5000);

/** Looking through a SIM card of 255 messages, or unlocking it, takes old ones ten seconds. */
const slowTimeout = milliseconds(20_000);

/** A command that the modem answers out of itself. */
export function command(text: string, expects?: string): AtCommand {
  const plain = { kind: 'command', text, name: text, timeout: usualTimeout } as const;
  return expects === undefined ? plain : { ...plain, expects };
}

/** A command that has to do with the SIM card; `name` hides its parameters. */
export function slowCommand(text: string, name: string = text): AtCommand {
  return { kind: 'command', text, name, timeout: slowTimeout };
}
