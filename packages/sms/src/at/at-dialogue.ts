import { addDuration, type Instant, utf8Encode } from '@dunlin/base';

import type { AtCommand, AtOutcome } from './at-command.ts';
import { AtLineSplitter, type AtToken } from './at-line-splitter.ts';
import { finalResultOf } from './final-result.ts';
import { decodeModemPdu } from './modem-pdu.ts';
import { type UnsolicitedLine, unsolicitedLineOf } from './unsolicited-line.ts';

/** What a dialogue comes to. */
export type DialogueOutput =
  | { readonly kind: 'write'; readonly bytes: Uint8Array }
  /** The command in flight has ended. */
  | { readonly kind: 'outcome'; readonly outcome: AtOutcome }
  /** It was not answered in time; what comes from now on cannot be told apart from its answer. */
  | { readonly kind: 'timed-out'; readonly name: string; readonly isPduGiven: boolean }
  /** A message or status report came by itself. */
  | { readonly kind: 'direct'; readonly tpdu: Uint8Array }
  /** One came that was damaged on its way from the modem. */
  | { readonly kind: 'unreadable'; readonly reason: string }
  /** One was stored by the modem. */
  | { readonly kind: 'stored'; readonly index: number }
  | { readonly kind: 'dropped'; readonly reason: string };

/** Ends what was begun, such as the input of a PDU (3GPP TS 27.005 §3.5.1). */
export const escape: Uint8Array = Uint8Array.of(0x1b);
const endOfPdu = '\u001A';

/** A list of all that a SIM card can hold has two lines for each of 255 messages. */
const maxAnswerLines = 1024;

/** One command at a time with a modem, and what it says by itself in between (3GPP TS 27.007 §4, 27.005 §3). */
export class AtDialogue {
  readonly #splitter = new AtLineSplitter();
  readonly #outputs: DialogueOutput[] = [];
  #command: AtCommand | undefined;
  #lines: string[] = [];
  #awaits: 'prompt' | 'result' = 'result';
  #deadline: Instant | undefined;
  /** The line before, when it announced a PDU. */
  #announced: UnsolicitedLine | undefined;

  /** True when the command in flight is one with a PDU, and the modem has that. */
  get isPduGiven(): boolean {
    return this.#command?.pdu !== undefined && this.#awaits === 'result';
  }

  get deadline(): Instant | undefined {
    return this.#deadline;
  }

  /** Sends a command; the one before must have ended. */
  send(command: AtCommand, now: Instant): void {
    this.#command = command;
    this.#lines = [];
    this.#awaits = command.pdu === undefined ? 'result' : 'prompt';
    this.#deadline = addDuration(now, command.timeout);
    this.#write(`${command.text}\r`);
  }

  handle(bytes: Uint8Array, now: Instant): void {
    const expectsPrompt = (): boolean => this.#awaits === 'prompt' && this.#command !== undefined;
    for (const token of this.#splitter.split(bytes, expectsPrompt)) this.#take(token, now);
  }

  wake(now: Instant): void {
    const command = this.#command;
    if (command === undefined || this.#deadline === undefined || this.#deadline > now) return;
    const { name } = command;
    this.#outputs.push(
      { kind: 'write', bytes: escape },
      { kind: 'timed-out', name, isPduGiven: this.isPduGiven },
    );
    this.#end();
  }

  poll(): DialogueOutput | undefined {
    return this.#outputs.shift();
  }

  #take(token: AtToken, now: Instant): void {
    switch (token.kind) {
      case 'overlong':
        this.#outputs.push({ kind: 'dropped', reason: 'the modem sent a line that is too long' });
        return;
      case 'prompt':
        this.#givePdu(now);
        return;
      case 'line':
        this.#takeLine(token.text);
    }
  }

  #givePdu(now: Instant): void {
    const pdu = this.#command?.pdu;
    if (pdu === undefined) return;
    this.#awaits = 'result';
    this.#deadline = addDuration(now, pdu.timeout);
    this.#write(pdu.digits + endOfPdu);
  }

  #takeLine(line: string): void {
    const announced = this.#announced;
    this.#announced = undefined;
    if (announced !== undefined && this.#takeAnnounced(announced, line)) return;
    const unsolicited = unsolicitedLineOf(line);
    if (unsolicited?.kind === 'stored') this.#outputs.push(unsolicited);
    else if (unsolicited !== undefined) this.#announced = unsolicited;
    else if (this.#command !== undefined) this.#takeAnswer(this.#command, line);
  }

  /** False when the line is no PDU, so that the announced one is lost and the line something else. */
  #takeAnnounced(announced: UnsolicitedLine, line: string): boolean {
    const isPdu = /^[0-9A-Fa-f]+$/.test(line);
    if (announced.kind !== 'direct') return isPdu;
    const pdu = decodeModemPdu(isPdu ? line : '', announced.length);
    this.#outputs.push(pdu.kind === 'tpdu' ? { kind: 'direct', tpdu: pdu.tpdu } : pdu);
    return isPdu;
  }

  #takeAnswer(command: AtCommand, line: string): void {
    const result = finalResultOf(line);
    if (result === undefined) {
      // The modem repeats what it is told until it is told not to.
      if (line !== command.text && this.#lines.length < maxAnswerLines) this.#lines.push(line);
      return;
    }
    if (result.kind === 'error') {
      const outcome = { kind: 'error', error: result.error, isPduGiven: this.isPduGiven } as const;
      this.#outputs.push({ kind: 'outcome', outcome });
    } else {
      const { expects } = command;
      const isOurs = expects === undefined || this.#lines.some((each) => each.startsWith(expects));
      // An `OK` out of place is the late one of something that was broken off.
      if (this.#awaits === 'prompt' || !isOurs) return;
      this.#outputs.push({ kind: 'outcome', outcome: { kind: 'ok', lines: this.#lines } });
    }
    this.#end();
  }

  #end(): void {
    this.#command = undefined;
    this.#deadline = undefined;
    this.#lines = [];
    this.#awaits = 'result';
  }

  #write(text: string): void {
    this.#outputs.push({ kind: 'write', bytes: utf8Encode(text) });
  }
}
