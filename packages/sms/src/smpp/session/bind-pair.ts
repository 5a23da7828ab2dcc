import { type Signal, SignalSource } from '@dunlin/base';

import type { AwaitedReceipt, CarrierEvent, CarrierTrouble, RunningCarrier } from '../../carrier.ts';
import type { OutgoingShortMessage, ShortMessageId } from '../../short-message.ts';
import { AwaitedReceipts } from './awaited-receipts.ts';
import { newCounts, type SmppStatistics, type SmppStatus } from './session-status.ts';
import { smppLimitsDefaults, type SmppSessionOptions } from './smpp-options.ts';
import { SmppSession } from './smpp-session.ts';

/** What drives a session over a stream of its own. */
export type SessionDriver = (session: SmppSession) => RunningCarrier;

/** One bind of the two. */
interface Bind {
  readonly name: 'transmitter' | 'receiver';
  readonly session: SmppSession;
  readonly carrier: RunningCarrier;
  isUp: boolean;
}

/**
 * An account at a message centre that knows no transceivers, as one carrier: messages go out over a bind as transmitter,
 * and messages and receipts come over one as receiver (SMPP 3.4 §2.2). Each is lost and comes again by itself; messages
 * can be sent while both are there, so that nothing is asked for that could not be answered.
 */
export class BindPair implements RunningCarrier {
  readonly #transmitter: Bind;
  readonly #receiver: Bind;
  readonly #events = new SignalSource<CarrierEvent>();
  readonly #subscriptions: readonly Disposable[];

  /** Nothing happens before `start`. Throws a `UsageError` where the account cannot be written into commands. */
  constructor({ account, ...options }: Readonly<SmppSessionOptions>, drive: SessionDriver) {
    // What is submitted over one bind is told of over the other.
    const receipts = new AwaitedReceipts({ ...smppLimitsDefaults, ...options.limits });
    const shared = { receipts, counts: newCounts() };
    const bind = (name: Bind['name']): Bind => {
      const session = new SmppSession({ ...options, account: { ...account, bindMode: name } }, shared);
      return { name, session, carrier: drive(session), isUp: false };
    };
    this.#transmitter = bind('transmitter');
    this.#receiver = bind('receiver');
    this.#subscriptions = this.#binds.map((each) =>
      each.carrier.events.subscribe((event) => this.#take(each, event)),
    );
  }

  get events(): Signal<CarrierEvent> {
    return this.#events;
  }

  /** What the worse of the two is at. */
  get status(): SmppStatus {
    const statuses = this.#binds.map(statusOfBind);
    const worst = worstFirst.find((kind) => statuses.some((status) => status.kind === kind));
    return statuses.find(({ kind }) => kind === worst) ?? this.#transmitter.session.status;
  }

  get trouble(): CarrierTrouble | undefined {
    const { status } = this;
    return status.kind === 'waiting' ? status : undefined;
  }

  /** Counts of both together; messages wait for the transmitter only. */
  get statistics(): SmppStatistics {
    return this.#transmitter.session.statistics;
  }

  expect(awaited: AwaitedReceipt): void {
    this.#receiver.carrier.expect(awaited);
  }

  start(): void {
    for (const { carrier } of this.#binds) carrier.start();
  }

  submit(message: OutgoingShortMessage): void {
    const missing = this.#binds.find(({ isUp }) => !isUp);
    if (missing === undefined) this.#transmitter.carrier.submit(message);
    else {
      const reason = `the bind as ${missing.name} is not there`;
      this.#events.emit({ kind: 'refused', id: message.id, isTemporary: true, reason });
    }
  }

  acknowledge(id: ShortMessageId, answer: 'taken' | 'busy'): void {
    this.#receiver.carrier.acknowledge(id, answer);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#binds.map(({ carrier }) => carrier[Symbol.asyncDispose]()));
    for (const subscription of this.#subscriptions) subscription[Symbol.dispose]();
  }

  get #binds(): readonly [Bind, Bind] {
    return [this.#transmitter, this.#receiver];
  }

  #take(bind: Bind, event: CarrierEvent): void {
    switch (event.kind) {
      case 'up':
        bind.isUp = true;
        if (this.#binds.every(({ isUp }) => isUp)) this.#events.emit(event);
        return;
      case 'down':
        bind.isUp = false;
        this.#events.emit({ kind: 'down', reason: told(bind.name, event.reason) });
        return;
      case 'received':
      case 'accepted':
      case 'refused':
      case 'unknown':
      case 'receipt':
      case 'dropped':
        this.#events.emit(event);
    }
  }
}

const worstFirst: readonly SmppStatus['kind'][] = ['waiting', 'connecting', 'ending', 'stopped', 'bound'];

function statusOfBind({ name, session: { status } }: Bind): SmppStatus {
  return status.kind === 'waiting' ? { ...status, reason: told(name, status.reason) } : status;
}

function told(name: Bind['name'], reason: string): string {
  return `the bind as ${name}: ${reason}`;
}
