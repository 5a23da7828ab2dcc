import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { utf8Encode } from '@dunlin/base';
import fc from 'fast-check';

import { ModemBench, prompt } from './support/modem-bench.ts';
import { direct, shownMessage } from './support/shown-message.ts';

/** What can happen to a modem and its user, in any order. */
type Happening =
  | { readonly kind: 'submit' | 'unplug' | 'plug' | 'message' | 'acknowledge' | 'shut-down' }
  | { readonly kind: 'pass'; readonly duration: number }
  | { readonly kind: 'answer-to-pdu'; readonly answer: readonly string[] | 'silence' }
  | { readonly kind: 'answer-to-submit'; readonly answer: readonly string[] | 'silence' | undefined }
  | { readonly kind: 'say'; readonly line: string };

const pduAnswers = [
  ['+CMGS: 7', 'OK'],
  ['+CMS ERROR: 38'],
  ['+CMS ERROR: 322'],
  ['+CMS ERROR: 500'],
  ['ERROR'],
  'silence',
] as const;

const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 4, arbitrary: fc.constant({ kind: 'submit' } as const) },
  fc.constantFrom('unplug', 'plug', 'message', 'acknowledge').map((kind) => ({ kind }) as const),
  fc.constantFrom(1, 500, 5000, 61_000).map((duration) => ({ kind: 'pass', duration }) as const),
  fc.constantFrom(...pduAnswers).map((answer) => ({ kind: 'answer-to-pdu', answer }) as const),
  fc
    .constantFrom<readonly string[] | 'silence' | undefined>(undefined, ['ERROR'], ['OK', prompt], 'silence')
    .map((answer) => ({ kind: 'answer-to-submit', answer }) as const),
  fc.constantFrom('OK', 'ERROR', '+CMGS: 9', '+CMTI: "SM",1').map((line) => ({ kind: 'say', line }) as const),
);

/** A run of the bench: which message was told what, and how often each one was given to the modem. */
class Run {
  readonly bench = new ModemBench();
  submitted = 0;
  received = 0;

  constructor() {
    this.bench.start();
    this.bench.advance(1000);
  }

  happen(what: Happening): void {
    const { bench } = this;
    switch (what.kind) {
      case 'submit':
        this.submitted += 1;
        // The message says which one it is, so that its PDU can be found again.
        bench.submit({ id: this.submitted, userData: this.mark(this.submitted), wantsReceipt: true });
        return;
      case 'unplug':
        if (bench.isOpen) bench.unplug();
        return;
      case 'plug':
        bench.isPlugged = true;
        return;
      case 'message':
        if (bench.isOpen) bench.say(...direct(shownMessage()));
        return;
      case 'acknowledge':
        this.received += 1;
        bench.acknowledge(this.received);
        return;
      case 'shut-down':
        bench.shutDown();
        return;
      case 'pass':
        bench.advance(what.duration);
        return;
      case 'answer-to-pdu':
        bench.pduAnswer = what.answer;
        return;
      case 'answer-to-submit':
        if (what.answer === undefined) delete bench.answers[submitCommand];
        else bench.answers[submitCommand] = what.answer;
        return;
      case 'say':
        if (bench.isOpen) bench.say(what.line);
    }
  }

  mark(id: number): Uint8Array {
    return utf8Encode(`message ${String(id).padStart(4, '0')}`);
  }

  /** How often the PDU of a message was typed. */
  typedCount(id: number): number {
    const digits = Array.from(this.mark(id), (octet) => octet.toString(16).padStart(2, '0')).join('');
    return this.bench.typed.filter((typed) => typed.includes(digits.toUpperCase())).length;
  }
}

/** What is typed before each of the messages above: they are all of one length. */
const submitCommand = 'AT+CMGS=23';

function check(happenings: readonly Happening[], ending: readonly Happening[]): void {
  const run = new Run();
  for (const what of [...happenings, ...ending]) run.happen(what);
  run.bench.advance(200_000);
  for (let id = 1; id <= run.submitted; id += 1) {
    const told = run.bench.events.filter(
      (event) =>
        (event.kind === 'accepted' || event.kind === 'refused' || event.kind === 'unknown') &&
        event.id === id,
    );
    assert.equal(told.length, 1, `message ${id} was told ${JSON.stringify(told)}`);
    const times = run.typedCount(id);
    assert.ok(times <= 1, `message ${id} was given to the modem ${times} times`);
    const [outcome] = told;
    if (outcome?.kind === 'accepted' || outcome?.kind === 'unknown')
      assert.equal(times, 1, `message ${id} is ${outcome.kind}, but the modem never had it`);
  }
}

describe('whatever a modem does', () => {
  it('each message is told one word, is given to the modem once at most, and is only taken for sent then', () => {
    fc.assert(
      fc.property(fc.array(happening, { maxLength: 40 }), (happenings) => check(happenings, [])),
      { numRuns: 300 },
    );
  });

  it('the same holds when it is shut down in the middle', () => {
    fc.assert(
      fc.property(
        fc.array(happening, { maxLength: 20 }),
        fc.array(happening, { maxLength: 10 }),
        (before, after) => check(before, [{ kind: 'shut-down' }, ...after]),
      ),
      { numRuns: 200 },
    );
  });
});
