import { addDuration, durationBetween, type Instant, type Milliseconds } from '@dunlin/base';

import type { OutgoingShortMessage } from '../../short-message.ts';
import type { Writable } from './session-outputs.ts';
import type { SmppLimits } from './smpp-options.ts';

/** A message on its way to the message centre. */
export interface Submission extends Writable {
  readonly message: OutgoingShortMessage;
  /** In which order it was given: one that comes back to the queue gets its old place. */
  readonly order: number;
  /** When its validity ends: it is not sent any more then. */
  readonly validUntil: Instant;
  /** By when its answer must be here; only in the window. */
  answerBy: Instant;
}

/** Messages that wait to be submitted, and those whose answer is awaited (the window). */
export class Submissions {
  readonly #limits: SmppLimits;
  #queue: Submission[] = [];
  readonly #window = new Map<number, Submission>();
  /** Those whose answer did not come in time: it may still come, and name them. */
  readonly #overdue = new Map<number, Submission>();
  #given = 0;

  constructor(limits: SmppLimits) {
    this.#limits = limits;
  }

  get queued(): number {
    return this.#queue.length;
  }

  get unanswered(): number {
    return this.#window.size;
  }

  /** Puts a message at the end of the queue; false when that is full. */
  enqueue(message: OutgoingShortMessage, now: Instant): boolean {
    if (this.#queue.length >= this.#limits.maxQueued) return false;
    this.#queue.push(submissionOf(message, this.#given, now));
    this.#given += 1;
    return true;
  }

  /** True where one waits and the window has a place for it. */
  get canSend(): boolean {
    return this.#queue.length > 0 && this.#window.size < this.#limits.window;
  }

  /** Moves the first of the queue into the window, under the number that it is sent with. */
  send(sequenceNumber: number, now: Instant): Submission | undefined {
    const next = this.canSend ? this.#queue.shift() : undefined;
    if (next === undefined) return undefined;
    next.answerBy = addDuration(now, this.#limits.responseTimeout);
    this.#window.set(sequenceNumber, next);
    return next;
  }

  /** Takes out of the window what the answer is for; `undefined` where nothing with this number waits. */
  answered(sequenceNumber: number): Submission | undefined {
    const submission = this.#window.get(sequenceNumber);
    this.#window.delete(sequenceNumber);
    return submission;
  }

  /** What an answer is for that comes after its time. */
  answeredLate(sequenceNumber: number): Submission | undefined {
    const submission = this.#overdue.get(sequenceNumber);
    this.#overdue.delete(sequenceNumber);
    return submission;
  }

  /** Gives one back to the queue that was in the window: the message centre did not take it. */
  requeue(submission: Submission): void {
    submission.isWritten = false;
    const place = this.#queue.findIndex(({ order }) => order > submission.order);
    this.#queue.splice(place === -1 ? this.#queue.length : place, 0, submission);
  }

  /** Takes out what waited in the queue until its validity ended. */
  takeExpired(now: Instant): readonly Submission[] {
    const expired = this.#queue.filter(({ validUntil }) => validUntil <= now);
    if (expired.length > 0) this.#queue = this.#queue.filter(({ validUntil }) => validUntil > now);
    return expired;
  }

  /** Takes one out of the window whose answer is overdue. */
  takeOverdue(now: Instant): Submission | undefined {
    // All wait equally long, so the first that was sent is the first to be overdue.
    const [first] = this.#window;
    if (first === undefined || first[1].answerBy > now) return undefined;
    this.#window.delete(first[0]);
    this.#overdue.set(...first);
    const [oldest] = this.#overdue.keys();
    if (oldest !== undefined && this.#overdue.size > maxOverdue) this.#overdue.delete(oldest);
    return first[1];
  }

  /** Takes out all that wait to be sent. */
  takeQueued(): readonly Submission[] {
    const queued = this.#queue;
    this.#queue = [];
    return queued;
  }

  /** Takes out all whose answer is awaited. */
  takeWindow(): readonly Submission[] {
    const unanswered = [...this.#window.values()];
    this.#window.clear();
    this.#overdue.clear();
    return unanswered;
  }

  /** When the first of them is overdue or expires. */
  get deadline(): Instant | undefined {
    const [first] = this.#window.values();
    return this.#queue.reduce<Instant | undefined>(
      (earliest, { validUntil }) => (earliest === undefined || validUntil < earliest ? validUntil : earliest),
      first?.answerBy,
    );
  }
}

/** An answer that is later than so many others is not waited for. */
const maxOverdue = 100;

/** A message that was given at `now`, as the one of this number. */
export function submissionOf(message: OutgoingShortMessage, order: number, now: Instant): Submission {
  const validUntil = addDuration(now, message.validity);
  return { message, order, validUntil, answerBy: validUntil, isWritten: false };
}

/** How long a message is still valid. */
export function validityLeft(submission: Submission, now: Instant): Milliseconds {
  return durationBetween(now, submission.validUntil);
}
