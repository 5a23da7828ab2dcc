import { earliestOf, type Instant } from '@dunlin/base';

import type { AwaitedReceipt, CarrierEvent } from '../carrier.ts';
import { Reassembly } from '../concatenation/reassembly.ts';
import type { SegmentationOptions } from '../concatenation/segmentation.ts';
import type { IncomingShortMessage } from '../short-message.ts';
import { decodeUserData } from '../udh/user-data-header.ts';
import { type BudgetLevel, budgetDefaults } from './budgets.ts';
import { type LinkOptions, linkLimitsDefaults } from './link-options.ts';
import type { DropReason, LinkOutput, SendOutcome } from './link-output.ts';
import { copyOfCounters, type LinkStatistics, newLinkCounters } from './link-statistics.ts';
import { isStorageError, memoryOutbox, type OutboxEntry } from './outbox.ts';
import { type Purpose, purposeDefaults } from './purpose.ts';
import { memoryReceivedRequests, receivedRequestDefaults, ReceivedRequests } from './received-requests.ts';
import { Sending } from './sending.ts';

/**
 * Datagrams over short messages, as a core without I/O: feed it the events of a carrier, drain `poll`, wake it at
 * `deadline`. Of the messages that come only those of allowed numbers count; what is sent keeps to budgets.
 */
export class DatagramLink {
  readonly #isAllowed: (number: string) => boolean;
  readonly #segmentation: Readonly<SegmentationOptions>;
  readonly #reassembly: Reassembly;
  readonly #received: ReceivedRequests;
  readonly #sending: Sending;
  readonly #counters = newLinkCounters();
  readonly #outputs: LinkOutput[] = [];
  #isUp = false;

  /** Takes up what is left of an earlier process: budgets, and that nothing is executed or sent twice. */
  constructor(options: Readonly<LinkOptions>, now: Instant) {
    const { random, segmentation = {}, outbox = memoryOutbox() } = options;
    this.#isAllowed = options.isAllowed;
    this.#segmentation = segmentation;
    this.#reassembly = new Reassembly(options.reassembly);
    this.#received = new ReceivedRequests(options.receivedRequests ?? memoryReceivedRequests(), {
      ...receivedRequestDefaults,
      ...options.receivedRequestLimits,
    });
    const parts = {
      random,
      limits: { ...linkLimitsDefaults, ...options.limits },
      budgets: { ...budgetDefaults, ...options.budgets },
      segmentation,
      purposes: { ...purposeDefaults, ...options.purposes },
      outbox,
      counters: this.#counters,
      emit: (output: LinkOutput) => void this.#outputs.push(output),
    };
    this.#sending = new Sending(parts, now);
  }

  get deadline(): Instant | undefined {
    return earliestOf(this.#sending.deadline, this.#reassembly.deadline);
  }

  /** True while the carrier can send. */
  get isUp(): boolean {
    return this.#isUp;
  }

  get statistics(): LinkStatistics {
    return copyOfCounters(this.#counters);
  }

  /** How much is remembered right now. */
  get sizes(): { readonly open: number; readonly unfinished: number; readonly receivedRequests: number } {
    const { open } = this.#sending;
    return { open, unfinished: this.#reassembly.size, receivedRequests: this.#received.size };
  }

  /** What is to be told to the carrier before it starts: the messages of an earlier process that receipts may be about. */
  awaitedReceipts(): readonly AwaitedReceipt[] {
    return this.#sending.awaitedReceipts();
  }

  /** Short messages that a datagram of so many bytes takes. */
  partCount(length: number): number {
    return this.#sending.partCount(length);
  }

  /** What is on its way and what was lately, the oldest first. */
  outbox(): readonly OutboxEntry[] {
    return this.#sending.entries();
  }

  /** How the budgets for all numbers stand. */
  budgets(now: Instant): readonly BudgetLevel[] {
    return this.#sending.levels(now);
  }

  /** How the budgets for one number stand. */
  budgetsOf(to: string, now: Instant): readonly BudgetLevel[] {
    return this.#sending.levelsOf(to, now);
  }

  /** Sends a datagram when its turn comes; a `settled` output follows one that is queued. The bytes are copied. */
  send(to: string, datagram: Uint8Array, purpose: Purpose, now: Instant): SendOutcome {
    return this.#sending.send(to, datagram, purpose, now);
  }

  /** Takes in what the carrier tells. */
  handle(event: CarrierEvent, now: Instant): void {
    switch (event.kind) {
      case 'up':
        this.#isUp = true;
        this.#outputs.push({ kind: 'state', isUp: true });
        this.#sending.carrierIs(true, now);
        return;
      case 'down':
        this.#isUp = false;
        this.#outputs.push({ kind: 'state', isUp: false, reason: event.reason });
        this.#sending.carrierIs(false, now);
        return;
      case 'received':
        this.#take(event.message, now);
        return;
      case 'dropped':
        this.#drop('carrier', undefined, event.reason);
        return;
      case 'accepted':
      case 'refused':
      case 'unknown':
      case 'receipt':
        this.#sending.handle(event, now);
    }
  }

  /** Does what is due at `now`. */
  wake(now: Instant): void {
    this.#reassembly.expire(now);
    this.#countExpired();
    this.#sending.wake(now);
  }

  /** The next output, until `undefined`. */
  poll(): LinkOutput | undefined {
    return this.#outputs.shift();
  }

  /** A message is taken whatever becomes of it, or the network would bring it again; only where there is no room it is to come later. */
  #take(message: IncomingShortMessage, now: Instant): void {
    const isTaken = this.#accept(message, now);
    this.#countExpired();
    this.#counters.received[isTaken ? 'taken' : 'busy'] += 1;
    this.#outputs.push({ kind: 'acknowledge', id: message.id, answer: isTaken ? 'taken' : 'busy' });
  }

  #accept({ from, userData, hasHeader }: IncomingShortMessage, now: Instant): boolean {
    if (!this.#isAllowed(from)) return this.#drop('unknown-sender', from);
    const taken = decodeUserData(userData, hasHeader);
    if (taken.kind === 'malformed') return this.#drop('malformed-header', from, taken.reason);
    const { header, data } = taken;
    if (header.ports?.destination !== this.#segmentation.ports?.source) return this.#drop('other-port', from);
    if (data.length === 0) return this.#drop('empty', from);
    if (header.concatenation === undefined) return this.#deliver(from, data, now);
    const outcome = this.#reassembly.accept(from, header.concatenation, data, now, header.ports);
    switch (outcome.kind) {
      case 'complete':
        return this.#deliver(from, outcome.datagram, now);
      case 'waiting':
        return true;
      case 'repeated':
        return this.#drop('repeated-part', from);
      case 'dropped':
        return this.#drop(outcome.reason, from);
      case 'full':
        return false;
    }
  }

  /** False when it cannot be noted: then it is to come again, when there may be room on the disk. */
  #deliver(from: string, datagram: Uint8Array, now: Instant): boolean {
    try {
      if (!this.#received.accept(from, datagram, now)) return this.#drop('repeated-request', from);
    } catch (error) {
      if (!isStorageError(error)) throw error;
      this.#outputs.push({ kind: 'store-failed', reason: error.message });
      return false;
    }
    this.#outputs.push({ kind: 'received', from, datagram });
    return true;
  }

  #drop(reason: DropReason, from?: string, text?: string): true {
    this.#counters.dropped[reason] += 1;
    const where = from === undefined ? {} : { from };
    this.#outputs.push({ kind: 'dropped', reason, ...where, ...(text === undefined ? {} : { text }) });
    return true;
  }

  #countExpired(): void {
    const { dropped } = this.#counters;
    while (dropped['parts-missing'] < this.#reassembly.expired) this.#drop('parts-missing');
  }
}
