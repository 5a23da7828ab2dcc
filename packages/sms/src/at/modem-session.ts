import { addDuration, type Instant, milliseconds } from '@dunlin/base';

import { type AtCommand, type AtOutcome, command } from './at-command.ts';
import { AtDialogue, type DialogueOutput, escape } from './at-dialogue.ts';
import type { AtPause, AtScript } from './at-script.ts';
import type { InboxJob, ModemInbox } from './modem-inbox.ts';
import type { AtModemLimits } from './modem-options.ts';
import type { ModemOutbox } from './modem-outbox.ts';
import { applySettings, takeLeave } from './modem-settings.ts';
import { awaitRegistration } from './network-registration.ts';
import type { SimCard } from './sim-card.ts';
import { deleteStored, listStored, readStored } from './stored-messages.ts';

/** What a session works with. */
export interface ModemSessionParts {
  readonly sim: SimCard;
  readonly inbox: ModemInbox;
  readonly outbox: ModemOutbox;
  readonly limits: AtModemLimits;
}

/** What a session comes to. */
export type SessionOutput =
  | { readonly kind: 'write'; readonly bytes: Uint8Array }
  /** The modem is ready. */
  | { readonly kind: 'ready' }
  /** It is not, and this is why; the session goes on. */
  | { readonly kind: 'waits'; readonly reason: string }
  /** The stream is of no more use. With `isPduGiven`, nobody knows what became of the message in flight. */
  | { readonly kind: 'finished'; readonly reason: string; readonly isPduGiven: boolean };

/** Nothing is to be said until there is work, or the settings are to be applied again. */
type Idle = { readonly kind: 'idle' };

type SessionScript = Generator<AtCommand | AtPause | Idle, string, AtOutcome>;

/** Late answers to what was said before, perhaps by another program, come within this time. */
const settling = milliseconds(300);

const done: AtOutcome = { kind: 'ok', lines: [] };

/** All that is said to a modem over one stream: it is made ready, and then has one thing after the other to do. */
export class ModemSession {
  readonly #parts: ModemSessionParts;
  readonly #dialogue = new AtDialogue();
  readonly #outputs: SessionOutput[] = [];
  readonly #script: SessionScript;
  #now: Instant;
  /** What the script waits for, beside the command in flight. */
  #waitsFor: 'outcome' | 'work' | Instant = 'outcome';
  #refreshAt: Instant;
  #isReady = false;
  #isEnding = false;
  #isFinished = false;
  /** Until the modem is set up, an acknowledgement too much does no harm. */
  #acknowledges = true;
  #indications = '';

  constructor(parts: ModemSessionParts, now: Instant) {
    this.#parts = parts;
    this.#now = now;
    this.#refreshAt = now;
    this.#script = this.#say();
    this.#outputs.push({ kind: 'write', bytes: escape });
    this.#resume(done);
  }

  get isReady(): boolean {
    return this.#isReady;
  }

  /** True when the message in flight is with the modem, so that its fate is open. */
  get isPduGiven(): boolean {
    return this.#dialogue.isPduGiven;
  }

  get deadline(): Instant | undefined {
    const waitsFor = this.#waitsFor;
    if (this.#isFinished || waitsFor === 'outcome') return this.#dialogue.deadline;
    return waitsFor === 'work' ? this.#refreshAt : waitsFor;
  }

  handle(bytes: Uint8Array, now: Instant): void {
    this.#now = now;
    this.#dialogue.handle(bytes, now);
    this.#hear();
    this.#continue();
  }

  /** Inbox or outbox may have something to do. */
  work(now: Instant): void {
    this.#now = now;
    this.#continue();
  }

  wake(now: Instant): void {
    this.#now = now;
    this.#dialogue.wake(now);
    this.#hear();
    const waitsFor = this.#waitsFor;
    if (typeof waitsFor === 'number' && waitsFor <= now) this.#resume(done);
    else this.#continue();
  }

  /** Has the script come to its end once it has done what it must; it finishes then. */
  end(now: Instant): void {
    this.#now = now;
    this.#isEnding = true;
    this.#continue();
  }

  poll(): SessionOutput | undefined {
    return this.#outputs.shift();
  }

  *#say(): SessionScript {
    yield { kind: 'pause', duration: settling };
    if ((yield command('AT')).kind === 'error') return 'the modem is not one that can be told anything';
    const problem =
      (yield* this.#parts.sim.unlock()) ?? (yield* awaitRegistration()) ?? (yield* this.#setUp());
    if (problem !== undefined) return problem;
    this.#isReady = true;
    this.#outputs.push({ kind: 'ready' });
    for (;;) {
      const task = this.#nextTask();
      if (task !== undefined) {
        const failure = yield* task;
        if (failure !== undefined) return failure;
      } else if (this.#isEnding) {
        yield* takeLeave(this.#indications);
        return 'it was shut down';
      } else {
        yield { kind: 'idle' };
      }
    }
  }

  /** What came from the network goes first: it waits for its acknowledgement. */
  #nextTask(): AtScript<string | undefined> | undefined {
    const job = this.#parts.inbox.takeJob();
    if (job !== undefined) return this.#attend(job);
    if (this.#isEnding) return undefined;
    if (this.#now >= this.#refreshAt) return this.#setUp();
    return this.#parts.outbox.isEmpty ? undefined : this.#send();
  }

  /** Applies the settings, and looks for messages that came while they did not hold. */
  *#setUp(): AtScript<string | undefined> {
    const settings = yield* applySettings();
    if (settings.kind === 'failure') return settings.reason;
    this.#acknowledges = settings.acknowledges;
    this.#indications = settings.indications;
    this.#refreshAt = addDuration(this.#now, this.#parts.limits.keepAlive);
    this.#parts.inbox.look();
    return undefined;
  }

  *#attend(job: InboxJob): AtScript<undefined> {
    const { inbox } = this.#parts;
    switch (job.kind) {
      case 'acknowledge': {
        if (!this.#acknowledges) return undefined;
        const outcome = yield command(job.answer === 'taken' ? 'AT+CNMA' : 'AT+CNMA=2');
        // It was too late, after which the modem may give no more messages (3GPP TS 27.005 §3.4.4).
        if (outcome.kind === 'error') this.#refreshAt = this.#now;
        return undefined;
      }
      case 'delete':
        yield* deleteStored(job.index);
        return undefined;
      case 'read': {
        const message = yield* readStored(job.index);
        if (message !== undefined) inbox.takeStored(message);
        return undefined;
      }
      case 'list':
        for (const message of yield* listStored()) inbox.takeStored(message);
        return undefined;
    }
  }

  *#send(): AtScript<undefined> {
    const isMemoryFull = yield* this.#parts.outbox.sendNext(this.#now);
    if (isMemoryFull) this.#parts.inbox.look();
    return undefined;
  }

  /** Goes on when the script waited for work and there is some. */
  #continue(): void {
    if (this.#waitsFor === 'work') this.#resume(done);
  }

  #resume(outcome: AtOutcome): void {
    const step = this.#script.next(outcome);
    if (step.done === true) {
      this.#finish(step.value, false);
      return;
    }
    switch (step.value.kind) {
      case 'command':
        this.#waitsFor = 'outcome';
        this.#dialogue.send(step.value, this.#now);
        this.#hear();
        return;
      case 'pause':
        this.#waitsFor = addDuration(this.#now, step.value.duration);
        if (step.value.reason !== undefined) this.#outputs.push({ kind: 'waits', reason: step.value.reason });
        return;
      case 'idle':
        this.#waitsFor = 'work';
    }
  }

  #hear(): void {
    for (let out = this.#dialogue.poll(); out !== undefined; out = this.#dialogue.poll()) {
      if (!this.#isFinished) this.#take(out);
    }
  }

  #take(out: DialogueOutput): void {
    const { inbox } = this.#parts;
    switch (out.kind) {
      case 'write':
        this.#outputs.push(out);
        return;
      case 'dropped':
        inbox.drop(out.reason);
        return;
      case 'outcome':
        this.#resume(out.outcome);
        return;
      case 'timed-out':
        this.#finish(`the modem did not answer ${out.name} in time`, out.isPduGiven);
        return;
      case 'direct':
        inbox.takeDirect(out.tpdu);
        return;
      case 'unreadable':
        inbox.takeUnreadable(out.reason);
        return;
      case 'stored':
        inbox.announce(out.index);
    }
  }

  #finish(reason: string, isPduGiven: boolean): void {
    this.#isFinished = true;
    this.#outputs.push({ kind: 'finished', reason, isPduGiven });
  }
}
