import assert from 'node:assert/strict';

import { addDuration, type Instant, instantFrom, milliseconds, utf8Encode } from '@dunlin/base';
import { AtModem, type AtModemOptions, type CarrierEvent, type OutgoingShortMessage } from '@dunlin/sms';

/** What a scripted modem says to a command: lines, or nothing at all. */
type Answer = readonly string[] | 'silence';

/** One answer after the other; the last one stays. */
export function inTurn(...answers: readonly Answer[]): () => Answer {
  const left = [...answers];
  return () => (left.length > 1 ? left.shift() : left[0]) ?? 'silence';
}

/** The prompt for a PDU. */
export const prompt = '> ';

const ok = ['OK'] as const;

/** What a modem says that is ready and has nothing stored. */
const usualAnswers: Readonly<Record<string, Answer>> = {
  'AT+CPIN?': ['+CPIN: READY', 'OK'],
  'AT+CREG?': ['+CREG: 0,1', 'OK'],
  'AT+CEREG?': ['+CEREG: 0,0', 'OK'],
  'AT+CPMS?': ['+CPMS: "SM",0,10,"SM",0,10,"SM",0,10', 'OK'],
  'AT+CMGL=4': ok,
};

/** A carrier over a modem that is a table of answers, on virtual time. */
export class ModemBench {
  readonly carrier: AtModem;
  readonly events: CarrierEvent[] = [];
  /** All that was typed: commands, PDUs with their end, escapes. */
  readonly typed: string[] = [];
  /** Answers of this modem before the usual ones. */
  readonly answers: Record<string, Answer | (() => Answer)> = {};
  /** What the modem says to a PDU. */
  pduAnswer: Answer = ['+CMGS: 7', 'OK'];
  /** Commands that this modem answers with an error. */
  refuses: (command: string) => boolean = () => false;
  isEchoOn = false;
  /** Cuts what the modem says into pieces. */
  chunks: (bytes: Uint8Array) => readonly Uint8Array[] = (bytes) => [bytes];
  /** Whether the port can be opened. */
  isPlugged = true;
  opens = 0;
  isOpen = false;
  now: Instant = instantFrom(1_000_000);
  #line = '';
  #awaitsPdu = false;

  constructor(options: AtModemOptions = {}) {
    this.carrier = new AtModem(options);
  }

  /** A bench whose modem is up. */
  static up(options: AtModemOptions = {}, change: (bench: ModemBench) => void = () => undefined): ModemBench {
    const bench = new ModemBench(options);
    change(bench);
    bench.start();
    bench.advance(1000);
    assert.ok(
      bench.events.some(({ kind }) => kind === 'up'),
      JSON.stringify(bench.events),
    );
    bench.forget();
    return bench;
  }

  start(): void {
    this.carrier.start();
    this.#drain();
  }

  /** Lines the modem says by itself. */
  say(...lines: readonly string[]): void {
    this.sayBytes(utf8Encode(lines.map((line) => `\r\n${line}\r\n`).join('')));
  }

  sayBytes(bytes: Uint8Array): void {
    for (const chunk of this.chunks(bytes)) {
      if (this.isOpen) this.carrier.handle(chunk, this.now);
    }
    this.#drain();
  }

  submit(changes: Partial<OutgoingShortMessage> = {}): void {
    this.carrier.submit(
      {
        id: 1,
        to: '10690',
        userData: Uint8Array.of(0x44, 0x02, 0x12, 0x34, 0x00, 0xff),
        hasHeader: false,
        validity: milliseconds(24 * 3_600_000),
        wantsReceipt: false,
        ...changes,
      },
      this.now,
    );
    this.#drain();
  }

  acknowledge(id: number, answer: 'taken' | 'busy' = 'taken'): void {
    this.carrier.acknowledge(id, answer, this.now);
    this.#drain();
  }

  shutDown(): void {
    this.carrier.shutDown(this.now);
    this.#drain();
  }

  unplug(reason = 'unplugged'): void {
    this.isPlugged = false;
    this.isOpen = false;
    this.carrier.closed(reason, this.now);
    this.#drain();
  }

  /** Lets time pass, and the carrier do what falls due in it. */
  advance(duration: number): void {
    const end = addDuration(this.now, milliseconds(duration));
    for (let due = this.carrier.deadline; due !== undefined && due <= end; due = this.carrier.deadline) {
      this.now = instantFrom(Math.max(due, this.now));
      this.carrier.wake(this.now);
      this.#drain();
    }
    this.now = end;
  }

  /** What was told and typed so far does not matter any more. */
  forget(): void {
    this.events.length = 0;
    this.typed.length = 0;
  }

  /** The events of a kind. */
  told<Kind extends CarrierEvent['kind']>(kind: Kind): (CarrierEvent & { readonly kind: Kind })[] {
    return this.events.filter(
      (event): event is CarrierEvent & { readonly kind: Kind } => event.kind === kind,
    );
  }

  #drain(): void {
    for (let out = this.carrier.poll(); out !== undefined; out = this.carrier.poll()) {
      if (out.kind === 'open') this.#open();
      else if (out.kind === 'close') this.#close();
      else if (out.kind === 'write') for (const byte of out.bytes) this.#take(String.fromCodePoint(byte));
      else this.events.push(out);
    }
  }

  #open(): void {
    this.opens += 1;
    this.isOpen = this.isPlugged;
    this.#line = '';
    this.#awaitsPdu = false;
    if (this.isPlugged) this.carrier.opened(this.now);
    else this.carrier.closed('there is no such port', this.now);
  }

  #close(): void {
    this.isOpen = false;
    this.carrier.closed('it was closed here', this.now);
  }

  #take(character: string): void {
    if (this.isEchoOn && character !== '\u001B') this.sayBytes(utf8Encode(character));
    if (character === '\u001B') {
      this.typed.push('ESC');
      this.#line = '';
      this.#awaitsPdu = false;
    } else if (character === '\u001A' && this.#awaitsPdu) {
      const digits = this.#line;
      this.#line = '';
      this.#awaitsPdu = false;
      this.typed.push(digits);
      this.#answer(this.pduAnswer);
    } else if (character === '\r') {
      const command = this.#line;
      this.#line = '';
      this.typed.push(command);
      this.#answer(this.#answerTo(command));
    } else {
      this.#line += character;
    }
  }

  #answerTo(command: string): Answer {
    if (this.refuses(command)) return ['ERROR'];
    const own = this.answers[command];
    if (own !== undefined) return typeof own === 'function' ? own() : own;
    if (command.startsWith('AT+CMGS=')) return [prompt];
    return usualAnswers[command] ?? ok;
  }

  #answer(answer: Answer): void {
    if (answer === 'silence') return;
    for (const line of answer) {
      if (line === prompt) {
        this.#awaitsPdu = true;
        this.sayBytes(utf8Encode(`\r\n${prompt}`));
      } else {
        this.say(line);
      }
    }
  }
}
