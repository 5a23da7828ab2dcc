import type { CarrierEvent } from '../carrier.ts';
import { senderNumber } from '../sender-number.ts';
import type { ShortMessageId } from '../short-message.ts';
import { userDataCoding } from '../tpdu/data-coding-scheme.ts';
import type { Deliver } from '../tpdu/deliver.ts';
import { decodeReceivedTpdu } from '../tpdu/received-tpdu.ts';
import type { StatusReport } from '../tpdu/status-report.ts';
import type { StoredMessage } from './stored-messages.ts';

/** Where a message is until it is acknowledged: still the network's, or in the memory of the modem. */
type Origin = { readonly kind: 'direct' } | { readonly kind: 'stored'; readonly index: number };

/** What is to be said to the modem of messages that came. */
export type InboxJob =
  | { readonly kind: 'acknowledge'; readonly answer: 'taken' | 'busy' }
  | { readonly kind: 'delete'; readonly index: number }
  | { readonly kind: 'read'; readonly index: number }
  /** Look through the whole memory. */
  | { readonly kind: 'list' };

/** Whom an inbox tells. */
export interface InboxOwner {
  tell(event: CarrierEvent): void;
  reported(report: StatusReport): void;
}

/** How an inbox works. */
export interface InboxOptions {
  readonly countryCode: string | undefined;
  readonly maxUnacknowledged: number;
}

/** A message of type 0 is acknowledged and otherwise ignored (3GPP TS 23.040 §9.2.3.9). */
const typeZero = 0x40;

/**
 * What waits to be said to the modem. More messages to be read or deleted are found by a look through the memory, and a
 * modem that shows so many without waiting for an acknowledgement does not wait for one.
 */
const maxJobs = 64;

/** The messages that a modem brought, until they are acknowledged. */
export class ModemInbox {
  readonly #owner: InboxOwner;
  readonly #options: InboxOptions;
  readonly #unacknowledged = new Map<ShortMessageId, Origin>();
  #jobs: InboxJob[] = [];
  #isListDue = false;
  /** Stored messages that could not be read once. */
  readonly #unreadable = new Set<number>();
  /** True when there was no room for some that the memory holds. */
  #leftSome = false;
  #nextId: ShortMessageId = 1;

  constructor(owner: InboxOwner, options: InboxOptions) {
    this.#owner = owner;
    this.#options = options;
  }

  /** The next thing to say to the modem. */
  takeJob(): InboxJob | undefined {
    const job = this.#jobs.shift();
    if (job !== undefined || !this.#isListDue) return job;
    this.#isListDue = false;
    return { kind: 'list' };
  }

  /** A message or report came directly. */
  takeDirect(tpdu: Uint8Array): void {
    const isTaken = this.#take(tpdu, { kind: 'direct' });
    if (isTaken !== 'later') this.#acknowledgeDirect(isTaken === 'done' ? 'taken' : 'busy');
  }

  /** One came that was damaged on its way from the modem: the network is to send it again. */
  takeUnreadable(reason: string): void {
    this.drop(reason);
    this.#acknowledgeDirect('busy');
  }

  /** Something came that is no message for us, and is done with. */
  drop(reason: string): 'done' {
    this.#owner.tell({ kind: 'dropped', reason });
    return 'done';
  }

  /** The modem has stored one. */
  announce(index: number): void {
    this.#push({ kind: 'read', index });
  }

  /** The memory is to be looked through. */
  look(): void {
    this.#isListDue = true;
  }

  takeStored({ index, pdu }: StoredMessage): void {
    for (const origin of this.#unacknowledged.values())
      if (origin.kind === 'stored' && origin.index === index) return;
    if (pdu.kind === 'unreadable') {
      this.drop(pdu.reason);
      // It may be the line to the modem that damaged it; twice is no accident any more.
      if (this.#unreadable.has(index)) this.#delete(index);
      else this.#unreadable.add(index);
      return;
    }
    const isTaken = this.#take(pdu.tpdu, { kind: 'stored', index });
    if (isTaken === 'done') this.#delete(index);
    this.#leftSome ||= isTaken === 'full';
  }

  /** What became of a message that was told; harmless when the modem was lost meanwhile. */
  acknowledge(id: ShortMessageId, answer: 'taken' | 'busy'): void {
    const origin = this.#unacknowledged.get(id);
    if (origin === undefined) return;
    this.#unacknowledged.delete(id);
    if (origin.kind === 'direct') this.#acknowledgeDirect(answer);
    else if (answer === 'taken') this.#delete(origin.index);
    if (!this.#leftSome) return;
    this.#leftSome = false;
    this.#isListDue = true;
  }

  /** The modem is lost: what it brought and is not acknowledged comes again. */
  reset(): void {
    this.#unacknowledged.clear();
    this.#unreadable.clear();
    this.#jobs = [];
    this.#isListDue = false;
    this.#leftSome = false;
  }

  /** `done` when the modem can forget it, `later` when it is to be acknowledged, `full` when there was no room. */
  #take(tpdu: Uint8Array, origin: Origin): 'done' | 'later' | 'full' {
    const received = decodeReceivedTpdu(tpdu);
    switch (received.kind) {
      case 'malformed':
        return this.drop(received.reason);
      case 'status-report':
        this.#owner.reported(received);
        return 'done';
      case 'deliver':
        return this.#takeMessage(received, origin);
    }
  }

  #takeMessage(message: Deliver, origin: Origin): 'done' | 'later' | 'full' {
    const { hasHeader, octets } = message.userData;
    const from = senderNumber(message.from, this.#options.countryCode);
    if (from === undefined) return this.drop('a message whose sender is no number');
    const reason = whyNotData(message);
    if (reason !== undefined) return this.drop(reason);
    if (this.#unacknowledged.size >= this.#options.maxUnacknowledged) return 'full';
    const id = this.#nextId;
    this.#nextId += 1;
    this.#unacknowledged.set(id, origin);
    const userData = octets.slice();
    this.#owner.tell({ kind: 'received', message: { id, from, userData, hasHeader } });
    return 'later';
  }

  #acknowledgeDirect(answer: 'taken' | 'busy'): void {
    this.#push({ kind: 'acknowledge', answer });
  }

  #delete(index: number): void {
    this.#unreadable.delete(index);
    this.#push({ kind: 'delete', index });
  }

  #push(job: InboxJob): void {
    if (this.#jobs.length < maxJobs) this.#jobs.push(job);
    else if (job.kind !== 'acknowledge') this.#isListDue = true;
  }
}

/** Why a message is not one of the binding; `undefined` when it is. */
function whyNotData({ protocolIdentifier, userData }: Deliver): string | undefined {
  if (protocolIdentifier === typeZero) return 'a message of type 0';
  const coding = userDataCoding(userData.dataCodingScheme);
  return coding === 'eight-bit' ? undefined : `a message of ${coding} text instead of 8-bit data`;
}
