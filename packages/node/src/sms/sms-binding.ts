import { earliestOf, type Instant, type Random, TransmissionError } from '@dunlin/base';
import {
  type Binding,
  type Driven,
  type OutgoingDatagram,
  type Peer,
  type Shell,
  smsPeer,
} from '@dunlin/coap';
import { parsePhoneNumber } from '@dunlin/lwm2m';
import {
  type BudgetLevel,
  type CarrierEvent,
  DatagramLink,
  describeRefusal,
  type LinkOutput,
  type LinkStatistics,
  type OutboxEntry,
  type RunningCarrier,
} from '@dunlin/sms';

import type { RecordCarrier } from '../dtls/dtls-options.ts';
import { datagramKind, isRequest, isTrigger, purposeOf } from './datagram-purpose.ts';
import type { IgnoreReason, SmsDiagnostic, SmsOptions, UnprotectedMessages } from './sms-options.ts';
import { type FollowingTimer, type SmsSurroundings, systemSurroundings } from './sms-surroundings.ts';

/** What CoAP over short messages needs: where messages of CoAP go as they are, and where records of DTLS go. */
export type SmsSide = 'coap' | 'dtls';

/** What the link counted, and what was for nobody here although its number is allowed. */
export interface SmsStatistics extends LinkStatistics {
  readonly ignored: Readonly<Record<IgnoreReason, number>>;
}

/** A datagram on its way, and who is to be told when it does not arrive. */
interface Dispatched {
  readonly driven: Driven;
  readonly peer: Peer;
  readonly datagram: Uint8Array;
}

/**
 * CoAP over short messages: a binding for a server or a client, like `udp`, for messages without protection; and with
 * `records`, what carries the records of `dtls` and `dtlsClient`. Both may be open at once, over one carrier.
 */
export function sms(options: Readonly<SmsOptions>): SmsBinding {
  return new SmsBinding(options);
}

/** One carrier with its link, and the roles above it. Nothing happens before one of them is opened. */
export class SmsBinding implements Binding {
  readonly #carrier: RunningCarrier;
  readonly #number: string;
  readonly #unprotectedFrom: (from: string) => UnprotectedMessages;
  readonly #surroundings: SmsSurroundings;
  readonly #onDiagnostic: (diagnostic: SmsDiagnostic) => void;
  readonly #link: DatagramLink;
  readonly #timer: FollowingTimer;
  readonly #sides = new Map<SmsSide, Driven>();
  /** By the id of the entry in the outbox. */
  readonly #dispatched = new Map<number, Dispatched>();
  readonly #ignored: Record<IgnoreReason, number> = { 'unknown-protocol': 0, unprotected: 0, 'not-open': 0 };
  #isRunning = false;
  #events: Disposable | undefined;
  #ended: Promise<void> | undefined;

  constructor(options: Readonly<SmsOptions>) {
    const { carrier, number, unprotected = 'none', surroundings = systemSurroundings() } = options;
    this.#carrier = carrier;
    this.#number = number;
    this.#unprotectedFrom = typeof unprotected === 'function' ? unprotected : () => unprotected;
    this.#surroundings = surroundings;
    this.#onDiagnostic = options.onDiagnostic ?? ((): void => undefined);
    this.#link = new DatagramLink({ ...options, random: surroundings.random }, surroundings.now());
    this.#timer = surroundings.timer((at) => this.#run(() => this.#wake(at)));
  }

  /** Carries records of DTLS: `dtls({ carrier: binding.records, protocol: smsDtlsProtocol, … })`. */
  get records(): RecordCarrier {
    return {
      binding: { open: (driven) => this.#open('dtls', driven) },
      random: this.#surroundings.random,
      transport: 'sms',
      now: () => this.#surroundings.now(),
    };
  }

  /** Our own number. */
  get number(): string {
    return this.#number;
  }

  /** True while the carrier can send. */
  get isUp(): boolean {
    return this.#link.isUp;
  }

  get statistics(): SmsStatistics {
    return { ...this.#link.statistics, ignored: { ...this.#ignored } };
  }

  /** What is on its way and what was lately, the oldest first. */
  outbox(): readonly OutboxEntry[] {
    return this.#link.outbox();
  }

  /** How the budgets for all numbers stand. */
  budgets(): readonly BudgetLevel[] {
    return this.#link.budgets(this.#surroundings.now());
  }

  /** How the budgets for one number stand. */
  budgetsOf(number: string): readonly BudgetLevel[] {
    return this.#link.budgetsOf(number, this.#surroundings.now());
  }

  /** Short messages that a datagram of so many bytes takes. */
  partCount(length: number): number {
    return this.#link.partCount(length);
  }

  open(driven: Driven): Promise<Shell> {
    return this.#open('coap', driven);
  }

  #open(side: SmsSide, driven: Driven): Promise<Shell> {
    if (this.#sides.has(side) || this.#ended !== undefined) {
      const why = this.#ended === undefined ? 'is open already' : 'was closed';
      return Promise.reject(new TransmissionError('not-sent', `the binding for short messages ${why}`));
    }
    this.#sides.set(side, driven);
    if (this.#events === undefined) {
      this.#events = this.#carrier.events.subscribe((event) => this.#run(() => this.#handle(event)));
      for (const awaited of this.#link.awaitedReceipts()) this.#carrier.expect(awaited);
      this.#carrier.start();
    }
    const owner: SideOwner = {
      number: this.#number,
      surroundings: this.#surroundings,
      flush: () => this.#run(() => undefined),
      close: () => this.#close(side),
    };
    return Promise.resolve(new SmsShell(owner));
  }

  async #close(side: SmsSide): Promise<void> {
    this.#run(() => undefined);
    this.#sides.delete(side);
    if (this.#sides.size > 0) return;
    this.#ended ??= this.#end();
    await this.#ended;
  }

  async #end(): Promise<void> {
    await this.#carrier[Symbol.asyncDispose]();
    this.#events?.[Symbol.dispose]();
    this.#timer[Symbol.dispose]();
  }

  /** Lets something happen, and then what follows from it; what follows from that joins in. */
  #run(step: () => void): void {
    if (this.#isRunning) {
      step();
      return;
    }
    this.#isRunning = true;
    try {
      step();
      this.#drain();
    } finally {
      this.#isRunning = false;
    }
    if (this.#ended === undefined) this.#timer.arm(this.#deadline);
  }

  get #deadline(): Instant | undefined {
    let deadline = this.#link.deadline;
    for (const driven of this.#sides.values()) deadline = earliestOf(deadline, driven.deadline);
    return deadline;
  }

  #wake(at: Instant): void {
    if (isDue(this.#link.deadline, at)) this.#link.wake(at);
    for (const driven of this.#sides.values()) if (isDue(driven.deadline, at)) driven.wake(at);
  }

  #handle(event: CarrierEvent): void {
    this.#link.handle(event, this.#surroundings.now());
  }

  /** Until neither the roles nor the link have anything more. */
  #drain(): void {
    for (let hasMore = true; hasMore;) {
      hasMore = false;
      for (const driven of this.#sides.values()) {
        for (let out = driven.poll(); out !== undefined; out = driven.poll()) {
          hasMore = true;
          this.#send(driven, out);
        }
      }
      for (let output = this.#link.poll(); output !== undefined; output = this.#link.poll()) {
        hasMore = true;
        this.#act(output);
      }
    }
  }

  #send(driven: Driven, outgoing: OutgoingDatagram): void {
    const { peer, datagram, plaintext = datagram } = outgoing;
    const purpose = purposeOf(outgoing);
    const now = this.#surroundings.now();
    const outcome = this.#link.send(peer.address, datagram, purpose, now);
    if (outcome.kind === 'queued') {
      this.#dispatched.set(outcome.entry.id, { driven, peer, datagram: plaintext });
      return;
    }
    const reason = describeRefusal(outcome, peer.address);
    this.#onDiagnostic({ kind: 'refused', to: peer.address, purpose, reason });
    driven.undelivered?.(peer, plaintext, { isSent: false, reason }, now);
  }

  #act(output: LinkOutput): void {
    switch (output.kind) {
      case 'submit':
        this.#carrier.submit(output.message);
        return;
      case 'acknowledge':
        this.#carrier.acknowledge(output.id, output.answer);
        return;
      case 'received':
        this.#receive(output.from, output.datagram);
        return;
      case 'settled':
        this.#onDiagnostic(output);
        this.#settled(output.entry);
        return;
      case 'state':
      case 'alarm':
      case 'store-failed':
      case 'dropped':
        this.#onDiagnostic(output);
    }
  }

  #receive(from: string, datagram: Uint8Array): void {
    const kind = datagramKind(datagram);
    const ignore = (reason: IgnoreReason): void => {
      this.#ignored[reason] += 1;
      this.#onDiagnostic({ kind: 'ignored', from, reason });
    };
    if (kind === 'neither') {
      ignore('unknown-protocol');
      return;
    }
    if (kind === 'coap' && !isTaken(datagram, this.#unprotectedFrom(from))) {
      ignore('unprotected');
      return;
    }
    const driven = this.#sides.get(kind);
    if (driven === undefined) ignore('not-open');
    else driven.handle(datagram, smsPeer(from), this.#surroundings.now());
  }

  /** What is not known to have failed may have arrived: the deadline of the role decides. */
  #settled({ id, state, spent, reason = '' }: OutboxEntry): void {
    const dispatched = this.#dispatched.get(id);
    this.#dispatched.delete(id);
    if (dispatched === undefined || (state !== 'failed' && state !== 'expired')) return;
    const { driven, peer, datagram } = dispatched;
    driven.undelivered?.(peer, datagram, { isSent: spent > 0, reason }, this.#surroundings.now());
  }
}

/** What a shell needs of its binding. */
interface SideOwner {
  readonly number: string;
  readonly surroundings: SmsSurroundings;
  readonly flush: () => void;
  readonly close: () => Promise<void>;
}

/** One side of an open binding. */
class SmsShell implements Shell {
  readonly local: Shell['local'];
  readonly random: Random;
  readonly #owner: SideOwner;
  #closed: Promise<void> | undefined;

  constructor(owner: SideOwner) {
    this.#owner = owner;
    this.random = owner.surroundings.random;
    this.local = { address: owner.number, port: 0, uri: `coap+sms://${owner.number}` };
  }

  now(): Instant {
    return this.#owner.surroundings.now();
  }

  flush(): void {
    if (this.#closed === undefined) this.#owner.flush();
  }

  peer(address: string): Peer {
    return smsPeer(parsePhoneNumber(address) ?? address);
  }

  resolve(host: string): Promise<Peer> {
    const number = parsePhoneNumber(host);
    if (number !== undefined) return Promise.resolve(smsPeer(number));
    return Promise.reject(new TransmissionError('not-sent', `${host} is no telephone number`));
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#closed ??= this.#owner.close();
    return this.#closed;
  }
}

function isDue(deadline: Instant | undefined, at: Instant): boolean {
  return deadline !== undefined && deadline <= at;
}

/** Whether a message of CoAP counts that is not protected. */
function isTaken(datagram: Uint8Array, unprotected: UnprotectedMessages): boolean {
  switch (unprotected) {
    case 'all':
      return true;
    case 'answers':
      return !isRequest(datagram);
    case 'triggers':
      return isTrigger(datagram);
    case 'none':
      return false;
  }
}
