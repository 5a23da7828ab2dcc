import {
  DeadlineQueue,
  earliestOf,
  type Instant,
  instantFrom,
  milliseconds,
  type Random,
} from '@dunlin/base';

import type { AwaitedReceipt, CarrierEvent, ReceiptState } from '../carrier.ts';
import { partCount, segment, type SegmentationOptions } from '../concatenation/segmentation.ts';
import type { ShortMessageId } from '../short-message.ts';
import { BudgetAlarms } from './budget-alarms.ts';
import { type BudgetLevel, Budgets, type LinkBudgets } from './budgets.ts';
import { ConcatenationReferences } from './concatenation-references.ts';
import { Dispatch } from './dispatch.ts';
import { afterRestart, awaitedEntries, receiptsUntil } from './earlier-process.ts';
import type { LinkLimits } from './link-options.ts';
import type { LinkOutput, SendOutcome } from './link-output.ts';
import type { LinkCounters, SentResult } from './link-statistics.ts';
import { isStorageError, type OutboxEntry, type OutboxState, type OutboxStore } from './outbox.ts';
import type { Purpose, PurposeParameters } from './purpose.ts';
import { WaitingLine } from './waiting-line.ts';

/** What sending is made with. */
export interface SendingParts {
  readonly random: Random;
  readonly limits: LinkLimits;
  readonly budgets: LinkBudgets;
  readonly segmentation: Readonly<SegmentationOptions>;
  readonly purposes: Readonly<Record<Purpose, PurposeParameters>>;
  readonly outbox: OutboxStore;
  readonly counters: LinkCounters;
  readonly emit: (output: LinkOutput) => void;
}

/** What the carrier says of what it was asked to send. */
export type SendingEvent = Extract<CarrierEvent, { kind: 'accepted' | 'refused' | 'unknown' | 'receipt' }>;

/** The longest wait after the centre refused a message for now. */
const longestRetry = 60_000;
/** A day and what an hour's slot may reach into it. */
const rememberedFor = 25 * 3_600_000;

/** Datagrams on their way out: budgets, turns, parts, and what becomes of them. */
export class Sending {
  readonly #given: SendingParts;
  readonly #budgets: Budgets;
  readonly #line = new WaitingLine();
  readonly #timers = new DeadlineQueue<Dispatch>();
  /** By the id of each part that the carrier has or that a receipt may come for. */
  readonly #parts = new Map<ShortMessageId, Dispatch>();
  readonly #open = new Map<number, Dispatch>();
  /** Those whose way is over, the oldest first. */
  readonly #recent = new Map<number, OutboxEntry>();
  readonly #references: ConcatenationReferences;
  readonly #alarms = new BudgetAlarms();
  #isUp = false;
  #inFlight = 0;
  #nextAt: number = -Infinity;
  #lastEntryId = 0;
  #lastMessageId = 0;
  #forgotAt: Instant;

  constructor(parts: SendingParts, now: Instant) {
    this.#given = parts;
    this.#budgets = new Budgets(parts.budgets);
    this.#references = new ConcatenationReferences(
      parts.random,
      parts.segmentation.usesWideReferences === true,
    );
    this.#forgotAt = now;
    parts.outbox.forget(instantFrom(now - rememberedFor));
    for (const entry of parts.outbox.load()) this.#restore(entry, now);
    for (const entry of awaitedEntries(this.#recent.values(), parts, now)) this.#awaitReceipts(entry);
  }

  get deadline(): Instant | undefined {
    return earliestOf(this.#timers.deadline, this.#submissionAt);
  }

  /** Datagrams that are not settled. */
  get open(): number {
    return this.#open.size;
  }

  /** All that are on their way and the last of those that were, the oldest first. */
  entries(): readonly OutboxEntry[] {
    const open = [...this.#open.values()].map(({ entry }) => entry);
    return [...this.#recent.values(), ...open].toSorted((a, b) => a.id - b.id);
  }

  /** Of the messages that receipts are awaited of. */
  awaitedReceipts(): readonly AwaitedReceipt[] {
    return [...this.#open.values()].flatMap(({ entry: { to }, submitted, dueAt }) =>
      [...submitted].flatMap(([id, reference]) =>
        reference === undefined || dueAt === undefined ? [] : [{ id, to, reference, until: dueAt }],
      ),
    );
  }

  levels(now: Instant): readonly BudgetLevel[] {
    return this.#budgets.levels(now);
  }

  levelsOf(to: string, now: Instant): readonly BudgetLevel[] {
    return this.#budgets.levelsOf(to, now);
  }

  partCount(length: number): number {
    return partCount(length, this.#given.segmentation);
  }

  send(to: string, datagram: Uint8Array, purpose: Purpose, now: Instant): SendOutcome {
    const { segmentation, purposes, counters } = this.#given;
    const parts = this.partCount(datagram.length);
    const refusal = this.#refusalOf(to, purpose, parts, now);
    if (refusal !== undefined) {
      counters.sent[purpose].refused += parts;
      return refusal;
    }
    const { validity } = purposes[purpose];
    const entry: OutboxEntry = {
      id: (this.#lastEntryId += 1),
      to,
      purpose,
      parts,
      spent: 0,
      queuedAt: now,
      validity,
      state: 'queued',
      changedAt: now,
      references: [],
    };
    const reference = parts === 1 ? 0 : this.#references.next(to);
    const segments = segment(datagram, reference, segmentation);
    const dispatch = new Dispatch(entry, segments, purposes[purpose]);
    this.#forgetOld(now);
    if (!this.#isNoted(entry)) {
      this.#budgets.adjust(to, purpose, -parts, now);
      counters.sent[purpose].refused += parts;
      return { kind: 'refused', reason: 'store-failed' };
    }
    this.#open.set(entry.id, dispatch);
    this.#timers.schedule(dispatch, dispatch.expiresAt);
    this.#line.add(dispatch, false);
    this.pump(now);
    return { kind: 'queued', entry };
  }

  carrierIs(isUp: boolean, now: Instant): void {
    this.#isUp = isUp;
    this.pump(now);
  }

  handle(event: SendingEvent, now: Instant): void {
    const dispatch = this.#parts.get(event.id);
    if (dispatch === undefined) return;
    if (event.kind === 'receipt') {
      this.#receipt(dispatch, event.id, event.state, now);
      return;
    }
    this.#inFlight -= 1;
    dispatch.isInFlight = false;
    if (this.#open.has(dispatch.entry.id)) this.#answered(dispatch, event, now);
    else this.#forgetParts(dispatch);
    this.pump(now);
  }

  wake(now: Instant): void {
    for (let due = this.#timers.takeDue(now); due !== undefined; due = this.#timers.takeDue(now)) {
      // What the carrier has, it says; the receipt that never came leaves it as it is.
      if (due.entry.state === 'submitted') this.#settle(due, 'submitted', now);
      else if (!due.isInFlight) this.#expire(due, now);
    }
    this.pump(now);
  }

  /** Gives the carrier what it may have. */
  pump(now: Instant): void {
    while (this.#isUp && this.#inFlight < this.#given.limits.maxInFlight && this.#nextAt <= now) {
      const dispatch = this.#line.take(now);
      if (dispatch === undefined) return;
      this.#submit(dispatch, now);
    }
  }

  #answered(dispatch: Dispatch, event: Exclude<SendingEvent, { kind: 'receipt' }>, now: Instant): void {
    switch (event.kind) {
      case 'accepted':
        this.#accepted(dispatch, event.id, event.reference, now);
        break;
      case 'refused':
        this.#forgetPart(dispatch, event.id);
        this.#refused(dispatch, event.isTemporary, event.reason, now);
        break;
      case 'unknown':
        this.#forgetPart(dispatch, event.id);
        this.#unknown(dispatch, event.reason, now);
        break;
    }
  }

  /** When the next part may be submitted; `undefined` while something else has to happen first. */
  get #submissionAt(): Instant | undefined {
    const { readyAt } = this.#line;
    if (!this.#isUp || readyAt === undefined || this.#inFlight >= this.#given.limits.maxInFlight) {
      return undefined;
    }
    return instantFrom(Math.max(this.#nextAt, readyAt, 0));
  }

  #refusalOf(to: string, purpose: Purpose, parts: number, now: Instant): SendRefusal | undefined {
    const { maxParts, maxQueued } = this.#given.limits;
    if (parts > maxParts) return { kind: 'refused', reason: 'too-long', parts, maxParts };
    if (this.#line.size >= maxQueued) return { kind: 'refused', reason: 'queue-full', limit: maxQueued };
    const shortage = this.#budgets.reserve(to, purpose, parts, now);
    if (shortage === undefined) return undefined;
    const { budget, limit } = shortage;
    if (this.#alarms.isDue(budget, now)) this.#given.emit({ kind: 'alarm', budget, limit });
    return { kind: 'refused', reason: 'budget', parts, ...shortage };
  }

  #submit(dispatch: Dispatch, now: Instant): void {
    const { entry, next, segments, wantsReceipt, expiresAt } = dispatch;
    const [segmentToSend] = segments.slice(next, next + 1);
    if (segmentToSend === undefined) return;
    const id = (this.#lastMessageId += 1);
    // Noted before it goes out: after a crash between the two it counts as sent, and is not sent again.
    if (!this.#note(dispatch, { state: 'submitting', spent: entry.spent + 1 }, now)) {
      dispatch.entry = entry;
      this.#settle(dispatch, 'failed', now, 'it cannot be noted that it is sent');
      return;
    }
    dispatch.next += 1;
    dispatch.isInFlight = true;
    this.#inFlight += 1;
    this.#parts.set(id, dispatch);
    dispatch.submitted.set(id, undefined);
    this.#nextAt = Math.max(this.#nextAt, now) + 1000 / this.#given.budgets.perSecond;
    const validity = milliseconds(Math.max(1, expiresAt - now));
    const message = { id, to: entry.to, ...segmentToSend, validity, wantsReceipt };
    this.#given.emit({ kind: 'submit', message });
  }

  #accepted(dispatch: Dispatch, id: ShortMessageId, reference: string, now: Instant): void {
    const { entry, wantsReceipt, expiresAt, segments } = dispatch;
    this.#count(entry.purpose, 'accepted');
    if (wantsReceipt) dispatch.submitted.set(id, reference);
    else this.#forgetPart(dispatch, id);
    const references = [...entry.references, reference];
    if (dispatch.next < segments.length) {
      dispatch.entry = { ...entry, references };
      if (expiresAt <= now) this.#expire(dispatch, now);
      else this.#line.add(dispatch, true);
      return;
    }
    this.#note(dispatch, { state: 'submitted', references }, now);
    if (!wantsReceipt) this.#settle(dispatch, 'submitted', now);
    else this.#timers.schedule(dispatch, receiptsUntil(dispatch.entry));
  }

  #refused(dispatch: Dispatch, isTemporary: boolean, reason: string, now: Instant): void {
    const { entry, expiresAt } = dispatch;
    const spent = entry.spent - 1;
    dispatch.entry = { ...entry, spent };
    dispatch.next -= 1;
    this.#count(entry.purpose, 'refused');
    if (!isTemporary) {
      this.#settle(dispatch, 'failed', now, reason);
      return;
    }
    if (expiresAt <= now) {
      this.#expire(dispatch, now);
      return;
    }
    const wait = Math.min(this.#given.limits.retryAfter * 2 ** dispatch.refusals, longestRetry);
    dispatch.refusals += 1;
    dispatch.notBefore = now + wait;
    this.#note(dispatch, { state: spent === 0 ? 'queued' : 'submitting', reason }, now);
    this.#line.add(dispatch, true);
  }

  #unknown(dispatch: Dispatch, reason: string, now: Instant): void {
    const { entry, next, segments } = dispatch;
    this.#count(entry.purpose, 'unknown');
    // Of what lacks parts it is known that it does not arrive.
    this.#settle(dispatch, next < segments.length ? 'failed' : 'unknown', now, reason);
  }

  #receipt(dispatch: Dispatch, id: ShortMessageId, state: ReceiptState, now: Instant): void {
    const { entry, submitted } = dispatch;
    const place = entry.references.indexOf(submitted.get(id) ?? '');
    this.#forgetPart(dispatch, id);
    this.#count(entry.purpose, state === 'rejected' ? 'failed' : state);
    if (state !== 'delivered') {
      const isExpired = state === 'expired';
      this.#settle(dispatch, isExpired ? 'expired' : 'failed', now, `the message centre says: ${state}`);
      return;
    }
    dispatch.entry = { ...entry, references: entry.references.filter((_, index) => index !== place) };
    if (entry.state === 'submitted' && submitted.size === 0) this.#settle(dispatch, 'delivered', now);
    else this.#isNoted(dispatch.entry);
  }

  #expire(dispatch: Dispatch, now: Instant): void {
    const { entry, segments, next } = dispatch;
    this.#given.counters.sent[entry.purpose].expired += segments.length - next;
    this.#settle(dispatch, 'expired', now, 'its time was over before all of it could be sent');
  }

  #settle(dispatch: Dispatch, state: OutboxState, now: Instant, reason?: string): void {
    const { id } = dispatch.entry;
    if (!this.#open.delete(id)) return;
    this.#line.remove(dispatch);
    this.#timers.cancel(dispatch);
    if (!dispatch.isInFlight) this.#forgetParts(dispatch);
    if (reason !== undefined || state !== dispatch.entry.state) {
      this.#note(dispatch, { state, ...(reason === undefined ? {} : { reason }) }, now);
    }
    const { entry } = dispatch;
    const { to, purpose, parts, spent, queuedAt } = entry;
    if (spent < parts) this.#budgets.adjust(to, purpose, spent - parts, queuedAt);
    this.#keep(entry);
    this.#given.emit({ kind: 'settled', entry });
  }

  /** Receipts that come later change nothing any more. */
  #forgetParts(dispatch: Dispatch): void {
    for (const id of dispatch.submitted.keys()) this.#parts.delete(id);
  }

  /** There will be no more word on a part. */
  #forgetPart(dispatch: Dispatch, id: ShortMessageId): void {
    this.#parts.delete(id);
    dispatch.submitted.delete(id);
  }

  /** False when the change is only in memory. */
  #note(dispatch: Dispatch, change: Partial<OutboxEntry>, now: Instant): boolean {
    dispatch.entry = { ...dispatch.entry, ...change, changedAt: now };
    return this.#isNoted(dispatch.entry);
  }

  #isNoted(entry: OutboxEntry): boolean {
    return this.#stored(() => this.#given.outbox.put(entry));
  }

  /** A disk that is full is no reason to end, and one to send nothing. */
  #stored(write: () => void): boolean {
    try {
      write();
      return true;
    } catch (error) {
      if (!isStorageError(error)) throw error;
      this.#given.emit({ kind: 'store-failed', reason: error.message });
      return false;
    }
  }

  #restore(entry: OutboxEntry, now: Instant): void {
    const { id, to, purpose, spent, queuedAt } = entry;
    this.#lastEntryId = Math.max(this.#lastEntryId, id);
    this.#budgets.adjust(to, purpose, spent, queuedAt);
    const ended = afterRestart(entry, now);
    if (ended !== entry) this.#given.outbox.put(ended);
    this.#keep(ended);
  }

  /** Its datagram is gone with the process that sent it. */
  #awaitReceipts(entry: OutboxEntry): void {
    this.#recent.delete(entry.id);
    const dispatch = new Dispatch(entry, [], this.#given.purposes[entry.purpose]);
    for (const reference of entry.references) {
      const id = (this.#lastMessageId += 1);
      dispatch.submitted.set(id, reference);
      this.#parts.set(id, dispatch);
    }
    this.#open.set(entry.id, dispatch);
    this.#timers.schedule(dispatch, receiptsUntil(entry));
  }

  #keep(entry: OutboxEntry): void {
    this.#recent.set(entry.id, entry);
    const [oldest] = this.#recent.keys();
    if (oldest !== undefined && this.#recent.size > this.#given.limits.maxRecent) this.#recent.delete(oldest);
  }

  #forgetOld(now: Instant): void {
    if (now - this.#forgotAt < 3_600_000) return;
    this.#forgotAt = now;
    this.#stored(() => this.#given.outbox.forget(instantFrom(now - rememberedFor)));
  }

  #count(purpose: Purpose, result: SentResult): void {
    this.#given.counters.sent[purpose][result] += 1;
  }
}

type SendRefusal = Extract<SendOutcome, { kind: 'refused' }>;
